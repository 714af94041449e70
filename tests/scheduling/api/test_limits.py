"""Requests that meet themselves, come too often, or find the database gone."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.http import HttpResponse

from scheduling.api.searches import SearchThrottle
from scheduling.models import Appointment, IdempotencyRecord
from scheduling.operations.atomic import booking_transaction
from tests.factories import make_clinic, make_protocol_version
from tests.scheduling.api.booking import SEARCH
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db(transaction=True)
EVALUATION = {"service": "evaluation", "site": "main", "start": "2026-12-01T09:00:00-07:00"}


def test_a_request_that_is_still_running_is_not_started_again(owner: Caller) -> None:
    lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
    name = f"idempotency {owner.user.pk} POST /api/v1/appointments/ same"
    answers: list[HttpResponse] = []

    def repeat() -> None:
        answers.append(owner.post("appointments/", EVALUATION, key="same"))
        connections.close_all()

    with booking_transaction(), connection.cursor() as cursor:
        cursor.execute(lock, [name])
        thread = Thread(target=repeat)
        thread.start()
        thread.join()

    [answer] = answers
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_running")


def test_many_copies_of_one_request_book_once(owner: Caller) -> None:
    make_protocol_version("trd_iv6")
    make_clinic()
    start, answers = Barrier(6), []

    def send() -> None:
        copy = Caller(owner.user)
        start.wait()
        answers.append(copy.post("appointments/", EVALUATION, key="same"))
        connections.close_all()

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "idempotency_running"
    }
    assert Appointment.objects.count() == IdempotencyRecord.objects.count() == 1


def test_searching_too_often_is_answered_with_when_to_come_back(
    anonymous: Caller, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SearchThrottle, "rate", "2/min", raising=False)
    cache.clear()

    answers = [anonymous.post("course-searches/", SEARCH) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[2].json()["code"] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert owner.post("course-searches/", SEARCH).status_code == 400, "nothing is there"
    cache.clear()


def test_a_lost_database_answers_503_with_when_to_come_back(anonymous: Caller) -> None:
    connection.ensure_connection()
    connection.connection.close()  # what a restart of the server leaves behind

    answer = anonymous.get("sites/")

    connection.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer["Retry-After"] == "1"
    assert anonymous.get("sites/").status_code == 200
