"""Single sessions: booked, moved alone or with the rest, cancelled, followed through the day."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from accounts.models import Patient
from scheduling.models import Appointment
from tests.factories import Clinic, at, make_clinic, make_protocol_version
from tests.scheduling.api.booking import book, session, tag
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db(transaction=True)
EVALUATION = {"service": "evaluation", "site": "main", "start": "2026-12-01T09:00:00-07:00"}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clinic(db: None) -> Clinic:
    make_protocol_version("trd_iv6")
    return make_clinic()


def later(start: str, days: int) -> str:
    return (datetime.fromisoformat(start) + days * DAY).isoformat()


def test_openings_name_who_could_give_them(anonymous: Caller, clinic: Clinic) -> None:
    answer = anonymous.get(
        "openings/",
        **{"service": "therapy", "site": "main", "from": "2026-12-01", "to": "2026-12-02"},
    ).json()

    assert (answer["timezone"], answer["service"]) == ("America/Denver", "therapy")
    assert answer["openings"][0] == {
        "start": "2026-12-01T08:00:00-07:00",
        "end": "2026-12-01T08:50:00-07:00",
        "practitioners": [
            {"role": "therapist", "id": str(one.pk), "name": one.name} for one in clinic.therapists
        ],
    }
    assert answer["openings"][-1]["end"] == "2026-12-01T17:00:00-07:00"


@pytest.mark.parametrize("bookings", [1, 3])
def test_openings_of_four_weeks_take_six_queries_at_most(
    owner: Caller, django_assert_max_num_queries: object, bookings: int
) -> None:
    for hour in range(bookings):
        body = EVALUATION | {"start": f"2026-12-01T{9 + 2 * hour:02}:00:00-07:00"}
        assert owner.post("appointments/", body, key=str(hour)).status_code == 201

    with django_assert_max_num_queries(6):
        Caller().get(
            "openings/",
            **{"service": "infusion", "site": "main", "from": "2026-12-01", "to": "2026-12-29"},
        )


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"to": "2026-11-30"}, 400, "to"),
        ({"to": "2027-12-01"}, 400, "to"),
        ({"from": "2026-12-01T09:00"}, 400, "from"),
        ({"from": "9999-12-31"}, 400, "from"),
        ({"practitioner": "nobody"}, 400, "practitioner"),
        ({"service": ""}, 400, "service"),
        ({"service": "a\x00b"}, 400, "service"),
    ],
)
def test_openings_of_a_period_that_cannot_be_meant(
    anonymous: Caller, query: dict[str, str], status: int, field: str
) -> None:
    usual = {"service": "therapy", "site": "main", "from": "2026-12-01", "to": "2026-12-02"}

    answer = anonymous.get("openings/", **(usual | query))

    assert (answer.status_code, list(answer.json()["errors"])) == (status, [field])


@pytest.mark.parametrize(
    "query", [{"service": "nothing"}, {"site": "nowhere"}, {"practitioner": str(uuid4())}]
)
def test_openings_of_what_is_not_there(anonymous: Caller, query: dict[str, str]) -> None:
    usual = {"service": "therapy", "site": "main", "from": "2026-12-01", "to": "2026-12-02"}

    answer = anonymous.get("openings/", **(usual | query))

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown")


def test_a_patient_books_an_evaluation_and_sees_its_history(owner: Caller) -> None:
    booked = owner.post("appointments/", EVALUATION, key="one")

    appointment = booked.json()
    assert (booked.status_code, appointment["status"], appointment["care_plan"]) == (
        201,
        "booked",
        None,
    )
    assert appointment["end"] == "2026-12-01T10:00:00-07:00"
    assert appointment["allowed"] == ["reschedule", "cancel"]
    history = owner.get(f"appointments/{appointment['id']}/events/").json()["results"]
    assert [event["verb"] for event in history] == ["booked"]


def test_a_patient_never_books_a_treatment_alone(owner: Caller) -> None:
    answer = owner.post("appointments/", EVALUATION | {"service": "infusion"}, key="one")

    assert (answer.status_code, answer.json()["code"]) == (422, "needs_plan")


@pytest.mark.parametrize(
    ("start", "status", "code"),
    [
        ("2026-11-20T09:00:00-07:00", 422, "in_the_past"),
        ("2026-12-01T09:01:00-07:00", 422, "off_grid"),
        ("2030-12-02T09:00:00-07:00", 422, "beyond_horizon"),
        ("2026-12-01T03:00:00-07:00", 409, "outside_hours"),
        ("2026-12-01T09:00:00", 400, "invalid"),
    ],
)
def test_a_start_that_cannot_be(owner: Caller, start: str, status: int, code: str) -> None:
    answer = owner.post("appointments/", EVALUATION | {"start": start}, key="one")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Appointment.objects.exists()


def test_a_time_that_was_taken_comes_with_others(owner: Caller, stranger: Caller) -> None:
    owner.post("appointments/", EVALUATION, key="one")

    answer = stranger.post("appointments/", EVALUATION, key="one")

    assert (answer.status_code, answer.json()["code"]) == (409, "taken")
    [starts] = answer.json()["alternatives"].values()
    assert starts


def test_the_rest_of_a_course_follows_with_the_least_change(owner: Caller) -> None:
    plan = book(owner)
    third = session(plan, "inf.3")
    path = f"appointments/{third['id']}"
    openings = owner.get(
        f"{path}/openings/",
        **{"from": third["start"][:10], "to": later(third["start"], 30)[:10]},
    ).json()["openings"]
    wanted = later(third["start"], 7)
    move = {"start": wanted, "cascade": "least_change"}

    alone = owner.post(f"{path}/reschedule/", {"start": wanted}, match=tag(third))
    rehearsed = owner.post(f"{path}/reschedule/", move | {"dry_run": True}).json()
    moved = owner.post(f"{path}/reschedule/", move, match=tag(third))

    assert wanted not in {opening["start"] for opening in openings}
    assert (alone.status_code, alone.json()["code"]) == (422, "gap")
    assert [one["step"] for one in alone.json()["least_change"]] == [
        one["step"] for one in rehearsed["moved"]
    ]
    assert (moved.status_code, moved.json()["moved"]) == (200, rehearsed["moved"])
    assert moved.json()["appointment"]["start"] == wanted
    assert len(moved.json()["moved"]) > 1
    assert moved["ETag"] != tag(third)


def test_past_a_maximum_a_single_move_is_a_warning_and_a_task(
    owner: Caller, prescriber: Caller
) -> None:
    plan = book(owner)
    last = session(plan, "integ.4")
    move = {"start": later(last["start"], 14)}

    moved = owner.post(f"appointments/{last['id']}/reschedule/", move, match=tag(last))

    assert moved.status_code == 200, moved.json()
    assert [one["code"] for one in moved.json()["warnings"]] == ["window"]
    [listed] = owner.get("care-plans/").json()["results"]
    assert [one["step"] for one in listed["warnings"]] == ["integ.4"]
    kinds = {task["kind"] for task in prescriber.get("staff-tasks/").json()["results"]}
    assert "gap_exceeded" in kinds


def test_a_session_moves_to_any_start_it_is_offered(owner: Caller) -> None:
    plan = book(owner)
    review = session(plan, "review.1")
    path = f"appointments/{review['id']}"
    day = review["start"][:10]
    starts = [
        opening["start"]
        for opening in owner.get(
            f"{path}/openings/", **{"from": day, "to": later(review["start"], 1)[:10]}
        ).json()["openings"]
    ]

    answers = [
        owner.post(f"{path}/reschedule/", {"start": start, "dry_run": True}).status_code
        for start in starts
    ]

    assert starts
    assert set(answers) == {200}


def test_cancelling_says_whether_it_was_late(
    owner: Caller, clock: time_machine.Coordinates
) -> None:
    appointment = owner.post("appointments/", EVALUATION, key="one").json()
    clock.move_to(at("2026-11-30 15:00"))
    owner.sign_in()
    path = f"appointments/{appointment['id']}/cancel/"

    wrong = owner.post(path, {"reason": "tired"}, match=tag(appointment))
    cancelled = owner.post(path, {"reason": "unwell"}, match=tag(appointment)).json()

    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["reason"])
    assert (cancelled["status"], cancelled["late"], cancelled["allowed"]) == (
        "cancelled",
        True,
        [],
    )


def test_a_session_is_followed_through_the_day_by_staff(
    owner: Caller,
    front_desk: Caller,
    prescriber: Caller,
    clock: time_machine.Coordinates,
) -> None:
    appointment = owner.post("appointments/", EVALUATION, key="one").json()
    path = f"appointments/{appointment['id']}/transition/"
    clock.move_to(at("2026-12-01 08:55"))
    for caller in (owner, front_desk, prescriber):
        caller.sign_in()

    by_patient = owner.post(path, {"to": "arrived"}, match=tag(appointment))
    arrived = front_desk.post(path, {"to": "arrived"}, match=tag(appointment)).json()
    impossible = front_desk.post(path, {"to": "fulfilled"}, match=tag(arrived))
    begun = prescriber.post(path, {"to": "in_progress"}, match=tag(arrived)).json()

    assert by_patient.status_code == 403
    assert "in_progress" not in arrived["allowed"]
    assert (impossible.status_code, impossible.json()["code"]) == (409, "wrong_state")
    assert begun["status"] == "in_progress"


def test_a_treatment_does_not_start_while_a_gate_stands(
    owner: Caller, prescriber: Caller, clock: time_machine.Coordinates
) -> None:
    infusion = session(book(owner), "inf.1")
    clock.move_to(datetime.fromisoformat(infusion["start"]) - timedelta(minutes=5))
    prescriber.sign_in()
    path = f"appointments/{infusion['id']}/transition/"

    arrived = prescriber.post(path, {"to": "arrived"}, match=tag(infusion)).json()
    answer = prescriber.post(path, {"to": "in_progress"}, match=tag(arrived))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "gate_open")
    assert {one["gate"] for one in problem["refusals"] if one["code"] == "gate_open"} >= {
        "consent",
        "ride",
    }


def test_a_gate_of_one_session_is_closed(owner: Caller, front_desk: Caller) -> None:
    infusion = session(book(owner), "inf.1")

    answer = front_desk.put(
        f"appointments/{infusion['id']}/gates/ride/",
        {"status": "closed", "note": "Sister, 303 555 0100"},
        match=tag(infusion),
    )

    assert {gate["code"]: gate["status"] for gate in answer.json()["gates"]}["ride"] == "closed"


def test_somebody_elses_session_looks_like_none(owner: Caller, stranger: Caller) -> None:
    appointment = owner.post("appointments/", EVALUATION, key="one").json()

    for path in ("", "events/", "openings/?from=2026-12-01&to=2026-12-02"):
        foreign = stranger.get(f"appointments/{appointment['id']}/{path}")
        absent = stranger.get(f"appointments/{uuid4()}/{path}")

        assert foreign.status_code == absent.status_code == 404
        assert foreign.json() == absent.json()
    assert stranger.get("appointments/").json()["results"] == []


@pytest.mark.parametrize("sessions", [1, 3])
def test_sessions_are_listed_by_time_resource_and_state_in_constant_queries(
    owner: Caller,
    owner_patient: Patient,
    clinic: Clinic,
    sessions: int,
    django_assert_num_queries: object,
) -> None:
    for hour in range(sessions):
        body = EVALUATION | {"start": f"2026-12-01T{9 + 2 * hour:02}:00:00-07:00"}
        owner.post("appointments/", body, key=str(hour))
    owner.post("appointments/", EVALUATION | {"start": "2026-12-03T09:00:00-07:00"}, key="x")

    with django_assert_num_queries(7):
        listed = owner.get(
            "appointments/",
            **{
                "from": "2026-12-01",
                "to": "2026-12-02",
                "resource": str(clinic.prescriber.pk),
                "status": "booked",
            },
        )

    assert len(listed.json()["results"]) == sessions


@pytest.mark.parametrize("sessions", [1, 3])
def test_the_board_shows_a_day_and_answers_304_while_nothing_changes(
    front_desk: Caller, owner: Caller, sessions: int, django_assert_num_queries: object
) -> None:
    for hour in range(sessions):
        body = EVALUATION | {"start": f"2026-12-01T{9 + 2 * hour:02}:00:00-07:00"}
        owner.post("appointments/", body, key=str(hour))

    with django_assert_num_queries(14):
        answer = front_desk.get("board/", site="main", date="2026-12-01")
    again = front_desk.send(
        "GET", "board/?site=main&date=2026-12-01", "", headers={"If-None-Match": answer["ETag"]}
    )

    column = next(one for one in answer.json()["resources"] if one["name"] == "Dr Pell")
    assert column["hours"] == [
        {"start": "2026-12-01T08:00:00-07:00", "end": "2026-12-01T17:00:00-07:00"}
    ]
    assert len(column["appointments"]) == len(column["entries"]) == sessions
    assert (again.status_code, again.content) == (304, b"")
    assert owner.get("board/", site="main", date="2026-12-01").status_code == 403
