"""A patient has read a page, answers its questions, or would rather talk it over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from education.library import document_of
from education.models import Page, Reading
from education.operations.settle import settle
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.models import CarePlan
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.change import look_at_plan
from scheduling.operations.clear import LIVE
from scheduling.operations.staff_tasks import open_task

TALK = "talk_about_reading"


def mark_read(*, actor: Actor, care_plan: CarePlan, page: Page, now: datetime) -> Reading:
    """The patient says so; saying it again changes nothing. A page without questions is clear then.

    Raises Refused: NOT_ALLOWED for anybody but the patient, WRONG_STATE for a course that is over.
    """

    def work() -> Reading:
        plan = _own(actor, care_plan)
        reading = _reading(plan, page, now)
        if reading.clear_at is None and not document_of(page).questions:
            reading.clear_at = now
            reading.save(update_fields=["clear_at"])
            settle(plan, actor, now)
        return reading

    return atomic.run(work)


def answer(
    *, actor: Actor, care_plan: CarePlan, page: Page, chosen: Sequence[int], now: datetime
) -> list[bool]:
    """Which of the three answers are right. Once all are, the page is clear, and the sessions that
    waited for it no longer do. Trying again is always possible; answers are not kept.

    `chosen` has the number of an answer for each question, from 0. Raises Refused as `mark_read`
    does, and UNKNOWN for an answer that there is not.
    """
    questions = document_of(page).questions
    if len(chosen) != len(questions) or not all(
        0 <= one < len(question.answers) for one, question in zip(chosen, questions, strict=False)
    ):
        raise Refused([refuse(Code.UNKNOWN, field="answer", value=str(list(chosen)))])
    right = [q.answers[one].right for q, one in zip(questions, chosen, strict=True)]

    def work() -> None:
        plan = _own(actor, care_plan)
        reading = _reading(plan, page, now)
        Reading.objects.filter(pk=reading.pk).update(tries=F("tries") + 1)
        if all(right) and reading.clear_at is None:
            Reading.objects.filter(pk=reading.pk).update(clear_at=now, talk_at=None)
            settle(plan, actor, now)

    atomic.run(work)
    return right


def ask_to_talk(*, actor: Actor, care_plan: CarePlan, page: Page, now: datetime) -> None:
    """Somebody at the clinic goes through the page with the patient, and closes the gate by hand.

    Raises Refused as `mark_read` does.
    """

    def work() -> None:
        plan = _own(actor, care_plan)
        reading = _reading(plan, page, now)
        if reading.clear_at is None and reading.talk_at is None:
            reading.talk_at = now
            reading.save(update_fields=["talk_at"])
            open_task(TALK, Role.NURSE, site=plan.site, care_plan=plan, now=now)

    atomic.run(work)


def _reading(plan: CarePlan, page: Page, now: datetime) -> Reading:
    if page.published is None:
        raise ValueError("nobody has read a page that is not published")
    reading, _ = Reading.objects.get_or_create(
        care_plan=plan,
        slug=page.slug,
        defaults={"version": page.published, "read_at": now},
    )
    return reading


def _own(actor: Actor, care_plan: CarePlan) -> CarePlan:
    plan = look_at_plan(care_plan, None)
    refusals = []
    if actor.user is None or actor.patient_id != plan.patient_id:
        role = ", ".join(sorted(actor.roles))
        refusals.append(refuse(Code.NOT_ALLOWED, action="read", role=role))
    if plan.status not in LIVE:
        refusals.append(refuse(Code.WRONG_STATE, state=plan.status, action="read"))
    if refusals:
        raise Refused(refusals)
    return plan
