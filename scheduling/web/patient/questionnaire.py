"""A questionnaire: kept as it is typed, with help at once where somebody needs it."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.assurance import strong_session_required
from accounts.models import User
from scheduling.core.questionnaires import missing
from scheduling.core.refusals import Refused
from scheduling.models import CarePlan
from scheduling.operations.actor import Actor
from scheduling.operations.answer_questionnaire import keep_answers, send_answers
from scheduling.selectors.forms import PATIENT, Form, form_of
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import own_plan
from scheduling.web.patient.help import help_for
from scheduling.web.tell import tell


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def questionnaire(request: HttpRequest, plan_id: uuid.UUID, form_id: uuid.UUID) -> HttpResponse:
    """The questions. What is sent is kept before anything is asked about the session: no answer,
    and no call for help, is lost to a page that asks to sign in again."""
    care_plan = own_plan(request, plan_id)
    form = _find(care_plan, form_id)
    if request.method != "POST":
        return _show(request, care_plan=care_plan, form=form)
    now, actor = timezone.now(), Actor.of(cast(User, request.user))
    try:
        alert = keep_answers(
            actor=actor, care_plan=care_plan, form=form, sent=request.POST.dict(), now=now
        )
        form = _find(care_plan, form_id)
        if form.questionnaire and missing(form.questionnaire, _answers(form)):
            messages.warning(request, _("Your answers are kept. Some questions are still open."))
            return redirect("patient-questionnaire", plan_id, form_id)
        send_answers(actor=actor, care_plan=care_plan, form=form, now=now)
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
        return redirect("plan", plan_id)
    messages.success(request, _("Thank you. Your clinician sees your answers."))
    return redirect(*("patient-questionnaire", plan_id, form_id) if alert else ("plan", plan_id))


@login_required
@require_POST
def answer(request: HttpRequest, plan_id: uuid.UUID, form_id: uuid.UUID) -> HttpResponse:
    """Keep one answer as it is given; answers with the call for help, or with nothing."""
    care_plan = own_plan(request, plan_id)
    form = _find(care_plan, form_id)
    now, actor = timezone.now(), Actor.of(cast(User, request.user))
    with suppress(Refused):  # nothing to keep any more, and an alert stands all the same
        keep_answers(actor=actor, care_plan=care_plan, form=form, sent=request.POST.dict(), now=now)
    context = {"saved": True} | help_for(care_plan, now)
    return render_at(request, care_plan.site, "scheduling/patient/_help.html", context)


@strong_session_required
def _show(request: HttpRequest, *, care_plan: CarePlan, form: Form) -> HttpResponse:
    asked = form.questionnaire
    if asked is None:
        raise Http404
    answers = _answers(form)
    context = {
        "plan": care_plan,
        "form": form,
        "asked": asked,
        "questions": [
            {
                "number": number,
                "id": f"q{number}",
                "words": words,
                "reply": answers.get(str(number), ""),
            }
            for number, words in enumerate(asked.items, start=1)
        ],
        "options": [(str(option.value), option.words) for option in asked.options],
        "foreign": asked.language != (get_language() or "")[:2],
    } | help_for(care_plan, timezone.now())
    return render_at(request, care_plan.site, "scheduling/patient/questionnaire.html", context)


def _find(care_plan: CarePlan, form_id: uuid.UUID) -> Form:
    language = (get_language() or "")[:2]
    form = form_of(care_plan, form_id, timezone.now(), who=PATIENT, language=language)
    if form is None or form.questionnaire is None:
        raise Http404
    return form


def _answers(form: Form) -> dict[str, str]:
    return form.response.answers if form.response else {}
