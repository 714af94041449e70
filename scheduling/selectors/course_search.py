"""Complete courses for a patient's wishes: up to five that really differ, or why there is none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from accounts.models import Patient
from scheduling import proposals, snapshots, stored_wishes
from scheduling.core.course import Course
from scheduling.core.grid import SLOT
from scheduling.core.plan import Answer, Proposal, Session
from scheduling.core.proposals import propose
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.walltime import local_date
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.models import Appointment, ProtocolVersion, Site
from scheduling.proposals import OfferedSession
from scheduling.selectors.clearance import cleared_for
from scheduling.selectors.courses import bookings_of, course_from
from scheduling.selectors.openings import lead_of
from scheduling.selectors.own_holds import replaceable
from scheduling.selectors.patient_time import patient_time
from scheduling.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The planner's answer, and what is needed to show and to hold it."""

    answer: Answer
    course: Course
    site: Site
    protocol_version: ProtocolVersion
    blocks: tuple[str, ...]
    modes: Mapping[str, str]
    wishes: Wishes
    snapshot: Snapshot
    now: datetime

    @property
    def timezone(self) -> str:
        """The IANA zone of the site."""
        return self.snapshot.grid.zone

    def title(self, step: str) -> str:
        """What the patient reads for a step."""
        return self.snapshot.services[self.course.step(step).service.slug].title

    def people(self, session: Session) -> list[tuple[str, str, str]]:
        """Role, id and name of everybody whose time the session takes, each once."""
        units = self.snapshot.units
        bound = dict.fromkeys((taken.role, taken.unit) for taken in session.taken if taken.lanes)
        return [(role, unit, units[unit].name) for role, unit in bound if units[unit].person]

    def practitioner(self, session: Session) -> str:
        """The name of the one person the patient comes to see; empty for a treatment."""
        promised = self._promised(session)
        return next((self.snapshot.units[unit].name for unit in promised.values()), "")

    def wanted(self, proposal: Proposal) -> dict[str, OfferedSession]:
        """The sessions of a proposal by step, as they are to be held."""
        return {
            session.step: OfferedSession(
                session.step,
                datetime.fromtimestamp(session.start, UTC),
                self._promised(session),
            )
            for session in proposal.sessions
        }

    def token(self, proposal: Proposal) -> str:
        """The proposal's opaque id."""
        return proposals.sign(
            protocol_version=self.protocol_version,
            site=self.site,
            blocks=self.blocks,
            modes=self.modes,
            wishes=stored_wishes.to_json(self.wishes),
            sessions=self.wanted(proposal).values(),
            now=self.now,
        )

    def _promised(self, session: Session) -> dict[str, str]:
        """Units by role that a hold must keep to. In a treatment whoever is on duty does it."""
        if self.course.step(session.step).service.treatment:
            return {}
        return {role: unit for role, unit, _ in self.people(session)}


def search(
    *,
    site: Site,
    protocol_version: ProtocolVersion,
    blocks: Sequence[str] = (),
    wishes: Wishes,
    modes: Mapping[str, str] | None = None,
    patient: Patient | None = None,
    cleared: bool | None = None,
    giving_up: Collection[Appointment] = (),
    limit: int = 5,
    now: datetime,
) -> SearchResult:
    """Look for complete courses from `wishes.earliest` on, or from today if that is past.

    `patient` adds what they already have, but for a hold, which the next hold gives back, and for
    the appointments that they are `giving_up` (with their reservations prefetched). A patient
    whom a prescriber has cleared for this protocol needs no evaluation, which `cleared` can say
    otherwise. The first session is not sooner than its service's lead time. Where there is no plan,
    the answer's refusals say why.

    Raises Refused, naming everything in the request that does not exist: blocks, modes, steps,
    practitioners, starts off the grid. At most seven queries.
    """
    snapshot = snapshots.current(site, now)
    zone = snapshot.grid.zone
    today = local_date(now, zone)
    if cleared is None:
        protocol = protocol_version.protocol_id
        cleared = patient is not None and cleared_for(patient.pk, protocol, today) is not None
    course = course_from(
        protocol_version, blocks=blocks, modes=modes, cleared=cleared, known=snapshot.services
    )
    unknown = [*_unknown_people(wishes, snapshot), *_impossible_starts(wishes, course, now)]
    if unknown:
        raise Refused(unknown)
    wishes = replace(wishes, earliest=max(wishes.earliest, today))
    last = snapshot.grid.date_of(snapshot.grid.days - 1)
    if wishes.earliest > last:
        answer = Answer(refusals=(refuse(Code.BEYOND_HORIZON, last_date=last.isoformat()),))
    else:
        lead = lead_of(snapshot.services[course.steps[0].service.slug])
        held = [*(replaceable(patient, now) if patient else []), *giving_up]
        elsewhere = (
            patient_time(patient, now, apart_from=[one.pk for one in held])
            if patient
            else PatientTime()
        )
        free = snapshot.availability.without(bookings_of(held))
        # Nobody comes before the first session may be booked: a busy period from long ago.
        past = (snapshot.grid.midnights[0], int((now + lead).timestamp()))
        busy = replace(elsewhere, busy=(past, *elsewhere.busy))
        answer = propose(free, course, wishes, patient=busy, limit=limit)
    return SearchResult(
        answer=answer,
        course=course,
        site=site,
        protocol_version=protocol_version,
        blocks=tuple(blocks),
        modes=dict(modes or {}),
        wishes=wishes,
        snapshot=snapshot,
        now=now,
    )


def _unknown_people(wishes: Wishes, snapshot: Snapshot) -> Iterator[Refusal]:
    for asked in (wishes.practitioners, wishes.liking.practitioners):
        for role, unit in asked.items():
            if unit not in snapshot.units or role not in snapshot.units[unit].roles:
                yield refuse(Code.UNKNOWN, field=f"practitioners.{role}", value=unit)


def _impossible_starts(wishes: Wishes, course: Course, now: datetime) -> Iterator[Refusal]:
    steps = {step.id for step in course.steps}
    for step, start in wishes.fixed.items():
        facts = {"step": step, "start": datetime.fromtimestamp(start, UTC).isoformat()}
        if step not in steps:
            yield refuse(Code.STEP_UNKNOWN, step=step)
        if start % SLOT:
            yield refuse(Code.OFF_GRID, minutes=SLOT // 60, **facts)
        if start < now.timestamp():
            yield refuse(Code.IN_THE_PAST, **facts)
