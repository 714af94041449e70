"""A closure takes a place or a person out of what is offered, and names whom that meets."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import Patient
from scheduling.models import Closure
from tests.factories import at, make_appointment, make_clinic, make_service, make_site
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sessions", [1, 3])
def test_closing_a_person_lists_the_sessions_that_stand_in_it(
    front_desk: Caller,
    owner_patient: Patient,
    sessions: int,
) -> None:
    clinic = make_clinic()
    therapist, room = clinic.therapists[0], clinic.rooms[0]
    for hour in range(sessions):
        make_appointment(
            owner_patient,
            make_service(),
            clinic.site,
            at(f"2026-12-01 {9 + hour:02}:00"),
            [therapist, room],
        )

    answer = front_desk.post(
        "closures/",
        {
            "resource": str(therapist.pk),
            "start": "2026-12-01T00:00:00-07:00",
            "end": "2026-12-02T00:00:00-07:00",
            "reason": "Ill",
        },
    )

    closed = answer.json()
    assert answer.status_code == 201
    assert closed["timezone"] == "America/Denver"
    assert closed["start"] == "2026-12-01T00:00:00-07:00"
    assert [row["start"] for row in closed["affected"]] == [
        f"2026-12-01T{9 + hour:02}:00:00-07:00" for hour in range(sessions)
    ]
    assert {part["name"] for part in closed["affected"][0]["participants"]} == {
        "Tess Stone",
        "Room 1",
    }


def test_a_reversed_period_is_refused(front_desk: Caller) -> None:
    make_site()

    answer = front_desk.post(
        "closures/",
        {
            "site": "main",
            "start": "2026-12-02T00:00:00-07:00",
            "end": "2026-12-01T00:00:00-07:00",
            "reason": "Snow",
        },
    )

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["end"])
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    "start", ["2026-12-01T00:00:00", "9999-12-31T23:59:59-07:00", "2026-02-30T00:00:00Z", "noon"]
)
def test_a_time_without_offset_or_beyond_the_calendar_is_refused(
    front_desk: Caller, start: str
) -> None:
    make_site()

    answer = front_desk.post(
        "closures/",
        {"site": "main", "start": start, "end": "2026-12-02T00:00:00-07:00", "reason": "Snow"},
    )

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["start"])


def test_what_is_not_there_cannot_be_closed(front_desk: Caller) -> None:
    answer = front_desk.post(
        "closures/",
        {
            "resource": str(uuid4()),
            "start": "2026-12-01T00:00:00-07:00",
            "end": "2026-12-02T00:00:00-07:00",
            "reason": "Ill",
        },
    )

    assert answer.status_code == 404


@pytest.mark.parametrize("person", ["owner", "nurse", "clinician", "prescriber"])
def test_only_desk_and_managers_close(person: str, request: pytest.FixtureRequest) -> None:
    make_site()
    caller = request.getfixturevalue(person)

    answer = caller.post(
        "closures/",
        {
            "site": "main",
            "start": "2026-12-01T00:00:00-07:00",
            "end": "2026-12-02T00:00:00-07:00",
            "reason": "Snow",
        },
    )

    assert answer.status_code == 403
    assert not Closure.objects.exists()
