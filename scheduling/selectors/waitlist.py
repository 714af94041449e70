"""Who waits, in fair order, and who of them wants something that is free on one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.round_trip import Rows, ask
from scheduling import snapshots
from scheduling.core import waitlist as core
from scheduling.core.bits import ones
from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.clinic import Unit
from scheduling.core.grid import DayGrid
from scheduling.core.service import Service
from scheduling.core.states import SILENT
from scheduling.core.waitlist import Waiting
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    OfferStatus,
    Site,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistStatus,
)
from scheduling.selectors.courses import GONE
from scheduling.selectors.services import core_service
from scheduling.selectors.waitlist_rooms import refresh_rooms
from scheduling.selectors.waitlist_timing import Timing, timing
from scheduling.snapshots import Snapshot

LOST = (AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW)
"""States of a session whose step its patient may book again."""

# Entries for one session whose wish and course leave room on a day; in fair order. As text and
# numbers: reading ids, dates and lists of thousands of rows costs several times what finding does.
ON_DAY = """
SELECT e.id::text, -e.priority, extract(epoch FROM e.turn)::float8, e.service_id, e.mode,
       CASE WHEN e.want = 'earlier' AND a.status = 'booked'
           THEN extract(epoch FROM a.start)::bigint END,
       array_to_string(e.day_parts, ' '), coalesce(e.person_id, e.room_person)::text,
       array_to_string(p.languages, ' '), array_to_string(p.access_needs, ' ')
FROM scheduling_waitlistentry e
JOIN accounts_patient p ON p.id = e.patient_id
LEFT JOIN scheduling_appointment a ON a.id = e.appointment_id
WHERE e.site_id = %(site)s AND e.status = 'waiting' AND e.service_id IS NOT NULL
    AND (e.skip_until IS NULL OR e.skip_until <= %(now)s)
    AND e.earliest <= %(day)s AND (e.latest IS NULL OR e.latest >= %(day)s)
    AND (e.room_first IS NULL OR e.room_first <= %(day)s)
    AND (e.room_last IS NULL OR e.room_last >= %(day)s)
    AND (e.weekdays = '{}' OR %(weekday)s = ANY(e.weekdays))
    AND p.status <> ALL(%(silent)s)
    AND NOT EXISTS (SELECT FROM scheduling_waitlistoffer o
        WHERE o.entry_id = e.id AND o.status = 'offered')
"""


def waiting(site: Site, now: datetime) -> QuerySet[WaitlistEntry]:
    """Entries that may be offered something now, in fair order: nothing is on offer to them, and
    messages to their patient have not stopped."""
    standing = WaitlistOffer.objects.filter(status=OfferStatus.OFFERED).values("entry")
    return (
        WaitlistEntry.objects.filter(site=site, status=WaitlistStatus.WAITING)
        .filter(Q(skip_until=None) | Q(skip_until__lte=now))
        .exclude(patient__status__in=SILENT)
        .exclude(pk__in=standing)
    )


@dataclass(frozen=True, slots=True)
class Match:
    """An entry (by id) that wants some start of a service on a day of the grid."""

    entry: UUID
    service: str
    day: int
    row: int
    grid: DayGrid

    @property
    def starts(self) -> frozenset[datetime]:
        """The starts that it wants and that look free."""
        return frozenset(
            datetime.fromtimestamp(self.grid.instant(self.day, slot), UTC)
            for slot in ones(self.row)
        )


def matching(site: Site, day: date, now: datetime) -> Iterator[Match]:
    """Entries for one session that want something free on the local day, in fair order.

    A first look: `fit` knows the rules of their courses.

    Three queries, two for the snapshot, and four more for each course that changed meanwhile.
    """
    snapshot = snapshots.current(site, now)
    index = snapshot.grid.day_of(day)
    if not 0 <= index < snapshot.grid.days:
        return
    refresh_rooms(site, snapshot)
    values = {
        "site": site.pk,
        "now": now,
        "day": day,
        "weekday": day.isoweekday(),
        "silent": [status.value for status in SILENT],
    }
    [rows] = ask([ON_DAY], values)
    found = _waiting(rows, day, snapshot, _refused(site, day, snapshot.grid), timing(site, now))
    for one, row in core.candidates(snapshot.availability, index, found):
        yield Match(UUID(one.id), one.service.slug, index, row, snapshot.grid)


def out_on(site: Site, day: date, now: datetime) -> dict[str, int]:
    """How many offers of each service are out for a local day. One query."""
    grid = snapshots.current(site, now).grid
    index = grid.day_of(day)
    low, high = (datetime.fromtimestamp(grid.midnights[n], UTC) for n in (index, index + 1))
    rows = WaitlistOffer.objects.filter(
        entry__site=site, status=OfferStatus.OFFERED, start__gte=low, start__lt=high
    ).values_list("entry__service", flat=True)
    counted: dict[str, int] = defaultdict(int)
    for service in rows:
        counted[service or ""] += 1
    return counted


def entry_rows() -> QuerySet[WaitlistEntry]:
    """Entries with all that is needed to look for a fit or to show them."""
    return WaitlistEntry.objects.select_related(
        "site", "patient", "service", "person", "protocol_version__protocol",
        "appointment__site", "appointment__patient", "appointment__service",
        "appointment__care_plan__protocol_version", "appointment__care_plan__site",
        "care_plan__protocol_version", "care_plan__site",
    )  # fmt: skip


def shown_rows() -> QuerySet[WaitlistEntry]:
    """The same, with their offers and the sessions of their courses: in four queries more, however
    many they are."""
    sessions = Appointment.objects.select_related("service").prefetch_related("reservations")
    return entry_rows().prefetch_related("offers", Prefetch("care_plan__appointments", sessions))


def lapsed(now: datetime) -> QuerySet[WaitlistEntry]:
    """Waiting entries for which nothing can be offered any more: the session has begun or its step
    is booked again, or the last day is over (a day of slack for zones)."""
    rebooked = Appointment.objects.filter(
        care_plan=OuterRef("care_plan"), step=OuterRef("appointment__step")
    ).exclude(status__in=GONE)
    status = "appointment__status"
    begun = Q(appointment__start__lte=now, **{status: AppointmentStatus.BOOKED})
    other = Q(appointment__isnull=False) & ~Q(
        **{f"{status}__in": [AppointmentStatus.BOOKED, *LOST]}
    )
    again = Q(Exists(rebooked), **{f"{status}__in": LOST})
    past = Q(latest__lt=(now - timedelta(days=1)).date())
    waits = WaitlistEntry.objects.filter(status=WaitlistStatus.WAITING)
    return waits.filter(begun | other | again | past)


def _refused(site: Site, day: date, grid: DayGrid) -> dict[str, list[tuple[int, int]]]:
    """What was offered on that day before and not taken, by entry, in POSIX seconds."""
    index = grid.day_of(day)
    low, high = (datetime.fromtimestamp(grid.midnights[n], UTC) for n in (index, index + 1))
    over = WaitlistOffer.objects.filter(
        entry__site=site, start__gte=low, start__lt=high, care_plan=None
    ).exclude(status__in=[OfferStatus.OFFERED, OfferStatus.ACCEPTED])
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for entry, start, end in over.values_list("entry", "start", "end"):
        found[str(entry)].append((int(start.timestamp()), int(end.timestamp())))
    return found


def _waiting(
    rows: Rows,
    day: date,
    snapshot: Snapshot,
    refused: Mapping[str, list[tuple[int, int]]],
    offers: Timing,
) -> Iterator[Waiting]:
    """The rows of `ON_DAY` as the core reads them; their days were asked for already."""
    kinds: dict[tuple[str, str], tuple[Service, int] | None] = {}
    people: dict[tuple[str, str, str], tuple[str, str] | None] = {}
    words: dict[str, frozenset[str]] = {"": frozenset()}
    for key, priority, turn, slug, mode, before, parts, person, languages, access in rows:
        if (slug, mode) not in kinds:
            kinds[slug, mode] = _kind(snapshot.services.get(slug), mode, offers)
        kind = kinds[slug, mode]
        if kind is None:
            continue
        service, soonest = kind
        who = (slug, mode, person or "")
        if who not in people:
            people[who] = _role_of(service, snapshot.units, who[2])
        for text in (parts, languages, access):
            if text not in words:
                words[text] = frozenset(text.split())
        yield Waiting(
            id=key,
            order=(priority, turn, key),
            service=service,
            first=day,
            day_parts=words[parts],
            before=before,
            soonest=soonest,
            person=people[who],
            languages=words[languages],
            access=words[access],
            refused=tuple(refused.get(key, ())),
        )


def _kind(
    definition: ServiceDefinition | None, mode: str, offers: Timing
) -> tuple[Service, int] | None:
    if definition is None or mode not in definition.modes:
        return None
    service = core_service(definition.slug, mode, known={definition.slug: definition})
    return service, int(offers.soonest(definition).timestamp())


def _role_of(service: Service, units: Mapping[str, Unit], person: str) -> tuple[str, str] | None:
    unit = units.get(person)
    if unit is None:
        return None
    roles: Iterable[str] = (need.role for need in service.requirements if not need.present)
    return next(((role, person) for role in roles if role in unit.roles), None)
