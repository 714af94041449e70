import pytest
from django.db import DatabaseError, connection, transaction

pytestmark = pytest.mark.django_db


def test_the_application_is_neither_owner_nor_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scheduling_event SET id = id",
        "DELETE FROM scheduling_event",
        "TRUNCATE scheduling_event",
        "DROP TABLE scheduling_event",
        "ALTER TABLE scheduling_event DISABLE TRIGGER ALL",
        "CREATE TABLE elsewhere (id int)",
        "DELETE FROM django_migrations",
    ],
)
def test_history_cannot_be_rewritten(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_events_can_be_read_and_appended() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('scheduling_event', 'SELECT'),"
            " has_table_privilege('scheduling_event', 'INSERT')"
        )
        assert cursor.fetchone() == (True, True)


def test_ordinary_tables_can_be_changed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_session SET session_key = session_key")
        cursor.execute("DELETE FROM django_session")
