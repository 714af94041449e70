"""Which session of a course a page is about."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest

from scheduling.models import Appointment, CarePlan
from scheduling.querysets import appointments_for
from scheduling.web.patient.names import numbered
from scheduling.web.patient.rows import GONE


def find_session(request: HttpRequest, appointment_id: uuid.UUID) -> tuple[Appointment, CarePlan]:
    """The session and its course, if this person may see them. Raises Http404."""
    found = (
        appointments_for(request.user)
        .select_related(
            "site",
            "service",
            "care_plan",
            "care_plan__protocol_version",
            "care_plan__site",
            "patient",
        )
        .prefetch_related("reservations__resource")
        .filter(pk=appointment_id, care_plan__isnull=False)
        .exclude(status__in=GONE)
        .first()
    )
    if found is None or found.care_plan is None:
        raise Http404
    return found, found.care_plan


def name_of(appointment: Appointment, care_plan: CarePlan) -> str:
    """What the session is called in its course. One query."""
    siblings = care_plan.appointments.exclude(status__in=GONE).select_related("service")
    return numbered(siblings)[appointment.pk]
