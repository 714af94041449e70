"""Hours, closures and meetings become the periods in which a unit can be used."""

from datetime import date, timedelta

import pytest

from scheduling.core.availability import Availability
from scheduling.core.clinic import Unit
from scheduling.core.grid import DayGrid
from scheduling.core.intervals import Period
from scheduling.core.walltime import local
from scheduling.models import Qualification, Site, WeeklyHours
from scheduling.snapshots.units import load_units
from tests.factories import (
    ZONE,
    at,
    make_clinic,
    make_closure,
    make_hours,
    make_meeting,
    make_person,
    make_place,
    make_service,
    make_site,
)

pytestmark = pytest.mark.django_db


def unit_of(site: Site, name: str, first: date, days: int = 1) -> Unit:
    return next(unit for unit in load_units(site, DayGrid(ZONE, first, days)) if unit.name == name)


def clock(opens: tuple[Period, ...]) -> list[str]:
    return [f"{local(low, ZONE):%a %H:%M}-{local(high, ZONE):%H:%M}" for low, high in opens]


@pytest.mark.parametrize("sunday", [date(2027, 3, 14), date(2026, 11, 1)])
def test_nine_stays_nine_across_a_change_of_the_clocks(sunday: date) -> None:
    site = make_site()
    make_hours(site, "09:00", "12:00", weekdays=[6, 7])
    make_person(site, "Tess", "therapist", hours=None)
    make_hours(site.resources.get(), "09:00", "12:00", weekdays=range(1, 8))

    opens = unit_of(site, "Tess", sunday - timedelta(days=1), days=3).opens

    assert clock(opens) == ["Sat 09:00-12:00", "Sun 09:00-12:00", "Mon 09:00-12:00"]


def test_a_rule_counts_on_its_days_alone() -> None:
    site = make_site()
    tess = make_person(site, "Tess", "therapist")
    tess.hours.update(valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 2))

    assert clock(unit_of(site, "Tess", date(2026, 11, 30), days=4).opens) == [
        "Tue 08:00-17:00",
        "Wed 08:00-17:00",
    ]


def test_a_person_without_rules_never_works_and_a_place_follows_the_site() -> None:
    site = make_site(start="08:00", end="19:00")
    make_person(site, "Tess", "therapist", hours=None)
    room = make_place(site, "Room", "therapy_room")

    assert unit_of(site, "Tess", date(2026, 12, 1)).opens == ()
    assert clock(unit_of(site, "Room", date(2026, 12, 1)).opens) == ["Tue 08:00-19:00"]

    WeeklyHours.objects.create(resource=room, weekday=2, start="10:00", end="11:00")
    assert clock(unit_of(site, "Room", date(2026, 12, 1)).opens) == ["Tue 10:00-11:00"]


def test_a_closure_wins_over_an_opening() -> None:
    site = make_site()
    tess = make_person(site, "Tess", "therapist")
    for owner in (site, tess):
        make_closure(owner, at("2026-12-05 09:00"), at("2026-12-05 15:00"), opens=True)
    make_closure(tess, at("2026-12-05 11:00"), at("2026-12-05 12:00"))

    assert clock(unit_of(site, "Tess", date(2026, 12, 5)).opens) == [
        "Sat 09:00-11:00",
        "Sat 12:00-15:00",
    ]


def test_a_series_is_open_at_meetings_that_were_not_cancelled() -> None:
    clinic = make_clinic()
    service = make_service("lifestyle_group")
    for day, cancelled in (("2026-12-01", None), ("2026-12-02", at("2026-11-30 09:00"))):
        meeting = make_meeting(
            clinic.group, service, clinic.coach, clinic.group_room, at(f"{day} 17:30")
        )
        meeting.cancelled_at = cancelled
        meeting.save()

    opens = unit_of(clinic.site, "Lifestyle group", date(2026, 12, 1), days=2).opens

    assert clock(opens) == ["Tue 17:30-18:30"]


@pytest.mark.parametrize("who", ["coach", "group_room"])
def test_a_series_is_not_open_at_a_meeting_without_coach_or_room(who: str) -> None:
    clinic = make_clinic()
    service = make_service("lifestyle_group")
    for start in (at("2026-12-01 14:00"), at("2026-12-01 17:30")):
        make_meeting(clinic.group, service, clinic.coach, clinic.group_room, start)
    make_closure(getattr(clinic, who), at("2026-12-01 18:00"), at("2026-12-01 19:00"))

    opens = unit_of(clinic.site, "Lifestyle group", date(2026, 12, 1)).opens

    assert clock(opens) == ["Tue 14:00-15:00"]


def test_what_is_off_the_grid_is_rounded_inwards() -> None:
    site = make_site(start="08:02", end="08:58")
    make_place(site, "Room", "therapy_room")
    grid = DayGrid(ZONE, date(2026, 12, 1), 1)

    [room] = load_units(site, grid)
    availability = Availability(grid, [room], [])

    taken = [
        availability.taken_at(room.id, int(at(f"2026-12-01 08:{minute:02}").timestamp()))
        for minute in (0, 5, 50, 55)
    ]
    assert taken == [True, False, False, True]


def test_qualifications_carry_their_last_day() -> None:
    site = make_site()
    nurse = make_person(site, "Quinn", "nurse")
    Qualification.objects.create(resource=nurse, code="acls", valid_until=date(2026, 12, 31))
    Qualification.objects.create(resource=nurse, code="rems")

    qualifications = unit_of(site, "Quinn", date(2026, 12, 1)).qualifications

    assert qualifications == {"acls": date(2026, 12, 31).toordinal(), "rems": None}
