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
    """One statement for all the rows of a model."""
    fields = [
        field
        for field in rows[0]._meta.local_concrete_fields
        if not isinstance(field, AutoField)
        and not isinstance(getattr(rows[0], field.attname), DatabaseDefault)
    ]
    query = InsertQuery(type(rows[0]))
    query.insert_values(fields, list(rows))
    [(statement, parameters)] = query.get_compiler(connection=connection).as_sql()
    return statement, list(parameters)
