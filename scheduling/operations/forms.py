"""Forms that the protocol asks staff for: ask in time, and record that they are done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db.models import QuerySet

from scheduling.core import questionnaires
from scheduling.core.moments import Moment
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.walltime import day_start
from scheduling.models import (
    CarePlan,
    CarePlanStatus,
    ProtocolVersion,
    QuestionnaireResponse,
    StaffTask,
)
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may
from scheduling.selectors import protocols
from scheduling.selectors.courses import standing
from scheduling.selectors.forms import STAFF, Form, State, forms_of

WITH_FORMS = (CarePlanStatus.ACTIVE, CarePlanStatus.ON_HOLD, CarePlanStatus.COMPLETED)
LOOK_BACK = timedelta(days=120)
"""Courses without a session since then ask for nothing any more."""
CATCH_UP = timedelta(days=7)
"""What fell due while nothing ran is still asked for; what is older than this is history."""
KIND, NOT_DUE = "form_", "not_due"


def open_due_forms(now: datetime) -> int:
    """Ask for every form whose days have begun, once; returns how many were asked for.

    Dates follow the sessions: a task whose session has moved is due anew, one whose session was
    given up is ended.
    """
    return sum(atomic.run(partial(_open_of, plan, now)) for plan in _plans(now))


def record_form(
    *, actor: Actor, care_plan: CarePlan, form: Form, value: int | None, now: datetime
) -> QuestionnaireResponse:
    """Record a result (`value`), or that a form was done; its task ends.

    Raises Refused: NOT_ALLOWED, WRONG_STATE where it is done already or not due yet, UNKNOWN for a
    result that cannot be.
    """
    if actor.user is None or not may(actor.user, Action.RECORD_FORM):
        role = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action="record_form", role=role)])
    asked = form.questionnaire
    if asked is None and value is not None:
        raise Refused([refuse(Code.UNKNOWN, field="result", value=str(value))])
    if asked is not None and (value is None or not questionnaires.is_result(asked, value)):
        raise Refused([refuse(Code.UNKNOWN, field="result", value=str(value or ""))])

    def work() -> QuestionnaireResponse:
        response = QuestionnaireResponse(
            id=form.id,
            care_plan=care_plan,
            questionnaire=form.moment.task.id,
            version=asked.version if asked else 0,
            language=asked.language if asked else "",
            moment=form.moment.key,
            score=value,
            completed_at=now,
            completed_by=actor.user,
        )
        late = form.state == State.AHEAD
        if late or QuestionnaireResponse.objects.filter(pk=form.id).exists():
            state = form.state.value if late else State.DONE.value
            raise Refused([refuse(Code.WRONG_STATE, state=state, action="record_form")])
        QuestionnaireResponse.objects.bulk_create([response])
        _open_tasks(care_plan).filter(facts__moment=form.moment.key).update(
            finished_at=now, outcome="recorded", owner=actor.user
        )
        events.append(actor=actor, verb="form_recorded", care_plan=care_plan, now=now)
        return response

    return atomic.run(work)


def _plans(now: datetime) -> Iterator[CarePlan]:
    versions = [
        version.pk
        for version in ProtocolVersion.objects.all()
        if any(task.who == STAFF for task in protocols.definition_of(version).tasks)
    ]
    plans = CarePlan.objects.filter(
        protocol_version__in=versions,
        status__in=WITH_FORMS,
        appointments__start__range=(now - LOOK_BACK, now + LOOK_BACK),
    )
    yield from (
        plans.distinct()
        .select_related("site", "protocol_version", "patient")
        .prefetch_related("appointments", "questionnaire_responses")
        .iterator(chunk_size=200)
    )


def _open_of(plan: CarePlan, now: datetime) -> int:
    forms = {one.moment.key: one for one in forms_of(plan, now, who=STAFF)}
    asked = set()
    for task in StaffTask.objects.filter(care_plan=plan, kind__startswith=KIND):
        key = task.facts.get("moment")
        if task.outcome != NOT_DUE:
            asked.add(key)
        if task.finished_at is None:
            _follow(task, forms.get(key), plan, now)
    due = [one for key, one in forms.items() if key not in asked and _is_wanted(one, plan, now)]
    sessions = {one.step: one for one in standing(plan)} if due else {}
    for one in due:
        staff_tasks.open_task(
            KIND + one.moment.task.id,
            _role(one.moment),
            site=plan.site,
            appointment=sessions[one.moment.step],
            due_at=_due_at(one, plan),
            facts={"moment": one.moment.key},
            now=now,
        )
    return len(due)


def _is_wanted(form: Form, plan: CarePlan, now: datetime) -> bool:
    late = form.state == State.MISSED and now < _due_at(form, plan) + CATCH_UP
    return form.state == State.OPEN or late


def _follow(task: StaffTask, form: Form | None, plan: CarePlan, now: datetime) -> None:
    """Let an open task stand as its form does now."""
    if form is None or form.state == State.AHEAD:
        # Should its days come after all, it is asked for anew.
        StaffTask.objects.filter(pk=task.pk).update(finished_at=now, outcome=NOT_DUE)
    elif form.state == State.DONE:
        StaffTask.objects.filter(pk=task.pk).update(finished_at=now, outcome="recorded")
    elif task.due_at != _due_at(form, plan):
        StaffTask.objects.filter(pk=task.pk).update(due_at=_due_at(form, plan))


def _open_tasks(plan: CarePlan) -> QuerySet[StaffTask]:
    return StaffTask.objects.filter(care_plan=plan, kind__startswith=KIND, finished_at=None)


def _role(moment: Moment) -> Role:
    """What belongs to the day of a treatment is the nurse's, and so are forms to be sent in;
    a clinician rates."""
    on_the_day = moment.opens == moment.closes
    return Role.NURSE if on_the_day or moment.task.record == "done" else Role.CLINICIAN


def _due_at(form: Form, plan: CarePlan) -> datetime:
    """The end of the last local day."""
    return day_start(form.moment.closes + timedelta(days=1), plan.site.timezone)
