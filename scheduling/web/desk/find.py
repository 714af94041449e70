"""The command bar: a patient by anything they say, a day, or what is to be done."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from accounts.models import Patient, User
from scheduling.core import walltime
from scheduling.core.states import BLOCKING
from scheduling.models import Appointment, Site
from scheduling.permissions import Action
from scheduling.querysets import patients_for
from scheduling.selectors.patients import matching
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of

FOUND = 8
VERBS = {
    "book": "book",
    "move": "move",
    "check in": "visit",
    "checkin": "visit",
    "reservar": "book",
    "mover": "move",
    "llegada": "visit",
}
"""What a command may begin with, in every language of the pages, and which page it opens."""
DAY = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?")


@for_whom_may(Action.FIND_PATIENTS)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """What fits, best first. POST: no name stands in an address."""
    site, now = site_of(request), timezone.now()
    said = request.POST.get("q", "").strip()[:200]
    verb, rest = command(said)
    patients = (
        list(matching(patients_for(cast(User, request.user)), rest)[:FOUND])
        if len(rest) > 1
        else []
    )
    following = _following(patients, site, now) if patients else {}
    day = day_said(rest, walltime.local_date(now, site.timezone))
    context = {
        "q": said,
        "day": day,
        "found": [
            {
                "patient": patient,
                "url": _page(verb, patient, following.get(patient.pk)),
                "next": following.get(patient.pk),
            }
            for patient in patients
        ],
        "new": len(rest) > 1 and day is None,
        "nobody": len(rest) > 1 and not patients and day is None,
    }
    alone = request.headers.get("HX-Request") == "true"
    template = "scheduling/desk/_found.html" if alone else "scheduling/desk/found.html"
    return render_at(request, site, template, context)


def command(said: str) -> tuple[str, str]:
    """The page that is asked for (`patient` where none is) and the words that say for whom."""
    lowered = said.lower()
    for verb, page in VERBS.items():
        if lowered == verb or lowered.startswith(f"{verb} "):
            return page, said[len(verb) :].strip()
    return "patient", said


def day_said(said: str, today: date) -> date | None:
    """A day as 2026-12-03, or 12/3 in this year or the next, whichever is not over."""
    try:
        read = parse_date(said)
    except ValueError:
        return None
    spoken = DAY.fullmatch(said)
    if read or not spoken:
        return read
    month, day, year = spoken.groups()
    try:
        named = date(int(year) if year else today.year, int(month), int(day))
        return named if year or named >= today else named.replace(year=today.year + 1)
    except ValueError:
        return None


def _following(patients: list[Patient], site: Site, now: datetime) -> dict[Any, Appointment]:
    """The next visit of each, today's that has begun included. One query."""
    today = walltime.day_start(walltime.local_date(now, site.timezone), site.timezone)
    rows = Appointment.objects.filter(
        patient__in=patients, start__gte=today, status__in=BLOCKING
    ).order_by("patient", "start")
    return {row.patient_id: row for row in rows.distinct("patient").select_related("service")}


def _page(verb: str, patient: Patient, following: Appointment | None) -> str:
    if verb == "book":
        return reverse("desk-book", args=[patient.pk])
    if verb == "visit" and following:
        return reverse("desk-visit", args=[following.pk])
    if verb == "move" and following:
        return reverse("desk-move", args=[following.pk])
    return reverse("desk-patient", args=[patient.pk])
