"""Several statements in one trip to the database: who queues for a lock waits for every trip.

Each statement is prepared once per connection, and planned as seldom as PostgreSQL thinks fit:
planning costs more than running where a handful of rows is found by a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection, transaction
from django.db.models import Model

Rows = list[tuple[Any, ...]]
AnyModel = TypeVar("AnyModel", bound=Model)
BEGIN, COMMIT = BOUNDS = ("BEGIN", "COMMIT")
_VALUE = re.compile(r"%\((\w+)\)s")
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""What each connection (psycopg's own) has prepared. It lasts as long as the connection does."""


def ask(statements: Sequence[str], values: Mapping[str, Any]) -> list[Rows]:
    """The rows of each statement, in order.

    They run one after the other, and each sees what was committed before it began. `values` are
    named by `%(name)s` in any of them. Each statement answers with rows, if only with none, and
    names its columns: `*` would fail once a migration has added one.
    """
    prepare([one for one in statements if one not in BOUNDS])
    answers: list[Rows] = []
    with connection.cursor() as cursor:
        cursor.execute(";".join(map(execution, statements)), dict(values))
        found = cursor.cursor  # psycopg's own: Django's wrapper costs as much as a small answer
        with connection.wrap_database_errors:
            while True:
                answers.append([] if found.description is None else found.fetchall())
                if not found.nextset():
                    return answers


@contextmanager
def bounds() -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """A transaction whose ends travel with its statements, where each would be a trip of its own.
    Gives what the first `ask` in it begins with and what the last one ends with: nothing inside a
    test's transaction, which neither begins nor ends here."""
    nested = connection.in_atomic_block
    with transaction.atomic(durable=True):
        if nested:
            yield (), ()
            return
        connection.connection.autocommit = True  # or psycopg would send a BEGIN before ours
        yield (BEGIN,), (COMMIT,)


def prepare(statements: Sequence[str]) -> None:
    """Prepare what this connection does not know yet. No part of any request's own queries."""
    # What Django would do for the cursor below: a connection found dead there would be replaced by
    # one that has nothing prepared.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    known = _prepared.setdefault(connection.connection, set())
    new = [one for one in dict.fromkeys(statements) if one not in known]
    if new:
        with connection.wrap_database_errors:
            for statement in new:
                connection.connection.execute(preparation(statement))
                known.add(statement)


def preparation(statement: str) -> str:
    """The statement under its name, its values numbered as they first appear."""
    names = value_names(statement)
    numbered = _VALUE.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
    return f"PREPARE {name_of(statement)} AS {numbered}"


@cache
def execution(statement: str) -> str:
    """The prepared statement called with its values."""
    if statement in BOUNDS:
        return statement
    names = value_names(statement)
    values = f" ({', '.join(f'%({name})s' for name in names)})" if names else ""
    return f"EXECUTE {name_of(statement)}{values}"


def value_names(statement: str) -> list[str]:
    """The names of its values, each once, as they first appear."""
    return list(dict.fromkeys(_VALUE.findall(statement)))


def name_of(statement: str) -> str:
    """A name that only this statement has."""
    return f"ask_{blake2b(statement.encode(), digest_size=12).hexdigest()}"


@cache
def columns(model: type[Model], table: str) -> str:
    """The columns of a model as `table`, in the order in which `row_of` wants them."""
    return ", ".join(f'{table}."{field.column}"' for field in model._meta.concrete_fields)


def row_of(model: type[AnyModel], values: Sequence[Any]) -> AnyModel:
    """A row of the model from the values of its `columns`."""
    names, readers = _fields_of(model)
    if readers:
        values = list(values)
        for index, read in readers:
            values[index] = read(values[index], None, connection)
    return model.from_db(connection.alias, names, values)


def rows_of(models: Sequence[type[Model]], values: Sequence[Any]) -> list[Any]:
    """Rows of several models whose `columns` stand side by side; None where an outer join found
    nothing."""
    found: list[Any] = []
    first = 0
    for model in models:
        names, _readers = _fields_of(model)
        own = values[first : first + len(names)]
        first += len(names)
        found.append(None if all(value is None for value in own) else row_of(model, own))
    return found


@cache
def _fields_of(model: type[Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """Their names, and what makes a value of what the database keeps, where something must."""
    fields = model._meta.concrete_fields
    readers = [
        (index, read)
        for index, field in enumerate(fields)
        for read in field.get_db_converters(connection)
    ]
    return [field.attname for field in fields], readers
