"""At the desk: addresses of a patient to which nothing goes, and why."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from notifications.models import Suppression
from notifications.operations.suppress import MAY_LIFT, lift, of_patient
from scheduling.core.refusals import Refused
from scheduling.operations.actor import Actor
from scheduling.permissions import Action
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.patient import is_identified, patient_of
from scheduling.web.desk.sites import site_of
from scheduling.web.tell import tell

WHY = {
    "bounce": gettext_lazy("Mail came back: there is no such mailbox, or it takes no mail."),
    "complaint": gettext_lazy("Its reader reported our mail as unwanted."),
    "stop": gettext_lazy("Its owner texted STOP. Only a text with START changes that."),
}


@for_whom_may(Action.FIND_PATIENTS)
@require_safe
def reach(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The list, as a page or, with `?part=1`, as a part of the patient's panel. Nothing is said
    before the caller has shown who they are."""
    patient = patient_of(request, patient_id)
    if not is_identified(request, patient):
        return redirect("desk-patient", patient_id)
    may_lift = Actor.of(cast(User, request.user)).has(*MAY_LIFT)
    context: dict[str, Any] = {
        "patient": patient,
        "stopped": [
            {"row": one, "why": WHY[one.reason], "may_lift": may_lift and one.reason != "stop"}
            for one in of_patient(patient)
        ],
    }
    if request.GET.get("part"):
        return render(request, "notifications/desk/_reach.html", context)
    return render_panel(request, site_of(request), "notifications/desk/reach.html", context)


@for_whom_may(Action.FIND_PATIENTS)
@require_POST
def use_again(request: HttpRequest, patient_id: uuid.UUID, suppression_id: int) -> HttpResponse:
    """Send to that address again."""
    patient = patient_of(request, patient_id)
    if not is_identified(request, patient):
        return redirect("desk-patient", patient_id)
    found = get_object_or_404(of_patient(patient), pk=suppression_id)
    try:
        _lift(request, patient, found)
    except Refused as refused:
        tell(request, refused, site_of(request).timezone)
    else:
        messages.success(request, _("We send there again."))
    return redirect("desk-patient", patient_id)


def _lift(request: HttpRequest, patient: Any, found: Suppression) -> None:
    lift(
        actor=Actor.of(cast(User, request.user)),
        patient=patient,
        suppression=found,
        now=timezone.now(),
    )
