"""A patient holds the next treatments back with one tap."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import User
from scheduling.core.reasons import Paused
from scheduling.core.refusals import Refused
from scheduling.operations.actor import Actor
from scheduling.operations.pause import pause as pause_course
from scheduling.web.patient.access import find_plan, version
from scheduling.web.tell import tell

REASONS = {
    Paused.HARD_SESSION: gettext_lazy("That was hard"),
    Paused.TALK_FIRST: gettext_lazy("Talk to me first"),
}
"""What a patient says; the clinic has more reasons."""


@login_required
@require_POST
def pause(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Pause the reader's own course. Staff choose how long a pause lasts, so not from here."""
    care_plan, _actor = find_plan(request, plan_id)
    actor = Actor.of(cast(User, request.user))
    reason = request.POST.get("reason", "")
    if actor.staff:
        raise PermissionDenied
    if reason not in REASONS:
        messages.warning(request, _("Please say why."))
        return redirect("plan", plan_id)
    try:
        pause_course(
            actor=actor,
            care_plan=care_plan,
            reason=reason,
            version=version(request),
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
    else:
        messages.success(request, _("Paused. A clinician will call you within one day."))
        if not care_plan.patient.phone:
            messages.warning(request, _("We have no phone number of yours. Please call us."))
    return redirect("plan", plan_id)
