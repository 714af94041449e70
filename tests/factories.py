"""Plain functions that write the rows a test speaks about. What matters is passed by the test.

Times are wall times of the clinic in Denver: `at("2026-12-01 09:00")`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from accounts.models import Patient, User
from scheduling.core.catalogue import BookableBy
from scheduling.core.protocol import ProtocolDefinition
from scheduling.models import (
    Appointment,
    CarePlan,
    Closure,
    GroupSession,
    PatientTime,
    Protocol,
    ProtocolVersion,
    Reservation,
    Resource,
    ResourceKind,
    Service,
    Site,
    TreatmentSpacing,
    WeeklyHours,
)
from scheduling.protocols.loading import load_library
from scheduling.protocols.reading import fingerprint
from scheduling.protocols.writing import service_to_json, to_json

ZONE = "America/Denver"
WORKDAYS = (1, 2, 3, 4, 5)
_numbers = count(1)


def at(wall: str, zone: str = ZONE) -> datetime:
    """The instant of a wall time: `at("2026-12-01 09:00")`."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


NOW = at("2026-11-23 12:00")
"""A Monday noon in Denver."""
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


# --- People ------------------------------------------------------------------------------------


def make_user(email: str = "", *roles: str, name: str = "", password: str = "") -> User:
    """Somebody who signs in; with a password from a confirmed address. Without roles a patient's
    login, with them staff who have set up a second factor."""
    email = email or f"person{next(_numbers)}@example.org"
    user = User.objects.create_user(
        email, password or None, roles=list(roles), name=name or email.split("@")[0]
    )
    if password:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if roles:
        TOTP.activate(user, TOTP_SECRET)
    return user


def make_patient(given_name: str = "Ada", family_name: str = "Byron", **fields: object) -> Patient:
    return Patient.objects.create(
        given_name=given_name,
        family_name=family_name,
        **({"birth_date": date(1980, 1, 1), "languages": ["en"]} | fields),
    )


# --- The clinic --------------------------------------------------------------------------------


def make_hours(
    owner: Site | Resource,
    start: str = "08:00",
    end: str = "17:00",
    weekdays: Iterable[int] = WORKDAYS,
) -> None:
    field = "site" if isinstance(owner, Site) else "resource"
    WeeklyHours.objects.bulk_create(
        WeeklyHours(
            weekday=weekday,
            start=time.fromisoformat(start),
            end=time.fromisoformat(end),
            **{field: owner},
        )
        for weekday in weekdays
    )


def make_site(slug: str = "main", *, start: str = "08:00", end: str = "19:00") -> Site:
    """A clinic in Denver, open on working days."""
    site = Site.objects.create(slug=slug, name=slug.title(), neutral_name="Clinic", timezone=ZONE)
    make_hours(site, start, end)
    return site


def make_person(
    site: Site,
    name: str,
    *roles: str,
    capacity: int = 1,
    languages: Sequence[str] = ("en",),
    user: User | None = None,
    hours: tuple[str, str] | None = ("08:00", "17:00"),
) -> Resource:
    person = Resource.objects.create(
        site=site,
        kind=ResourceKind.PERSON,
        name=name,
        roles=list(roles),
        capacity=capacity,
        languages=list(languages),
        user=user,
    )
    if hours:
        make_hours(person, *hours)
    return person


def make_place(
    site: Site, name: str, *kinds: str, capacity: int = 1, features: Sequence[str] = ()
) -> Resource:
    """A chair or a room. It is open whenever the site is."""
    return Resource.objects.create(
        site=site,
        kind=ResourceKind.PLACE,
        name=name,
        roles=list(kinds),
        capacity=capacity,
        features=list(features),
    )


def make_series(site: Site, name: str, role: str, *, seats: int = 8) -> Resource:
    return Resource.objects.create(
        site=site, kind=ResourceKind.SERIES, name=name, roles=[role], capacity=seats
    )


def make_meeting(
    series: Resource, service: Service, coach: Resource, room: Resource, start: datetime
) -> GroupSession:
    """One dated meeting of an hour; coach and room are reserved for it."""
    during = DateTimeTZRange(start, start + timedelta(hours=1))
    meeting = GroupSession.objects.create(
        service=service, series=series, coach=coach, room=room, during=during
    )
    for resource in (coach, room):
        Reservation.objects.create(
            resource=resource,
            lane=0,
            during=during,
            role=resource.roles[0],
            group_session=meeting,
        )
    return meeting


def make_closure(
    owner: Site | Resource, start: datetime, end: datetime, *, opens: bool = False
) -> Closure:
    field = "site" if isinstance(owner, Site) else "resource"
    return Closure.objects.create(during=DateTimeTZRange(start, end), opens=opens, **{field: owner})


@dataclass(frozen=True)
class Clinic:
    """A small clinic: enough of everything for one course, with a second one to choose."""

    site: Site
    prescriber: Resource
    nurses: tuple[Resource, Resource]
    therapists: tuple[Resource, Resource]
    counsellor: Resource
    coach: Resource
    chairs: tuple[Resource, Resource]
    rooms: tuple[Resource, Resource]
    group_room: Resource
    group: Resource


def make_clinic(slug: str = "main") -> Clinic:
    site = make_site(slug)
    return Clinic(
        site=site,
        prescriber=make_person(site, "Dr Pell", "prescriber"),
        nurses=(
            make_person(site, "Nurse Quinn", "nurse", capacity=2),
            make_person(site, "Nurse Reyes", "nurse", capacity=2),
        ),
        therapists=(
            make_person(site, "Tess Stone", "therapist"),
            make_person(site, "Toni Vega", "therapist", languages=("en", "es")),
        ),
        counsellor=make_person(site, "Cora Webb", "counsellor"),
        coach=make_person(site, "Max Young", "coach", hours=("10:00", "19:00")),
        chairs=(
            make_place(site, "Chair 1", "infusion_chair", features=("step_free",)),
            make_place(site, "Chair 2", "infusion_chair"),
        ),
        rooms=(
            make_place(site, "Room 1", "therapy_room", features=("step_free",)),
            make_place(site, "Room 2", "therapy_room"),
        ),
        group_room=make_place(site, "Group room", "group_room", capacity=1),
        group=make_series(site, "Lifestyle group", "lifestyle_group", seats=8),
    )


# --- What is booked ----------------------------------------------------------------------------


def make_service(slug: str = "therapy") -> Service:
    """One of the services that come with the project."""
    service, _ = Service.objects.get_or_create(slug=slug, defaults=_service_fields(slug))
    return service


def make_services() -> None:
    """All services that come with the project."""
    known = set(Service.objects.values_list("slug", flat=True))
    Service.objects.bulk_create(
        Service(**_service_fields(slug))
        for slug in load_library().catalogue.services
        if slug not in known
    )


def _service_fields(slug: str) -> dict[str, object]:
    definition = load_library().catalogue.services[slug]
    return {
        "slug": slug,
        "title": definition.title,
        "neutral_title": definition.neutral_title,
        "modes": list(definition.modes),
        "bookable_by": definition.bookable_by,
        "min_age": definition.min_age,
        "treatment": definition.treatment,
        "definition": service_to_json(definition),
    }


def make_protocols() -> None:
    """All protocols and services that come with the project, where there are none."""
    make_services()
    library = load_library().protocols.values()
    Protocol.objects.bulk_create(
        Protocol(slug=one.slug, **_protocol_fields(one)) for one in library
    )
    ProtocolVersion.objects.bulk_create(
        ProtocolVersion(protocol_id=one.slug, number=1, **_version_fields(one)) for one in library
    )


def make_protocol_version(slug: str = "trd_iv6") -> ProtocolVersion:
    """One of the protocols that come with the project, with every service."""
    make_services()
    definition = load_library().protocols[slug]
    protocol, _ = Protocol.objects.get_or_create(slug=slug, defaults=_protocol_fields(definition))
    version, _ = ProtocolVersion.objects.get_or_create(
        protocol=protocol, number=1, defaults=_version_fields(definition)
    )
    return version


def _protocol_fields(definition: ProtocolDefinition) -> dict[str, object]:
    return {
        "title": definition.title,
        "staff_only": definition.bookable_by == BookableBy.STAFF,
        "experimental": definition.experimental,
    }


def _version_fields(definition: ProtocolDefinition) -> dict[str, object]:
    document = to_json(definition)
    return {"definition": document, "fingerprint": fingerprint(document)}


def make_care_plan(patient: Patient, site: Site, **fields: object) -> CarePlan:
    """A plan without sessions (`sessions=0`), for tests that give it appointments of their own."""
    defaults = {"status": "active", "sessions": 0, "earliest": date(2026, 11, 23)}
    if "protocol_version" not in fields:
        fields["protocol_version"] = make_protocol_version()
    return CarePlan.objects.create(patient=patient, site=site, **(defaults | fields))


def make_appointment(
    patient: Patient,
    service: Service,
    site: Site,
    start: datetime,
    resources: Iterable[Resource],
    *,
    minutes: int = 50,
    spacing_days: int = 2,
    **fields: object,
) -> Appointment:
    """A session with everything it holds: patient's time, lane 0 of `resources`, spacing."""
    end = start + timedelta(minutes=minutes)
    during = DateTimeTZRange(start, end)
    fields = {"status": "booked", "expires_at": None} | fields
    with transaction.atomic():
        appointment = Appointment.objects.create(
            patient=patient,
            service=service,
            site=site,
            start=start,
            end=end,
            treatment=service.treatment,
            spacing_days=spacing_days if service.treatment else 0,
            phases=[{"name": "treat", "minutes": minutes}],
            **fields,
        )
        expires_at = fields["expires_at"]
        PatientTime.objects.create(
            patient=patient, appointment=appointment, during=during, expires_at=expires_at
        )
        Reservation.objects.bulk_create(
            Reservation(
                resource=resource,
                lane=0,
                during=during,
                role=resource.roles[0],
                appointment=appointment,
                expires_at=expires_at,
            )
            for resource in resources
        )
        if service.treatment:
            day = start.astimezone(ZoneInfo(site.timezone)).date()
            TreatmentSpacing.objects.create(
                patient=patient,
                appointment=appointment,
                days=DateRange(day, day + timedelta(spacing_days)),
                expires_at=expires_at,
            )
    return appointment
