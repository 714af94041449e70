"""What the patients of the demo clinic have answered and signed so far."""

from __future__ import annotations

import random
from datetime import datetime, time

from accounts.models import User
from scheduling.core import walltime
from scheduling.core.questionnaires import Questionnaire
from scheduling.core.refusals import Refused
from scheduling.models import CarePlan, Site
from scheduling.operations.actor import Actor
from scheduling.operations.answer_questionnaire import keep_answers, send_answers
from scheduling.operations.forms import record_form
from scheduling.selectors.forms import PATIENT, Form, forms_of

NOON = time(12)
ANSWERED = 0.85
"""The share of questionnaires that come back."""


def answer_all(site: Site, prescriber: User, now: datetime) -> None:
    """Answer what was due before `now`, each on its last day. Nobody has thoughts of death."""
    chance = random.Random(9)  # noqa: S311 - a demo, the same each time
    staff = Actor.of(prescriber)
    plans = CarePlan.objects.filter(site=site, status__in=("active", "on_hold", "completed"))
    for plan in plans.select_related("site", "patient", "protocol_version").order_by("pk"):
        burden = chance.uniform(0.5, 0.9)
        for form in forms_of(plan, now):
            at = walltime.to_instant(form.moment.closes, NOON, site.timezone)
            if at >= now or chance.random() > ANSWERED:
                continue
            open_form = next(one for one in forms_of(plan, at) if one.id == form.id)
            burden *= chance.uniform(0.6, 1.1)
            try:
                _answer(plan, open_form, burden, staff, at)
            except Refused:
                continue


def _answer(plan: CarePlan, form: Form, burden: float, staff: Actor, at: datetime) -> None:
    asked = form.questionnaire
    if form.moment.task.who == PATIENT and asked is not None:
        patient = Actor.visitor(plan.patient)
        sent = _answers(asked, burden)
        keep_answers(actor=patient, care_plan=plan, form=form, sent=sent, now=at)
        stored = next(one for one in forms_of(plan, at) if one.id == form.id)
        send_answers(actor=patient, care_plan=plan, form=stored, now=at)
        return
    value = None if asked is None else round(asked.lowest + burden * (asked.highest - asked.lowest))
    if asked is not None and asked.options:
        value = asked.options[0].value
    record_form(actor=staff, care_plan=plan, form=form, value=value, now=at)


def _answers(asked: Questionnaire, burden: float) -> dict[str, str]:
    """Answers that add up to about that share of the highest score."""
    top = max(option.value for option in asked.options)
    answers = {
        str(number): str(round(min(1.0, burden) * top)) for number in range(1, len(asked.items) + 1)
    }
    if asked.danger is not None:
        answers[str(asked.danger)] = "0"
    return answers
