"""Appointments as files, for whoever has signed in: their own, and nobody else's."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from notifications.compose.calendar import file_of
from notifications.web.feed import TYPE
from scheduling.models import Appointment, AppointmentStatus


@never_cache
@login_required
@require_safe
def session(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """One appointment. Cancelled, it says so, and takes itself out of the calendar."""
    return _file(own(request).filter(pk=appointment_id), "appointment.ics")


@never_cache
@login_required
@require_safe
def course(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Every session of a course that stands or has taken place."""
    rows = own(request).filter(care_plan=plan_id).exclude(status=AppointmentStatus.CANCELLED)
    return _file(rows, "appointments.ics")


@never_cache
@login_required
@require_safe
def ahead(request: HttpRequest) -> HttpResponse:
    """All that is still to come."""
    return _file(booked_ahead(request), "appointments.ics")


def own(request: HttpRequest) -> QuerySet[Appointment]:
    """The reader's own appointments; who works here finds those of others at the desk."""
    return Appointment.objects.filter(patient__user=cast(User, request.user))


def booked_ahead(request: HttpRequest) -> QuerySet[Appointment]:
    """Those that are booked and not over."""
    return own(request).filter(status=AppointmentStatus.BOOKED, end__gt=timezone.now())


def _file(rows: QuerySet[Appointment], name: str) -> HttpResponse:
    content = file_of(rows)
    if content is None:
        raise Http404
    # Shown rather than saved where a phone can: it then offers to add them, without a detour.
    return HttpResponse(
        content,
        content_type=TYPE,
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
