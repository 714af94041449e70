"""Book again what a course has lost: sessions that were cancelled, missed or did not count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling.core.course import Course
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.wishes import Wishes
from scheduling.models import Appointment, AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations import eligibility, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.add_sessions import add_sessions
from scheduling.operations.binding import Needs
from scheduling.operations.cancel import STEP_CANCELLED
from scheduling.operations.resume import REBOOK
from scheduling.selectors import courses
from scheduling.snapshots import Snapshot

PATIENTS_OWN = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW})
"""Last states of a step that a patient may book again: the clinic found nothing against it."""

ASKED = (STEP_CANCELLED, "call_after_noshow", "rebook_session")
"""Tasks that ask what becomes of a lost session."""


@dataclass(frozen=True, slots=True)
class Rebooked:
    """What was booked, or in a dry run would be, in the order of time."""

    sessions: tuple[Session, ...]
    dry_run: bool


def rebook(
    *,
    actor: Actor,
    care_plan: CarePlan,
    starts: Mapping[str, datetime | None] | None = None,
    version: int | None,
    dry_run: bool = False,
    now: datetime,
) -> Rebooked:
    """Book steps of the course that stand nowhere any more, all of them or none, under every rule
    of the course and without moving what stands.

    `starts` names the steps, each with its start or None for the best one; without it every lost
    step is booked. Starts that are all given need not lie in the hours the patient once asked for.
    A patient books again what was cancelled or missed; what was not given or did not count is for
    staff. Raises Refused: WRONG_STATE unless the course is active and has lost the step, STALE,
    UNKNOWN, NOT_ALLOWED, NO_PLAN where the steps find no place.
    """
    wanted = dict(starts or {})

    def choose(plan: CarePlan, snapshot: Snapshot) -> Course:
        lost = courses.lost_steps(plan)
        refusals = [
            *eligibility.patient_refusals(actor, plan.patient, "rebook"),
            *_refusals(actor, plan, lost, wanted, version),
        ]
        if refusals:
            raise Refused(refusals)
        course = courses.course_of(plan, snapshot.services)
        return course.only((wanted or lost).keys() | courses.standing_steps(plan))

    def finish(plan: CarePlan, booked: Sequence[Appointment]) -> None:
        settle_tasks(booked, actor=actor, now=now)
        if not courses.lost_steps(plan):
            staff_tasks.settle([REBOOK], actor=actor, outcome="rebooked", care_plan=plan, now=now)

    booked = add_sessions(
        actor=actor,
        care_plan=care_plan,
        choose=choose,
        finish=finish,
        facts={"again": True},
        version=version,
        now=now,
        wishes=at_any_hour(care_plan) if wanted and all(wanted.values()) else None,
        fixed={step: int(start.timestamp()) for step, start in wanted.items() if start},
        dry_run=dry_run,
    )
    return Rebooked(tuple(sorted(booked.values(), key=lambda one: one.start)), dry_run)


def at_any_hour(plan: CarePlan) -> Wishes:
    """What a start must keep that somebody chose themselves: languages and access alone."""
    needs = Needs.read(plan.wishes)
    return Wishes(earliest=plan.earliest, languages=needs.languages, access=needs.access)


def settle_tasks(booked: Sequence[Appointment], *, actor: Actor, now: datetime) -> None:
    """End what was asked about the lost sessions that these were booked in place of. Part of the
    caller's transaction."""
    for one in booked:
        lost = Appointment.objects.filter(care_plan=one.care_plan_id, step=one.step)
        for before in lost.exclude(pk=one.pk):
            staff_tasks.settle(ASKED, actor=actor, outcome="rebooked", appointment=before, now=now)


def _refusals(
    actor: Actor,
    plan: CarePlan,
    lost: Mapping[str, str],
    wanted: Mapping[str, datetime | None],
    version: int | None,
) -> list[Refusal]:
    refusals = []
    if version not in (None, plan.version):
        refusals.append(refuse(Code.STALE, version=plan.version))
    if plan.status != CarePlanStatus.ACTIVE or not lost:
        return [*refusals, refuse(Code.WRONG_STATE, state=plan.status, action="rebook")]
    standing = courses.standing_steps(plan)
    for step in wanted or lost:
        if step in standing:
            refusals.append(refuse(Code.WRONG_STATE, state="booked", action=f"rebook {step}"))
        elif step not in lost:
            refusals.append(refuse(Code.UNKNOWN, field="step", value=step))
        elif lost[step] not in PATIENTS_OWN and not actor.staff:
            role = ",".join(sorted(actor.roles))
            refusals.append(refuse(Code.NOT_ALLOWED, action=f"rebook {step}", role=role))
    return refusals
