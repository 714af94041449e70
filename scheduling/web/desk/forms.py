"""The questionnaires and forms of a course as staff see them: done or not for everybody, results
for clinical staff."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from scheduling.core.questionnaires import band
from scheduling.core.refusals import Refused
from scheduling.models import CarePlan
from scheduling.operations.actor import Actor
from scheduling.operations.forms import record_form
from scheduling.permissions import Action, may
from scheduling.selectors.consents import consent_of, signature_of
from scheduling.selectors.forms import STAFF, Form, State, form_of, forms_of
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.patient.consent import download
from scheduling.web.patient.trend import trends_of
from scheduling.web.tell import tell

STATES = {
    State.AHEAD: gettext_lazy("Not due yet"),
    State.OPEN: gettext_lazy("Due"),
    State.DONE: gettext_lazy("Done"),
    State.MISSED: gettext_lazy("Not filled in"),
}


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def forms(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """All of them by day; scores and their course for those who may read answers."""
    care_plan = _plan(plan_id)
    user = cast(User, request.user)
    may_read = may(user, Action.READ_ANSWERS)
    document = consent_of(care_plan)
    context = {
        "plan": care_plan,
        "patient": care_plan.patient,
        "may_read": may_read,
        "forms": [
            _row(one, may_read=may_read, may_record=may(user, Action.RECORD_FORM))
            for one in forms_of(care_plan, timezone.now())
        ],
        "trends": trends_of(care_plan) if may_read else [],
        "asks_consent": document is not None,
        "signature": signature_of(care_plan, document) if document else None,
    }
    return render_at(request, care_plan.site, "scheduling/desk/forms.html", context)


@for_whom_may(Action.RECORD_FORM)
@require_POST
def record(request: HttpRequest, plan_id: uuid.UUID, form_id: uuid.UUID) -> HttpResponse:
    """Record a result, or that a form was done."""
    care_plan = _plan(plan_id)
    now = timezone.now()
    form = form_of(care_plan, form_id, now, who=STAFF)
    if form is None:
        raise Http404
    typed = request.POST.get("result", "")
    value = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else None
    try:
        record_form(
            actor=Actor.of(cast(User, request.user)),
            care_plan=care_plan,
            form=form,
            value=value,
            now=now,
        )
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone)
    else:
        messages.success(request, _("It is recorded."))
    return redirect("desk-forms", plan_id)


@for_whom_may(Action.READ_ANSWERS)
@require_safe
def consent(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The signed copy."""
    return download(_plan(plan_id))


def _plan(plan_id: uuid.UUID) -> CarePlan:
    rows = CarePlan.objects.select_related("patient", "site", "protocol_version__protocol")
    return get_object_or_404(rows, pk=plan_id)


def _row(form: Form, *, may_read: bool, may_record: bool) -> dict[str, object]:
    asked, response = form.questionnaire, form.response
    score = response.score if response and may_read else None
    return {
        "id": form.id,
        "title": form.title,
        "opens": form.moment.opens,
        "closes": form.moment.closes,
        "state": STATES[form.state],
        "score": score,
        "band": band(asked, score) if asked and score is not None else "",
        "open": may_record
        and form.moment.task.who == STAFF
        and form.state in (State.OPEN, State.MISSED),
        "options": asked.options if asked else (),
        "asked": asked,
    }
