"""Cancel one session: what the clinic asks for and what it means first, then the reason."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.reasons import Cancelled
from scheduling.core.refusals import Refused
from scheduling.core.states import BLOCKING
from scheduling.models import Appointment, AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel as cancel_session
from scheduling.operations.cancel import is_late
from scheduling.operations.complete import is_over, last_states
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import version
from scheduling.web.patient.session import about, find_session, names_in, page_of
from scheduling.web.tell import tell

REASONS = {
    Cancelled.UNWELL: gettext_lazy("I am not well"),
    Cancelled.NO_RIDE: gettext_lazy("I have nobody to take me home"),
    Cancelled.PATIENT_REQUEST: gettext_lazy("The time does not work, or I do not want to come"),
    Cancelled.OTHER: gettext_lazy("Something else"),
}
"""The coded reasons that are a patient's to give; the clinic has more."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """The policy and the reasons; once a reason is sent, the course without the session."""
    appointment, care_plan = find_session(request, appointment_id)
    now = timezone.now()
    reason = request.POST.get("reason", "")
    if reason in _reasons_for(appointment):
        try:
            cancelled = cancel_session(
                actor=Actor.of(cast(User, request.user)),
                appointment=appointment,
                reason=reason,
                version=version(request),
                now=now,
            )
        except Refused as refused:
            tell(request, refused, appointment.site.timezone, care_plan)
            return redirect("cancel", appointment.pk)
        messages.success(request, _outcome(care_plan, late=cancelled.late))
        return redirect(*page_of(appointment))
    site = appointment.site
    context = about(appointment, care_plan, names_in(appointment, care_plan), now) | {
        "version": appointment.version,
        "late": is_late(appointment, now),
        "hours": (
            site.late_cancel_hours_treatment if appointment.treatment else site.late_cancel_hours
        ),
        "meaning": _meaning(appointment, care_plan),
        "reasons": _reasons_for(appointment).items(),
        "reason_missing": request.method == "POST",
    }
    return render_at(request, site, "scheduling/patient/cancel.html", context)


def _reasons_for(appointment: Appointment) -> dict[Cancelled, Any]:
    """Only after a treatment somebody has to take them home."""
    return {
        code: words
        for code, words in REASONS.items()
        if appointment.treatment or code != Cancelled.NO_RIDE
    }


def _meaning(appointment: Appointment, care_plan: CarePlan | None) -> list[str]:
    """What becomes of the course without the session."""
    given_away = _("This time is given to somebody else.")
    if care_plan is None:
        return [given_away, _("You can book another visit any time.")]
    after = last_states(care_plan) | {appointment.step: AppointmentStatus.CANCELLED.value}
    if care_plan.status == CarePlanStatus.ACTIVE and is_over(after):
        return [
            given_away,
            _("Nothing else of your course is planned, so the course ends with it."),
            _("What has taken place stays in your history. You can call us to go on."),
        ]
    if BLOCKING.isdisjoint(after.values()):
        return [
            given_away,
            _("Nothing else of your course is planned after that."),
            _("The clinic is asked to find out with you how to go on."),
        ]
    return [
        given_away,
        _("All other sessions stay as they are."),
        _("The clinic is asked to find out with you what becomes of this session."),
    ]


def _outcome(care_plan: CarePlan | None, *, late: bool) -> str:
    done = _("Cancelled, and noted as late.") if late else _("Cancelled.")
    if care_plan is None:
        return done
    care_plan.refresh_from_db(fields=["status"])
    if care_plan.status == CarePlanStatus.COMPLETED:
        rest = _("Your course has ended with it.")
    else:
        rest = _("The rest of your course stays as it is.")
    return f"{done} {rest}"
