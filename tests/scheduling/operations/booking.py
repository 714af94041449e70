"""What tests of booking share: a course found by the search, held for somebody."""

from __future__ import annotations

from datetime import date, datetime

from accounts.models import Patient
from scheduling.core.wishes import Wishes
from scheduling.models import CarePlan, ProtocolVersion
from scheduling.operations.actor import Actor
from scheduling.operations.confirm import confirm
from scheduling.operations.hold import Wanted, hold_course
from scheduling.selectors.course_search import search
from tests.factories import NOW, Clinic

EARLIEST = date(2026, 12, 1)


def find_times(
    clinic: Clinic, version: ProtocolVersion, *, earliest: date = EARLIEST, now: datetime = NOW
) -> dict[str, Wanted]:
    """The best proposal's starts, with the practitioners that stay the same."""
    result = search(
        site=clinic.site,
        protocol_version=version,
        wishes=Wishes(earliest=earliest),
        limit=1,
        now=now,
    )
    [proposal] = result.answer.proposals
    return {
        session.step: Wanted(datetime.fromtimestamp(session.start, tz=NOW.tzinfo))
        for session in proposal.sessions
    }


def hold(
    clinic: Clinic,
    version: ProtocolVersion,
    patient: Patient,
    *,
    actor: Actor | None = None,
    times: dict[str, Wanted] | None = None,
    earliest: date | None = EARLIEST,
    now: datetime = NOW,
    **more: object,
) -> CarePlan:
    return hold_course(
        actor=actor or Actor.visitor(patient),
        patient=patient,
        protocol_version=version,
        site=clinic.site,
        sessions=times or find_times(clinic, version),
        wishes_json={"earliest": earliest.isoformat()} if earliest else {},
        now=now,
        **more,
    )


def book(
    clinic: Clinic, version: ProtocolVersion, patient: Patient, actor: Actor, **more: object
) -> CarePlan:
    """A confirmed course."""
    plan = hold(clinic, version, patient, actor=actor, **more)
    return confirm(actor=actor, care_plan=plan, version=None, now=more.get("now", NOW))
