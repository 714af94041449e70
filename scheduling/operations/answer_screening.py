"""Keep the answers to the safety questions as they are typed, and send them to a clinician."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from scheduling.core import screening
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.models import CarePlan, Clearance, Escalation, Screening
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.clear import HOLDS, LIVE, lose_clearance
from scheduling.operations.escalate import raise_alert

READ_SCREENING = "read_screening"
# Each answer by itself: of two open pages the last word about each question counts, and neither
# takes away what the other kept.
KEEP = """
INSERT INTO scheduling_screening (id, care_plan_id, answers)
VALUES (gen_random_uuid(), %s, %s::jsonb)
ON CONFLICT (care_plan_id)
DO UPDATE SET answers = scheduling_screening.answers || EXCLUDED.answers
"""
LONGEST = 4000


def keep_answers(
    *, actor: Actor, care_plan: CarePlan, answers: Mapping[str, str], now: datetime
) -> Escalation | None:
    """Keep these answers; unknown questions and replies are passed over, words are cut at
    `LONGEST`. An answer that asks for help raises its alert first, in a transaction of its own:
    whatever fails afterwards, somebody is told. Returns that alert.

    Raises Refused (WRONG_STATE) for a course that is over; the alert stands all the same.
    """
    alert = None
    known = {
        question: reply[:LONGEST].replace("\0", "")
        for question, reply in answers.items()
        if _is_known(question, reply)
    }
    if any(screening.asks_for_help(question, reply) for question, reply in known.items()):
        asked = screening.Question.SELF_HARM
        before = Screening.objects.filter(care_plan=care_plan).first()
        alert = raise_alert(
            actor=actor,
            patient=care_plan.patient,
            site=care_plan.site,
            care_plan=care_plan,
            again=before is None or before.answers.get(asked) != known[asked],
            now=now,
        )
    if care_plan.status not in LIVE:
        raise Refused([refuse(Code.WRONG_STATE, state=care_plan.status, action="screening")])
    if known:
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [care_plan.pk, json.dumps(known)])
    return alert


def send_screening(*, actor: Actor, care_plan: CarePlan, now: datetime) -> Screening:
    """Give the kept answers to a clinician to read; a red flag opens a clearance again.

    Raises Refused (WRONG_STATE) where answers are missing or the course is over.
    """

    def work() -> Screening:
        plan = CarePlan.objects.select_for_update(no_key=True).get(pk=care_plan.pk)
        found = Screening.objects.filter(care_plan=plan).first()
        if plan.status not in LIVE or found is None or screening.missing(found.answers):
            raise Refused([refuse(Code.WRONG_STATE, state=plan.status, action="screening")])
        found.submitted_at = now
        found.save(update_fields=["submitted_at"])
        flags = screening.flagged(found.answers)
        if flags:
            staff_tasks.open_task(
                READ_SCREENING,
                Role.CLINICIAN,
                site=plan.site,
                care_plan=plan,
                urgent=staff_tasks.treatment_soon(plan.patient_id, now),
                now=now,
            )
        events.append(actor=actor, verb="screening_sent", care_plan=plan, now=now)
        if screening.red(found.answers) and plan.clearance in HOLDS:
            lose_clearance(plan, Clearance.PENDING, actor=Actor.sweep(), now=now)
        return found

    return atomic.run(work)


def _is_known(question: str, reply: str) -> bool:
    if question == screening.MEDICINES:
        return True
    return question in set(screening.Question) and reply in set(screening.Reply)
