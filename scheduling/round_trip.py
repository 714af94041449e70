"""Several statements in one trip to the database: who queues for a lock waits for every trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

Rows = list[tuple[Any, ...]]


def ask(statements: Sequence[str], values: Mapping[str, Any]) -> list[Rows]:
    """The rows of each statement, in order. They run one after the other, and each sees what was
    committed before it began. `values` are named by `%(name)s` in any of them."""
    answers: list[Rows] = []
    with connection.cursor() as cursor:
        cursor.execute(";".join(statements), dict(values))
        while True:
            answers.append(cursor.fetchall() if cursor.description else [])
            if not cursor.nextset():
                return answers
