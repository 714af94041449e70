"""The demo clinic: its address, people, places and hours, all of them the product's defaults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from accounts.models import User
from scheduling.core import walltime
from scheduling.models import (
    Closure,
    GroupSession,
    Qualification,
    Reservation,
    Resource,
    ResourceKind,
    Service,
    Site,
    WeeklyHours,
)

ZONE = "America/Denver"
WORKDAYS = range(1, 6)
DAY = (time(8), time(17))
GROUP_EVENINGS = (2, 4)  # Tuesday and Thursday
GROUP_START = time(17, 30)
GROUP_MINUTES = 60
GROUP_SEATS = 8


@dataclass(frozen=True)
class Person:
    """A member of staff. `lunch` is the local hour they are away from; `late` works the groups."""

    name: str
    role: str
    lunch: int = 12
    languages: tuple[str, ...] = ("en",)
    capacity: int = 1
    qualifications: tuple[str, ...] = ()
    late: bool = False
    email: str | None = None


STAFF = (
    Person("Dr. Amara Lindqvist", "prescriber", 12, qualifications=("acls",), email="prescriber"),
    Person("Dr. Tomas Varga", "prescriber", 13, qualifications=("acls",)),
    Person("Nora Castellan, RN", "nurse", 11, capacity=2, qualifications=("acls",), email="nurse"),
    Person("Ike Brandvold, RN", "nurse", 12, capacity=2, qualifications=("acls",)),
    Person("Suri Haldane, RN", "nurse", 13, capacity=2, qualifications=("acls",)),
    Person("Maren Okafor", "therapist", 12, email="clinician"),
    Person("Lucía Ferrán", "therapist", 12, languages=("en", "es")),
    Person("Pavel Ostrow", "therapist", 13),
    Person("June Abernathy", "counsellor", 12, languages=("en", "es")),
    Person("Kofi Renard", "coach", 12, late=True),
)


@dataclass(frozen=True)
class Place:
    """Chairs or rooms of one kind."""

    role: str
    names: tuple[str, ...]
    features: tuple[str, ...] = ("step_free",)
    late: bool = field(default=False)


PLACES = (
    Place("infusion_chair", ("Chair 1", "Chair 2", "Chair 3", "Chair 4")),
    Place("therapy_room", ("Aspen room", "Juniper room")),
    Place("group_room", ("Meadow room",), late=True),
)
SERIES = "lifestyle_group"


def build(users: dict[str, User], today: date, weeks: int) -> Site:
    """Write the clinic with its hours and `weeks` of group evenings. Call once, inside a
    transaction. `users` maps the local part of a demo address to its user."""
    site = Site.objects.create(
        slug="main",
        name="Tremedy Integrative Medicine",
        neutral_name="Tremedy",
        timezone=ZONE,
        address="1 Example Street, Denver, CO 80000",
        phone="+1 303 555 0100",
    )
    hours(site=site, weekdays=WORKDAYS, spans=[DAY])
    hours(site=site, weekdays=GROUP_EVENINGS, spans=[(DAY[1], time(19))])
    for person in STAFF:
        add_person(site, person, users.get(person.email or ""))
    for place in PLACES:
        for name in place.names:
            resource = Resource.objects.create(
                site=site,
                kind=ResourceKind.PLACE,
                name=name,
                roles=[place.role],
                features=list(place.features),
            )
            hours(resource=resource, weekdays=WORKDAYS, spans=[DAY])
            if place.late:
                hours(resource=resource, weekdays=GROUP_EVENINGS, spans=[(DAY[1], time(19))])
    add_groups(site, today, weeks)
    return site


def add_person(site: Site, person: Person, user: User | None) -> None:
    resource = Resource.objects.create(
        site=site,
        kind=ResourceKind.PERSON,
        name=person.name,
        roles=[person.role],
        capacity=person.capacity,
        languages=list(person.languages),
        user=user,
    )
    lunch = time(person.lunch), time(person.lunch, 45)
    hours(resource=resource, weekdays=WORKDAYS, spans=[(DAY[0], lunch[0]), (lunch[1], DAY[1])])
    if person.late:
        hours(resource=resource, weekdays=GROUP_EVENINGS, spans=[(DAY[1], time(19))])
    Qualification.objects.bulk_create(
        Qualification(resource=resource, code=code) for code in person.qualifications
    )


def hours(
    *,
    weekdays: Iterable[int],
    spans: Iterable[tuple[time, time]],
    site: Site | None = None,
    resource: Resource | None = None,
) -> None:
    """Open on each of `weekdays` in each of `spans`, local time."""
    WeeklyHours.objects.bulk_create(
        WeeklyHours(site=site, resource=resource, weekday=day, start=start, end=end)
        for day in weekdays
        for start, end in spans
    )


def add_groups(site: Site, today: date, weeks: int) -> None:
    """The lifestyle group, on its evenings: coach and room are reserved by each meeting."""
    series = Resource.objects.create(
        site=site,
        kind=ResourceKind.SERIES,
        name="Lifestyle group",
        roles=[SERIES],
        capacity=GROUP_SEATS,
    )
    coach = Resource.objects.get(site=site, roles=["coach"])
    room = Resource.objects.get(site=site, roles=["group_room"])
    service = Service.objects.get(slug=SERIES)
    days = (today + timedelta(days=offset) for offset in range(weeks * 7))
    meetings = [
        GroupSession(service=service, series=series, coach=coach, room=room, during=(start, end))
        for day in days
        if day.isoweekday() in GROUP_EVENINGS
        for start in [walltime.to_instant(day, GROUP_START, site.timezone)]
        for end in [start + timedelta(minutes=GROUP_MINUTES)]
    ]
    GroupSession.objects.bulk_create(meetings)
    Reservation.objects.bulk_create(
        Reservation(
            resource=resource, lane=0, during=meeting.during, role=role, group_session=meeting
        )
        for meeting in meetings
        for role, resource in (("coach", coach), ("group_room", room))
    )


def open_today(site: Site, today: date) -> None:
    """Make today a working day: on a weekend, people and places get an extra opening."""
    if today.isoweekday() in WORKDAYS:
        return
    during = (
        walltime.to_instant(today, DAY[0], site.timezone),
        walltime.to_instant(today, DAY[1], site.timezone),
    )
    resources = list(
        Resource.objects.filter(site=site, kind__in=[ResourceKind.PERSON, ResourceKind.PLACE])
    )
    if Closure.objects.filter(site=site, during=during, opens=True).exists():
        return
    Closure.objects.create(site=site, during=during, opens=True, reason="Open today")
    Closure.objects.bulk_create(
        Closure(resource=resource, during=during, opens=True, reason="Open today")
        for resource in resources
    )


def today_at(site_zone: str, now: datetime) -> date:
    """The local day at the clinic."""
    return walltime.local_date(now, site_zone)
