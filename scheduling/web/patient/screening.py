"""The safety questions: kept as they are typed, with help at once where somebody needs it."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.assurance import strong_session_required
from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.core.screening import MEDICINES, Question, Reply, missing
from scheduling.models import CarePlan, Screening
from scheduling.operations.actor import Actor
from scheduling.operations.answer_screening import keep_answers, send_screening
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import own_plan
from scheduling.web.patient.help import help_for
from scheduling.web.tell import tell

WORDS = {
    Question.SELF_HARM: gettext_lazy(
        "In the past few weeks, have you had thoughts about killing or hurting yourself?"
    ),
    Question.ANEURYSM: gettext_lazy(
        "Has a doctor ever found an aneurysm, or blood vessels that are tangled (AVM)?"
    ),
    Question.BRAIN_BLEED: gettext_lazy("Have you ever had bleeding in the brain?"),
    Question.ALLERGY: gettext_lazy("Have you ever reacted badly to ketamine or esketamine?"),
    Question.HEART: gettext_lazy(
        "Do you have a heart problem, or high blood pressure that is hard to control?"
    ),
    Question.PSYCHOSIS: gettext_lazy(
        "Have you ever seen or heard things that others did not, or had a time of mania?"
    ),
    Question.LIVER: gettext_lazy("Do you have a liver disease?"),
    Question.PRESSURE: gettext_lazy("Do you have raised pressure in the eye or in the head?"),
    Question.SUBSTANCES: gettext_lazy(
        "Do you use alcohol or drugs in a way that worries you or others?"
    ),
    Question.PREGNANCY: gettext_lazy("Are you pregnant or breastfeeding, or might you be?"),
    Question.BLADDER: gettext_lazy("Do you have pain or trouble with your bladder?"),
}
REPLIES = {
    Reply.NO: gettext_lazy("No"),
    Reply.YES: gettext_lazy("Yes"),
    Reply.UNSURE: gettext_lazy("Not sure"),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def screening(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The questions. What is sent is kept before anything is asked about the session: no answer,
    and no call for help, is lost to a page that asks to sign in again."""
    care_plan = own_plan(request, plan_id)
    if request.method != "POST":
        return _show(request, care_plan=care_plan)
    now, actor = timezone.now(), Actor.of(cast(User, request.user))
    try:
        alert = keep_answers(actor=actor, care_plan=care_plan, answers=_sent(request), now=now)
        open_ones = missing(_answers(care_plan))
        if not open_ones:
            send_screening(actor=actor, care_plan=care_plan, now=now)
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
        return redirect("plan", plan_id)
    if open_ones:
        messages.warning(request, _("Your answers are kept. Some questions are still open."))
        return redirect("patient-screening", plan_id)
    messages.success(request, _("Thank you. A clinician reads your answers before you meet."))
    return redirect("patient-screening" if alert else "plan", plan_id)


@login_required
@require_POST
def answer(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Keep one answer as it is given; answers with the call for help, or with nothing."""
    care_plan = own_plan(request, plan_id)
    now = timezone.now()
    sent, actor = _sent(request), Actor.of(cast(User, request.user))
    with suppress(Refused):  # the course is over: nothing to keep, and an alert stands all the same
        keep_answers(actor=actor, care_plan=care_plan, answers=sent, now=now)
    context = {"saved": True} | help_for(care_plan, now)
    return render_at(request, care_plan.site, "scheduling/patient/_help.html", context)


@strong_session_required
def _show(request: HttpRequest, *, care_plan: CarePlan) -> HttpResponse:
    now = timezone.now()
    answers = _answers(care_plan)
    context = {
        "plan": care_plan,
        "questions": [
            {"name": one.value, "words": WORDS[one], "reply": answers.get(one, "")}
            for one in Question
        ],
        "replies": [(reply.value, words) for reply, words in REPLIES.items()],
        "medicines": answers.get(MEDICINES, ""),
        "sent_at": _sent_at(care_plan),
    } | help_for(care_plan, now)
    return render_at(request, care_plan.site, "scheduling/patient/screening.html", context)


def _sent(request: HttpRequest) -> dict[str, str]:
    known = [*Question, MEDICINES]
    return {name: request.POST[name] for name in known if name in request.POST}


def _answers(care_plan: CarePlan) -> dict[str, str]:
    found = Screening.objects.filter(care_plan=care_plan).first()
    return found.answers if found else {}


def _sent_at(care_plan: CarePlan) -> datetime | None:
    return (
        Screening.objects.filter(care_plan=care_plan).values_list("submitted_at", flat=True).first()
    )
