"""The transaction in which a booking is written, and what is done when the database objects."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import Error, connection, transaction
from django.db.models import Model

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.operations import violations
from scheduling.operations.insert import insert

ATTEMPTS = 4
LOOKS = 3
"""Once as asked, and twice more with other units where somebody was quicker."""
PAUSE_SECONDS = 0.02

Result = TypeVar("Result")
Rows = Sequence[Model]
_last: ContextVar[list[Rows] | None] = ContextVar("last", default=None)
"""Rows that the transaction under way writes at its end; None outside `run`."""


class OvertakenError(Exception):
    """Between planning and locking somebody else took one of the units."""


@contextmanager
def booking_transaction() -> Iterator[None]:
    """A transaction that has reached the disk when it ends.

    Inside a caller's own transaction it is a savepoint, and what the database checks at commit is
    checked at its end, where a violation can still be refused.
    """
    if not connection.in_atomic_block:
        with transaction.atomic(durable=True):
            yield
        return
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def run(work: Callable[[], Result]) -> Result:
    """Do `work` in a booking transaction, again from its start where others were in the way.

    Deadlocks, lock timeouts and lost races are tried anew; what is still in the way then, and
    every other rule the database holds, becomes the refusal that a check would have given.
    Inside another `run` (an idempotent request) the two are one: no savepoint, no trip more while
    others wait for the locks, and the outer one tries again. Raises Refused; database errors that
    are no refusal pass through.
    """
    if _last.get() is not None:
        return work()
    overtaken = 0
    for attempt in range(1, ATTEMPTS + LOOKS):
        last: list[Rows] = []
        token = _last.set(last)
        try:
            with booking_transaction():
                result = work()
                insert(*last)
            return result
        except OvertakenError as error:
            overtaken += 1
            if overtaken == LOOKS:
                raise Refused([refuse(Code.BUSY)]) from error
            continue
        except Error as error:
            found = violations.read(error)
            if found is None:
                raise
            if not found.again or attempt - overtaken == ATTEMPTS:
                raise Refused([found.refusal]) from error
        finally:
            _last.reset(token)
        time.sleep(random.uniform(0, PAUSE_SECONDS * attempt))  # noqa: S311 - jitter, no secret
    raise AssertionError("unreachable")


def insert_last(*tables: Rows) -> None:
    """Insert the rows at the end of the transaction of `run`, with all others that wait for it, in
    one round trip. Until then the database does not know them. Each argument holds rows of one
    model."""
    last = _last.get()
    if last is None:
        raise RuntimeError("there is no booking transaction under way")
    last += tables


def insert_waiting() -> None:
    """Insert now what waits for the end of the transaction of `run`: somebody reads it first."""
    last = _last.get() or []
    waiting = list(last)
    last.clear()
    insert(*waiting)
