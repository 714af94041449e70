"""Closures: who may, and every session they affect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from scheduling import snapshots
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, Closure, Event, Resource, Service, StaffTask
from scheduling.operations.close import Closed, close
from scheduling.operations.reopen import reopen
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_appointment,
    make_meeting,
    make_patient,
    make_person,
)
from tests.scheduling.operations.care import (
    EVERY_ROLE,
    actor,
    load_clinic,
    make_course,
    make_infusion,
    make_talk,
)

pytestmark = pytest.mark.django_db

START, END = at("2026-12-01 09:00"), at("2026-12-01 12:00")


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


def shut(
    resource: Resource,
    start: object = START,
    end: object = END,
    seen: snapshots.Snapshot | None = None,
) -> Closed:
    return close(
        actor=actor("manager"),
        resource=resource,
        start=start,  # type: ignore[arg-type]
        end=end,  # type: ignore[arg-type]
        reason="repair",
        seen=seen,
        now=NOW,
    )


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_front_desk_and_managers_close_and_reopen(clinic: Clinic, role: str) -> None:
    asked = {"site": clinic.site, "start": START, "end": END, "reason": "snow", "now": NOW}
    if role in {"front_desk", "manager"}:
        closed = close(actor=actor(role), **asked)  # type: ignore[arg-type]
        assert (closed.closure.site, closed.closure.opens) == (clinic.site, False)
        reopen(actor=actor(role), closure=closed.closure, now=NOW)
        assert list(Event.objects.values_list("verb", flat=True)) == ["closed", "reopened"]
    else:
        with pytest.raises(Refused, match=r"^not_allowed$"):
            close(actor=actor(role), **asked)  # type: ignore[arg-type]
        closure = shut(clinic.chairs[0]).closure
        with pytest.raises(Refused, match=r"^not_allowed$"):
            reopen(actor=actor(role), closure=closure, now=NOW)
        assert Closure.objects.get() == closure


def test_a_broken_chair_affects_who_sits_in_it_and_the_cleaning_after(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    before = make_infusion(plan, clinic, "inf.1", at("2026-11-30 09:00"))
    cleaned_in_it = make_infusion(
        make_course(make_patient("Grace"), clinic), clinic, "inf.1", at("2026-12-01 06:45")
    )
    sits_in_it = make_infusion(
        make_course(make_patient("Hedy"), clinic), clinic, "inf.1", at("2026-12-01 11:55")
    )
    make_infusion(
        make_course(make_patient("Mary"), clinic), clinic, "inf.1", at("2026-12-01 15:00")
    )
    make_talk(plan, clinic, "prep.1", START)

    closed = shut(clinic.chairs[0])

    assert closed.affected == [cleaned_in_it, sits_in_it]
    assert before not in closed.affected
    tasks = StaffTask.objects.filter(kind="session_in_closure")
    assert {task.appointment for task in tasks} == {cleaned_in_it, sits_in_it}
    assert {task.role for task in tasks} == {"front_desk"}
    event = Event.objects.get(verb="closed")
    assert event.facts["affected"] == [str(cleaned_in_it.pk), str(sits_in_it.pk)]


def test_periods_that_only_touch_do_not_affect(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    talk = make_talk(plan, clinic, "prep.1", START)  # 09:00-09:50

    assert shut(clinic.rooms[0], talk.end, END).affected == []
    assert shut(clinic.rooms[0], talk.start - timedelta(hours=1), talk.start).affected == []
    assert shut(clinic.rooms[0], talk.start, talk.start + timedelta(minutes=5)).affected == [talk]


def test_the_only_prescriber_away_affects_infusions_that_need_one_on_site(clinic: Clinic) -> None:
    infusion = make_infusion(make_course(make_patient(), clinic), clinic, "inf.1", START)
    make_talk(make_course(make_patient("Grace"), clinic), clinic, "prep.1", START)
    late = at("2026-12-01 11:00"), at("2026-12-01 11:30")

    assert shut(clinic.prescriber, *late).affected == [infusion]


def test_a_second_prescriber_on_site_is_enough(clinic: Clinic) -> None:
    make_person(clinic.site, "Dr Quist", "prescriber")
    make_infusion(make_course(make_patient(), clinic), clinic, "inf.1", START)

    assert shut(clinic.prescriber).affected == []


def test_a_second_prescriber_who_leaves_too_early_is_not(clinic: Clinic) -> None:
    make_person(clinic.site, "Dr Quist", "prescriber", hours=("08:00", "11:00"))
    infusion = make_infusion(make_course(make_patient(), clinic), clinic, "inf.1", START)

    assert shut(clinic.prescriber).affected == [infusion]


@pytest.mark.parametrize("meanwhile", [False, True])
def test_what_was_seen_of_the_clinic_counts_while_it_is_still_so(
    clinic: Clinic, meanwhile: bool
) -> None:
    other = make_person(clinic.site, "Dr Quist", "prescriber")
    infusion = make_infusion(make_course(make_patient(), clinic), clinic, "inf.1", START)
    seen = snapshots.current(clinic.site, NOW)
    if meanwhile:
        shut(other)
    queries: list[str] = []

    def count(execute: Any, sql: str, *others: Any) -> Any:
        queries.append(sql)
        return execute(sql, *others)

    with connection.execute_wrapper(count):
        closed = shut(clinic.prescriber, seen=seen)

    assert closed.affected == ([infusion] if meanwhile else [])
    assert any("scheduling_weeklyhours" in sql for sql in queries) is meanwhile


@pytest.mark.parametrize("who", ["coach", "group_room", "group"])
def test_a_meeting_without_coach_or_room_affects_every_seat(clinic: Clinic, who: str) -> None:
    service = Service.objects.get(slug="lifestyle_group")
    start = at("2026-12-01 17:30")
    make_meeting(clinic.group, service, clinic.coach, clinic.group_room, start)
    seat = make_appointment(make_patient(), service, clinic.site, start, [clinic.group], minutes=60)

    closed = shut(getattr(clinic, who), start, start + timedelta(minutes=30))

    assert closed.affected == [seat]


def test_snow_affects_the_whole_site(clinic: Clinic) -> None:
    infusion = make_infusion(make_course(make_patient(), clinic), clinic, "inf.1", START)
    talk = make_talk(
        make_course(make_patient("Grace"), clinic), clinic, "prep.1", at("2026-12-01 10:00")
    )
    make_talk(make_course(make_patient("Hedy"), clinic), clinic, "prep.1", END)

    closed = close(
        actor=actor("front_desk"), site=clinic.site, start=START, end=END, reason="snow", now=NOW
    )

    assert closed.affected == [infusion, talk]


@pytest.mark.parametrize("status", ["noshow", "fulfilled", "stopped"])
def test_what_is_over_is_not_affected(clinic: Clinic, status: str) -> None:
    talk = make_talk(make_course(make_patient(), clinic), clinic, "prep.1", START)
    Appointment.objects.filter(pk=talk.pk).update(status=status)

    assert shut(clinic.rooms[0]).affected == []


def test_reopening_settles_the_tasks_and_happens_once(clinic: Clinic) -> None:
    make_talk(make_course(make_patient(), clinic), clinic, "prep.1", START)
    closure = shut(clinic.rooms[0]).closure

    reopen(actor=actor("manager"), closure=closure, now=NOW)

    assert not Closure.objects.exists()
    assert StaffTask.objects.get().outcome == "reopened"
    with pytest.raises(Refused, match=r"^wrong_state$"):
        reopen(actor=actor("manager"), closure=closure, now=NOW)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (END, START, "unknown"),
        (START, START, "unknown"),
        (START, START + timedelta(days=367), "unknown"),
        (NOW - timedelta(hours=2), NOW, "in_the_past"),
    ],
)
def test_periods_that_make_no_sense(clinic: Clinic, start: object, end: object, code: str) -> None:
    with pytest.raises(Refused, match=f"^{code}$"):
        shut(clinic.rooms[0], start, end)
    assert not Closure.objects.exists()
