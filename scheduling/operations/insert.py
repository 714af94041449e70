"""Write new rows of several tables in one round trip.

A booking writes four tables while others queue for its locks; each further round trip makes all
of them wait. Django's own compiler makes the statements, psycopg sends them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import AutoField, Model
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import InsertQuery

Form = tuple[str, str, tuple[Any, ...]]
"""A statement up to its values, the form of one row, and the fields whose values stand in it."""
_forms: dict[tuple[type[Model], tuple[str, ...]], Form] = {}
"""Made once for each set of columns: making one costs as much as sending the row."""


def insert(*tables: Sequence[Model]) -> None:
    """Insert the rows, in this order; each argument holds rows of one model.

    Keys that the database gives are not read back, nor are its defaults. Raises IntegrityError.
    """
    statements: list[str] = []
    values: list[Any] = []
    for rows in tables:
        if rows:
            statement, parameters = compiled(rows)
            statements.append(statement)
            values += parameters
    if statements:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(statements), values)
    for table in tables:
        for row in table:
            row._state.adding, row._state.db = False, connection.alias


def compiled(rows: Sequence[Model]) -> tuple[str, list[Any]]:
    """One statement for all the rows of a model, and its values."""
    model = type(rows[0])
    names = tuple(
        field.attname
        for field in model._meta.local_concrete_fields
        if not isinstance(field, AutoField)
        and not isinstance(getattr(rows[0], field.attname), DatabaseDefault)
    )
    if (model, names) not in _forms:
        _forms[model, names] = _form(rows[0], names)
    beginning, row_form, fields = _forms[model, names]
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)
        for row in rows
        for field in fields
    ]
    return f"{beginning} VALUES {', '.join([row_form] * len(rows))}", values


def _form(row: Model, names: tuple[str, ...]) -> Form:
    """What Django's compiler makes of an insert of such a row into these columns."""
    fields = [field for field in row._meta.local_concrete_fields if field.attname in names]
    query = InsertQuery(type(row))
    query.insert_values(fields, [row])
    [(statement, _)] = query.get_compiler(connection=connection).as_sql()
    beginning, _, row_form = statement.partition(" VALUES ")
    return beginning, row_form, tuple(fields)
