"""Keep the answers to a questionnaire as they are typed; score them once they are sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from scheduling.core import questionnaires
from scheduling.core.questionnaires import Questionnaire
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.models import (
    Appointment,
    CarePlan,
    Escalation,
    Gate,
    GateCode,
    GateStatus,
    QuestionnaireResponse,
)
from scheduling.operations import atomic, events, gates, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.escalate import raise_alert
from scheduling.selectors.forms import Form, State

WORSENING = "worsening"
LOOK_WITHIN = timedelta(days=1)
"""How soon a clinician looks at a score that is worse. The clinic's own default."""

# Each answer by itself: of two open pages the last word about each question counts. What was
# completed stands, whoever still types.
KEEP = """
INSERT INTO scheduling_questionnaireresponse
    (id, care_plan_id, questionnaire, version, language, moment, answers)
VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)
ON CONFLICT (id) DO UPDATE
    SET answers = scheduling_questionnaireresponse.answers || EXCLUDED.answers
    WHERE scheduling_questionnaireresponse.completed_at IS NULL
"""


def keep_answers(
    *, actor: Actor, care_plan: CarePlan, form: Form, sent: Mapping[str, str], now: datetime
) -> Escalation | None:
    """Keep these answers; unknown ones are passed over. One that asks for help raises its alert
    first, in a transaction of its own: whatever fails afterwards, somebody is told. Returns it.

    Raises Refused (WRONG_STATE) for a form that is not open; the alert stands all the same.
    """
    asked = _asked(form)
    known = questionnaires.known_answers(asked, sent)
    alert = None
    if questionnaires.asks_for_help(asked, known):
        item = str(asked.danger)
        before = form.response.answers.get(item) if form.response else None
        alert = raise_alert(
            actor=actor,
            patient=care_plan.patient,
            site=care_plan.site,
            care_plan=care_plan,
            again=before != known[item],
            now=now,
        )
    if form.state != State.OPEN:
        raise _wrong_state(form)
    if known:
        with connection.cursor() as cursor:
            cursor.execute(
                KEEP,
                [
                    form.id,
                    care_plan.pk,
                    asked.slug,
                    asked.version,
                    asked.language,
                    form.moment.key,
                    json.dumps(known),
                ],
            )
    return alert


def send_answers(
    *, actor: Actor, care_plan: CarePlan, form: Form, now: datetime
) -> QuestionnaireResponse:
    """Score the kept answers for good. A worse score asks a clinician to look; the questionnaire
    gate of the session that it belongs to closes. Sending twice is sending once.

    Raises Refused (WRONG_STATE) where the form is not open or an answer is missing.
    """
    asked = _asked(form)

    def work() -> QuestionnaireResponse:
        found = QuestionnaireResponse.objects.select_for_update(no_key=True).filter(pk=form.id)
        response = found.first()
        if response is not None and response.completed_at is not None:
            return response
        if form.state != State.OPEN or response is None:
            raise _wrong_state(form)
        if questionnaires.missing(asked, response.answers):
            raise _wrong_state(form)
        rows = QuestionnaireResponse.objects.filter(
            care_plan__patient=care_plan.patient_id,
            questionnaire=asked.slug,
            completed_at__isnull=False,
        )
        scores = rows.order_by("completed_at").values_list("score", flat=True)
        before = [score for score in scores if score is not None]
        response.score = questionnaires.score(asked, response.answers)
        response.completed_at = now
        response.completed_by = actor.user
        response.save(update_fields=["score", "completed_at", "completed_by"])
        if questionnaires.worsened(asked, before, response.score):
            staff_tasks.open_task(
                WORSENING,
                Role.CLINICIAN,
                site=care_plan.site,
                care_plan=care_plan,
                urgent=staff_tasks.treatment_soon(care_plan.patient_id, now),
                due_at=now + LOOK_WITHIN,
                now=now,
            )
        events.append(actor=actor, verb="questionnaire_sent", care_plan=care_plan, now=now)
        _close_gate(actor, care_plan, form, now)
        return response

    return atomic.run(work)


def _close_gate(actor: Actor, care_plan: CarePlan, form: Form, now: datetime) -> None:
    """The gate at the session on which the form hangs, where there is one."""
    open_ones = Gate.objects.filter(
        appointment__care_plan=care_plan,
        appointment__step=form.moment.step,
        code=GateCode.QUESTIONNAIRE,
        status=GateStatus.OPEN,
    )
    for gate in open_ones.select_related("appointment"):
        session: Appointment = gate.appointment  # type: ignore[assignment]
        about: dict[str, Any] = {"care_plan": care_plan, "appointment": session}
        code = gates.GateCode.QUESTIONNAIRE
        gates.put(actor=actor, code=code, status=GateStatus.CLOSED, now=now, **about)


def _asked(form: Form) -> Questionnaire:
    if form.questionnaire is None or not form.questionnaire.items:
        raise Refused([refuse(Code.UNKNOWN, field="questionnaire", value=form.moment.task.id)])
    return form.questionnaire


def _wrong_state(form: Form) -> Refused:
    return Refused([refuse(Code.WRONG_STATE, state=form.state.value, action="questionnaire")])
