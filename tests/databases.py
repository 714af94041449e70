"""One fresh PostgreSQL database per test process, cloned from a migrated template.

The template is made by `manage.py migrate_database`, as a clinic's database is, once for each
state of the migrations; cloning it takes a tenth of a second.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE_PREFIX = "tremedy_template_"
TEST_PREFIX = "tremedy_test_"


def make_database() -> str:
    """Make this process's database, point both of Django's aliases at it, return its name."""
    name = f"{TEST_PREFIX}{os.getpid()}"
    with administrator() as admin:
        # Held to the end: a template in use by two processes at once cannot be cloned.
        admin.execute("SELECT pg_advisory_lock(hashtext('tremedy test template'))")
        if settings.LOCAL:
            drop_leftovers(admin)
        template = ensure_template(admin)
        drop(admin, name)
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name),
                sql.Identifier(template),
                sql.Identifier(settings.DATABASES["owner"]["USER"]),
            )
        )
    point_django_at(name)
    return name


def commit_without_waiting(name: str) -> None:
    """Let the commits of that database not wait for the disk: no test lets this server crash."""
    with administrator() as admin:
        admin.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name))
        )


def drop_database(name: str) -> None:
    connections.close_all()
    with administrator() as admin:
        drop(admin, name)


def ensure_template(admin: psycopg.Connection[Any]) -> str:
    """The name of a database migrated to exactly the migrations in this tree."""
    name = TEMPLATE_PREFIX + schema_digest()
    if name in database_names(admin, TEMPLATE_PREFIX):
        return name
    for outdated in database_names(admin, TEMPLATE_PREFIX):
        drop(admin, outdated)
    unfinished = f"{TEMPLATE_PREFIX}unfinished"
    point_django_at(unfinished)
    call_command("migrate_database", verbosity=0)
    connections.close_all()
    admin.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(unfinished), sql.Identifier(name)
        )
    )
    return name


def schema_digest() -> str:
    """A name for the state of everything that decides what a fresh database holds."""
    digest = hashlib.sha256()
    for path in sorted(
        [
            *ROOT.glob("*/migrations/*.py"),
            ROOT / "config" / "settings.py",
            ROOT / "config" / "database_roles.py",
            ROOT / "requirements" / "base.txt",
        ]
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def drop_leftovers(admin: psycopg.Connection[Any]) -> None:
    """Drop what killed test runs on this machine left behind."""
    for name in database_names(admin, TEST_PREFIX):
        number = name.removeprefix(TEST_PREFIX)
        if number.isdigit() and not psutil.pid_exists(int(number)):
            drop(admin, name)


def drop(admin: psycopg.Connection[Any], name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def database_names(admin: psycopg.Connection[Any], prefix: str) -> list[str]:
    rows = admin.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
    return [name for (name,) in rows]


def point_django_at(name: str) -> None:
    connections.close_all()
    for alias in ("default", "owner"):
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


def database_url(alias: str) -> str:
    """The address of the database that Django uses now under that alias."""
    database = settings.DATABASES[alias]
    who = ":".join(
        quote(part, safe="") for part in (database["USER"], database["PASSWORD"]) if part
    )
    where = quote(database["HOST"], safe="") + (f":{database['PORT']}" if database["PORT"] else "")
    return f"postgresql://{who}@{where}/{database['NAME']}"


@contextmanager
def administrator(database: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    """A connection to that database, or to the one that DATABASE_ADMIN_URL names."""
    other = {"dbname": database} if database else {}
    with psycopg.connect(settings.DATABASE_ADMIN_URL, autocommit=True, **other) as connection:
        yield connection


#: Locked first, so that what another thread has begun ends before and is emptied with the rest.
EMPTY = """
DO $$
DECLARE
    one regclass;
    filled boolean;
BEGIN
    FOR one IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> ALL (
            ARRAY['django_migrations', 'django_content_type', 'auth_permission'])
        ORDER BY oid
    LOOP
        EXECUTE format('LOCK TABLE %s IN EXCLUSIVE MODE', one);
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %s', one);
        END IF;
    END LOOP;
END
$$
"""


def empty() -> None:
    """Take out every row that the migrations did not bring.

    Only rows are deleted, where there are any: a TRUNCATE makes new files for each table and index
    of the schema, and a flush writes all permissions anew.
    """
    # As a replica, which checks no foreign key and starts no trigger: history may not be deleted.
    with administrator(settings.DATABASES["default"]["NAME"]) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(EMPTY)
