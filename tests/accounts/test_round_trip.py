"""Several statements in one trip, each prepared once for a connection."""

from __future__ import annotations

import select

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts.models import Patient, User
from accounts.round_trip import ask, bounds, columns, row_of, rows_of
from scheduling.models import Event
from tests.factories import NOW, make_patient, make_user

pytestmark = pytest.mark.django_db(transaction=True)
TWICE = "SELECT %(number)s::int + %(number)s::int"
WORD = "SELECT %(word)s::text, %(number)s::int"


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'ask_%'")
        return int(cursor.fetchone()[0])


def test_statements_answer_in_order_and_share_their_values() -> None:
    assert ask([TWICE, WORD, TWICE], {"number": 21, "word": "a'b"}) == [
        [(42,)],
        [("a'b", 21)],
        [(42,)],
    ]


def test_a_statement_is_prepared_once_for_each_connection() -> None:
    ask([TWICE], {"number": 1})
    before = prepared()
    ask([TWICE], {"number": 2})
    assert prepared() == before

    connections.close_all()

    assert ask([TWICE], {"number": 3}) == [[(6,)]]


def test_a_connection_that_died_between_two_requests_is_replaced_and_prepared_anew() -> None:
    connections.close_all()  # one of an earlier test may be near the end of its age
    ask([TWICE], {"number": 1})
    connection.close_if_unusable_or_obsolete()  # as a request ends
    assert connection.health_check_enabled
    died = select.poll()
    died.register(connection.connection.fileno(), select.POLLIN | select.POLLHUP)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    assert died.poll(10_000), "the server has not ended the connection"

    try:
        assert ask([TWICE], {"number": 2}) == [[(4,)]]
    finally:
        connections.close_all()  # whatever came of it, the next test begins with a living one


def test_what_a_rollback_takes_back_stays_prepared() -> None:
    """The server keeps it, so we must not prepare it a second time."""
    connections.close_all()
    with pytest.raises(DatabaseError), transaction.atomic():
        ask([TWICE, "SELECT 1 / %(number)s::int"], {"number": 0})

    assert ask([TWICE], {"number": 2}) == [[(4,)]]


def test_a_row_is_read_as_the_orm_would() -> None:
    ada, desk = make_patient(languages=["es", "en"]), make_user("desk@example.org", "front_desk")
    event = Event.objects.create(
        at=NOW, actor_label="sweep", verb="booked", patient=ada, facts={"from": [1, None]}
    )
    for model, table, known in (
        (Patient, "accounts_patient", Patient.objects.get(pk=ada.pk)),
        (User, "accounts_user", User.objects.get(pk=desk.pk)),
        (Event, "scheduling_event", Event.objects.get(pk=event.pk)),  # with a value kept as JSON
    ):
        by_key = f"SELECT {columns(model, 't')} FROM {table} t WHERE t.id = %(key)s"
        [[values]] = ask([by_key], {"key": known.pk})
        read = row_of(model, values)
        for field in model._meta.concrete_fields:
            assert getattr(read, field.attname) == getattr(known, field.attname), field


def test_several_rows_of_one_join_are_read_side_by_side() -> None:
    ada = make_patient()
    joined = f"""
    SELECT {columns(Patient, "p")}, {columns(User, "u")}
    FROM accounts_patient p LEFT JOIN accounts_user u ON u.id = p.user_id
    WHERE p.id = %(key)s
    """
    [[values]] = ask([joined], {"key": ada.pk})

    patient, user = rows_of([Patient, User], values)

    assert patient == ada
    assert user is None


WRITE = "UPDATE accounts_patient SET given_name = %(name)s::text WHERE id = %(key)s RETURNING id"


def seen_by_others(ada: Patient) -> str:
    query = "SELECT given_name FROM accounts_patient WHERE id = %s"
    with psycopg.connect(**connection.get_connection_params()) as other:
        return str(other.execute(query, [ada.pk]).fetchone()[0])


def test_a_transaction_begins_and_ends_with_its_own_statements() -> None:
    ada = make_patient("Ada")
    with bounds() as (begin, end):
        ask([*begin, WRITE], {"key": ada.pk, "name": "Grace"})
        assert seen_by_others(ada) == "Ada"
        ask([WRITE, *end], {"key": ada.pk, "name": "Otto"})
        assert seen_by_others(ada) == "Otto"
    assert connection.get_autocommit()


def test_whatever_fails_in_it_takes_back_all_of_it() -> None:
    ada = make_patient("Ada")

    def fail() -> None:
        with bounds() as (begin, end):
            ask([*begin, WRITE], {"key": ada.pk, "name": "Grace"})
            Patient.objects.filter(pk=ada.pk).update(family_name="Hopper")  # in the same one
            ask(["SELECT 1 / %(number)s::int", *end], {"number": 0})

    with pytest.raises(DatabaseError):
        fail()

    ada.refresh_from_db()
    assert (ada.given_name, ada.family_name) == ("Ada", "Byron")
    assert connection.get_autocommit()


def test_it_ends_by_itself_where_no_statement_ended_it() -> None:
    ada = make_patient("Ada")
    with bounds() as (begin, _end):
        ask([*begin, WRITE], {"key": ada.pk, "name": "Grace"})

    assert seen_by_others(ada) == "Grace"
