"""A proposal that its reader changes before anything is held: one session moves, the rest follows.

Nothing is stored. A draft is the signed offer it came from, seen with what is free now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from accounts.models import Patient
from scheduling import snapshots, stored_wishes
from scheduling.core.availability import Availability
from scheduling.core.course import Course, Step
from scheduling.core.offer import proposal_of
from scheduling.core.plan import Answer, Session, Taken
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.replan import allowed_starts, replan
from scheduling.core.walltime import local_date
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.proposals import Offer, OfferedSession
from scheduling.selectors import courses, protocols
from scheduling.selectors.course_search import SearchResult
from scheduling.selectors.openings import lead_of
from scheduling.selectors.own_holds import replaceable
from scheduling.selectors.patient_time import patient_time
from scheduling.snapshots import Snapshot

NOBODY_ELSE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Draft:
    """The offered course as the core sees it. `current` maps each step to its session; `free` is
    what the clinic has free for this reader."""

    offer: Offer
    snapshot: Snapshot
    free: Availability
    course: Course
    current: Mapping[str, Session]
    wishes: Wishes
    busy: PatientTime
    now: datetime

    def result(self, answer: Answer) -> SearchResult:
        """An answer about this course, to be shown and signed as any other search."""
        return SearchResult(
            answer=answer,
            course=self.course,
            site=self.offer.site,
            protocol_version=self.offer.protocol_version,
            blocks=self.offer.blocks,
            modes=self.offer.modes,
            wishes=self.wishes,
            snapshot=self.snapshot,
            now=self.now,
        )


def draft_of(offer: Offer, *, patient: Patient | None = None, now: datetime) -> Draft:
    """The draft of an offer, for a patient with what they have besides. Six queries at most."""
    snapshot = snapshots.current(offer.site, now)
    offered = {session.step for session in offer.sessions}
    definition = protocols.definition_of(offer.protocol_version)
    evaluation = {
        step
        for template in definition.core
        if template.skip_if_cleared
        for step in template.occurrences()
    }
    course = courses.course_from(
        offer.protocol_version,
        blocks=offer.blocks,
        modes=offer.modes,
        cleared=evaluation.isdisjoint(offered),
        known=snapshot.services,
    )
    held = replaceable(patient, now) if patient else []
    elsewhere = (
        patient_time(patient, now, apart_from=[one.pk for one in held])
        if patient
        else PatientTime()
    )
    lead = lead_of(snapshot.services[course.steps[0].service.slug])
    # Nobody comes before the first session may be booked: a busy period from long ago.
    past = (snapshot.grid.midnights[0], int((now + lead).timestamp()))
    return Draft(
        offer=offer,
        snapshot=snapshot,
        free=snapshot.availability.without(courses.bookings_of(held)),
        course=course,
        current={one.step: _session(course.step(one.step), one) for one in offer.sessions},
        wishes=stored_wishes.from_json(
            offer.wishes, date.fromisoformat(str(offer.wishes["earliest"]))
        ),
        busy=replace(elsewhere, busy=(past, *elsewhere.busy)),
        now=now,
    )


def as_offered(draft: Draft) -> SearchResult:
    """The offer unchanged."""
    zone = draft.snapshot.grid.zone
    proposal = proposal_of(draft.course, list(draft.current.values()), zone, score=0)
    return draft.result(Answer((proposal,)))


def starts_of(draft: Draft, step: str, start: datetime, end: datetime) -> list[datetime]:
    """Starts of one step in `[start, end)` to which all other sessions can follow, ascending."""
    grid = draft.snapshot.grid
    found = allowed_starts(
        draft.free,
        draft.course,
        draft.current,
        step,
        first_day=grid.day_of(local_date(start, grid.zone)),
        last_day=grid.day_of(local_date(end, grid.zone)),
        wishes=draft.wishes,
        patient=draft.busy,
        cascade=True,
    )
    instants = (datetime.fromtimestamp(second, UTC) for second in found)
    return [instant for instant in instants if start <= instant < end]


def moved(draft: Draft, step: str, start: datetime) -> SearchResult:
    """The course with one step at another start and the least change to the rest.

    Raises Refused (TAKEN) where the rest cannot follow, or the start is free no more.
    """
    answer = replan(
        draft.free,
        draft.course,
        draft.current,
        move={step: int(start.timestamp())},
        frozen=NOBODY_ELSE,
        wishes=draft.wishes,
        patient=draft.busy,
    )
    if not answer.proposals:
        raise Refused([refuse(Code.TAKEN, step=step, start=start.isoformat())])
    return draft.result(answer)


def _session(step: Step, offered: OfferedSession) -> Session:
    """The session with those units that were named to the reader; the rest is bound at the end."""
    start = int(offered.start.timestamp())
    return Session(
        step.id,
        start,
        start + step.service.minutes * 60,
        tuple(
            Taken(need.role, offered.practitioners[need.role], start + need.start * 60,
                  start + need.end * 60)
            for need in step.service.requirements
            if need.role in offered.practitioners
        ),
    )  # fmt: skip
