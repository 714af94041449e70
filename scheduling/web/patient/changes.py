"""What the clinic had to change: old and new times, and three ways to answer."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, AppointmentStatus, CarePlan
from scheduling.operations.accept_change import accept_change
from scheduling.operations.actor import Actor
from scheduling.querysets import appointments_for, care_plans_for
from scheduling.selectors.my_changes import my_changes
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.rows import practitioner
from scheduling.web.patient.session import names_in
from scheduling.web.tell import tell


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def changes(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The changes of a course, or of a visit outside one. POST: they suit the patient."""
    about, now = _mine(request, key), timezone.now()
    site = about.site
    if request.method == "POST":
        try:
            accept_change(
                actor=Actor.of(cast(User, request.user)),
                about=about,
                disruption=request.POST.get("seen", ""),
                now=now,
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            messages.success(request, _("Thank you. We know that it suits you."))
        return redirect("my-changes", key)
    changed = my_changes(about)
    rows = changed.changes if changed else ()
    first = rows[0].appointment if rows else None
    plan = about if isinstance(about, CarePlan) else None
    names = names_in(first, plan) if first else {}
    prefetch_related_objects([one.appointment for one in rows], "reservations__resource")
    context = {
        "site": site,
        "plan": plan,
        "key": key,
        "changed": changed,
        "rows": [
            {
                "id": one.appointment.pk,
                "name": names.get(one.appointment.pk, _(one.appointment.service.title)),
                "before": one.before,
                "after": one.after,
                "by_video": one.mode == "video",
                "since": one.since or one.appointment.start != one.after,
                "start": one.appointment.start,
                "practitioner": practitioner(one.appointment) if site.names_people else "",
                "movable": one.appointment.status == AppointmentStatus.BOOKED
                and one.appointment.start > now,
            }
            for one in rows
        ],
    }
    return render_at(request, site, "scheduling/patient/changes.html", context)


def _mine(request: HttpRequest, key: uuid.UUID) -> CarePlan | Appointment:
    """The reader's own course or visit. Raises Http404; PermissionDenied for staff."""
    user = cast(User, request.user)
    plans = care_plans_for(user).select_related("site", "patient")
    visits = appointments_for(user).select_related("site", "patient", "service")
    found = plans.filter(pk=key).first() or visits.filter(pk=key, care_plan__isnull=True).first()
    if found is None:
        raise Http404
    if user.works_here:
        raise PermissionDenied
    return found
