"""Which session a page is about, in a course or alone."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from scheduling.models import Appointment, CarePlan
from scheduling.querysets import appointments_for
from scheduling.web.names import numbered
from scheduling.web.patient.rows import GONE, session_row


def find_session(
    request: HttpRequest, appointment_id: uuid.UUID
) -> tuple[Appointment, CarePlan | None]:
    """The session and its course, None for a visit outside a course, if this person may see them.
    Raises Http404."""
    found = (
        appointments_for(request.user)
        .select_related("site", "service", "patient")
        .select_related("care_plan", "care_plan__protocol_version", "care_plan__site")
        .prefetch_related("reservations__resource")
        .filter(pk=appointment_id)
        .exclude(status__in=GONE)
        .first()
    )
    if found is None:
        raise Http404
    return found, found.care_plan


def names_in(appointment: Appointment, care_plan: CarePlan | None) -> dict[uuid.UUID, str]:
    """What the sessions of its course are called, or the visit alone. One query in a course."""
    if care_plan is None:
        return {appointment.pk: gettext(appointment.service.title)}
    return numbered(care_plan.appointments.exclude(status__in=GONE).select_related("service"))


def about(
    appointment: Appointment, care_plan: CarePlan | None, names: dict[uuid.UUID, str], now: datetime
) -> dict[str, Any]:
    """What every page about one session shows: the session, where it belongs and the way back."""
    name, key = page_of(appointment)
    return {
        "plan": care_plan,
        "alone": care_plan is None,
        "site": appointment.site,
        "session": session_row(care_plan, appointment, now) | {"name": names[appointment.pk]},
        "back": reverse(name, args=[key]),
    }


def page_of(appointment: Appointment) -> tuple[str, uuid.UUID]:
    """URL name and key of the page on which the session stands."""
    if appointment.care_plan_id is not None:
        return "plan", appointment.care_plan_id
    return "visit-page", appointment.pk
