"""Two database roles: one owns the schema, the other runs the application and owns nothing.

The application's role reads and writes rows, but only appends to the tables of
settings.APPEND_ONLY_TABLES: a fault in the application cannot rewrite history.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from django.db.backends.utils import CursorWrapper
from psycopg import sql


def make_roles_and_database(
    admin_url: str, *, app: Mapping[str, Any], owner: Mapping[str, Any]
) -> None:
    """Make both roles and the database where they are missing, connecting as an administrator.

    `app` and `owner` are entries of Django's DATABASES. An existing role keeps its password.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for role in (owner, app):
            make_role(connection, role["USER"], role["PASSWORD"])
        make_database(connection, owner["NAME"], owner=owner["USER"])


def make_role(connection: psycopg.Connection[Any], name: str, password: str) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        return
    create = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
    alter = sql.SQL("ALTER ROLE {} PASSWORD {}")
    with connection.transaction():
        connection.execute(create.format(sql.Identifier(name)))
        if password:
            connection.execute(alter.format(sql.Identifier(name), sql.Literal(password)))


def make_database(connection: psycopg.Connection[Any], name: str, *, owner: str) -> None:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(owner)
            )
        )


def grant_to_app(cursor: CursorWrapper, *, app_role: str, append_only: Iterable[str]) -> None:
    """Let the application's role work with rows of the public schema; `cursor` is the owner's.

    To be called in a transaction, so that no moment exists in which history could be rewritten.
    Raises ProgrammingError where an append-only table does not exist: a typing mistake would
    leave history unguarded.
    """
    role = sql.Identifier(app_role)
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
    ):
        cursor.execute(sql.SQL(statement).format(role=role))
    for table in append_only:
        statement = "REVOKE UPDATE, DELETE ON {table} FROM {role}"
        cursor.execute(sql.SQL(statement).format(table=sql.Identifier(table), role=role))


def drop_database(admin_url: str, name: str) -> None:
    """Throw a database away, with whatever is connected to it. Nothing happens where it is not."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
