"""The day board shows every resource of the site with its hours, closures and what takes it."""

from datetime import date, datetime, timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from scheduling.core.walltime import local
from scheduling.models import Appointment, Resource
from scheduling.selectors.board import Column, board
from tests.factories import (
    NOW,
    at,
    make_appointment,
    make_clinic,
    make_closure,
    make_meeting,
    make_patient,
    make_person,
    make_place,
    make_service,
    make_site,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)


def column_of(resource: Resource, day: date = DAY, now: datetime = NOW) -> Column:
    [found] = [c for c in board(resource.site, day, now).columns if c.resource == resource]
    return found


def clock(column: Column) -> list[str]:
    return [
        "-".join(f"{local(end, 'America/Denver'):%H:%M}" for end in span) for span in column.hours
    ]


def test_every_resource_is_a_column() -> None:
    clinic = make_clinic()
    make_person(make_site("other"), "Elsewhere", "nurse")

    names = [column.resource.name for column in board(clinic.site, DAY, NOW).columns]

    assert names == [
        "Cora Webb", "Dr Pell", "Max Young", "Nurse Quinn", "Nurse Reyes", "Tess Stone",
        "Toni Vega", "Chair 1", "Chair 2", "Group room", "Room 1", "Room 2", "Lifestyle group",
    ]  # fmt: skip


def test_hours_are_what_closures_leave() -> None:
    site = make_site(start="08:00", end="19:00")
    tess, room = make_person(site, "Tess", "therapist"), make_place(site, "Room", "therapy_room")
    leave = make_closure(tess, at("2026-12-01 12:00"), at("2026-12-01 13:00"))
    snow = make_closure(site, at("2026-12-01 16:00"), at("2026-12-02 08:00"))

    assert clock(column_of(tess)) == ["08:00-12:00", "13:00-16:00"]
    assert clock(column_of(room)) == ["08:00-16:00"]
    assert column_of(tess).closures == (snow, leave)
    assert column_of(room).closures == (snow,)
    assert clock(column_of(tess, date(2026, 12, 2))) == ["08:00-17:00"]


def test_an_extra_opening_opens_where_the_site_is_open_too() -> None:
    site = make_site()
    tess = make_person(site, "Tess", "therapist")
    saturday = date(2026, 12, 5)
    make_closure(tess, at("2026-12-05 09:00"), at("2026-12-05 15:00"), opens=True)
    assert clock(column_of(tess, saturday)) == []

    make_closure(site, at("2026-12-05 10:00"), at("2026-12-05 14:00"), opens=True)
    assert clock(column_of(tess, saturday)) == ["10:00-14:00"]


def test_a_group_is_open_at_its_meetings() -> None:
    clinic = make_clinic()
    service = make_service("lifestyle_group")
    start = at("2026-12-01 17:30")
    meeting = make_meeting(clinic.group, service, clinic.coach, clinic.group_room, start)

    assert clock(column_of(clinic.group)) == ["17:30-18:30"]
    [entry] = column_of(clinic.coach).entries
    assert entry.group_session == meeting


def test_appointments_stand_under_what_they_take() -> None:
    site = make_site()
    tess, room = make_person(site, "Tess", "therapist"), make_place(site, "Room", "therapy_room")
    therapy = make_service("therapy")
    visit = make_appointment(make_patient(), therapy, site, at("2026-12-01 09:00"), [tess])
    make_appointment(make_patient(), therapy, site, at("2026-12-02 09:00"), [tess])

    assert [entry.appointment for entry in column_of(tess).entries] == [visit]
    assert column_of(room).entries == ()
    assert list(board(site, DAY, NOW).appointments) == [visit]


def test_an_expired_hold_is_not_shown() -> None:
    site = make_site()
    tess = make_person(site, "Tess", "therapist")
    ends = NOW + timedelta(minutes=15)
    start = at("2026-12-01 09:00")
    held = make_appointment(
        make_patient(), make_service("therapy"), site, start, [tess], status="held", expires_at=ends
    )

    assert list(board(site, DAY, NOW).appointments) == [held]
    assert column_of(tess).entries != ()
    assert list(board(site, DAY, ends).appointments) == []
    assert column_of(tess, now=ends).entries == ()


def test_the_missed_are_shown_and_what_never_was_is_not() -> None:
    site = make_site()
    therapy = make_service("therapy")
    for hour, status in enumerate(["noshow", "cancelled", "released", "expired"], start=9):
        Appointment.objects.create(
            patient=make_patient(),
            service=therapy,
            site=site,
            status=status,
            start=at(f"2026-12-01 {hour:02}:00"),
            end=at(f"2026-12-01 {hour:02}:50"),
        )

    shown = board(site, DAY, NOW).appointments.values_list("status", flat=True)

    assert list(shown) == ["noshow", "cancelled"]


def test_somebody_who_left_is_shown_while_taken() -> None:
    site = make_site()
    tess = make_person(site, "Tess", "therapist")
    tess.active = False
    tess.save()
    assert board(site, DAY, NOW).columns == ()

    make_appointment(make_patient(), make_service("therapy"), site, at("2026-12-01 09:00"), [tess])
    assert [column.resource for column in board(site, DAY, NOW).columns] == [tess]


@pytest.mark.parametrize("bookings", [1, 3])
def test_query_counts_do_not_grow(
    bookings: int, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    clinic = make_clinic()
    therapy = make_service("therapy")
    for hour in range(bookings):
        start = at("2026-12-01 09:00") + timedelta(hours=hour)
        make_appointment(make_patient(), therapy, clinic.site, start, [clinic.therapists[0]])

    with django_assert_num_queries(6):
        board(clinic.site, DAY, NOW)
