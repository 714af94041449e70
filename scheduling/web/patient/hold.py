"""What a reader does with a hold: confirm it, ask for more time, give it back."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scheduling.core.refusals import Refused
from scheduling.operations import confirm as confirming
from scheduling.operations import extend as extending
from scheduling.operations import release as releasing
from scheduling.web.patient.access import find_plan, tell, version


@require_POST
def confirm(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Make the held course the patient's own. A visitor signs in first and comes back."""
    care_plan, actor = find_plan(request, plan_id)
    if actor.user is None:
        back = urlencode({"next": reverse("plan", args=[plan_id])})
        return redirect(f"{reverse('account_login')}?{back}")
    try:
        confirming.confirm(
            actor=actor, care_plan=care_plan, version=version(request), now=timezone.now()
        )
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
    else:
        messages.success(request, _("Your course is booked. You will find it here any time."))
    return redirect("plan", plan_id)


@require_POST
def extend(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Prolong the hold, once."""
    care_plan, actor = find_plan(request, plan_id)
    try:
        extending.extend(actor=actor, care_plan=care_plan, now=timezone.now())
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
    else:
        messages.success(request, _("You have more time now."))
    return redirect("plan", plan_id)


@require_POST
def release(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Give all times of the hold back."""
    care_plan, actor = find_plan(request, plan_id)
    try:
        releasing.release(
            actor=actor, care_plan=care_plan, version=version(request), now=timezone.now()
        )
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
        return redirect("plan", plan_id)
    messages.success(request, _("The times are free again. Nothing is booked."))
    return redirect("book")
