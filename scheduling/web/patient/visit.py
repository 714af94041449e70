"""One visit outside a course: choose a day and a time, and it is held."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scheduling.core.catalogue import BookableBy, ServiceDefinition
from scheduling.core.refusals import Refused
from scheduling.models import Service, Site
from scheduling.operations.eligibility import evaluated
from scheduling.operations.hold_visit import hold_visit
from scheduling.selectors import services
from scheduling.selectors.openings import openings
from scheduling.web import words
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import keys, month
from scheduling.web.patient.access import chosen_start
from scheduling.web.patient.book import first_site, own_patient
from scheduling.web.patient.choose import minutes_of, single_visits
from scheduling.web.patient.hold import holder_of
from scheduling.web.patient.throttle import throttled


@require_http_methods(["GET", "HEAD", "POST"])
@throttled
def visit(request: HttpRequest, key: str) -> HttpResponse:
    """Days with free starts, then starts; after a choice the hold. `?by=video` for talks."""
    site = first_site()
    if site is None:
        return render(request, "scheduling/patient/closed.html", status=503)
    service = keys.find(single_visits(services.definitions().values()), key)
    if service is None:
        raise Http404
    context: dict[str, Any] = {"key": key, "service": service, "site": site}
    context["minutes"] = minutes_of(service)
    patient = own_patient(request)
    if service.bookable_by == BookableBy.AFTER_EVALUATION and not (patient and evaluated(patient)):
        context["first"] = keys.key("evaluation")
        return render_at(request, site, "scheduling/patient/visit.html", context)
    mode = _mode(request, service)
    start = chosen_start(request) if request.method == "POST" else None
    if start is not None:
        holder, actor = holder_of(request)
        if holder is None:
            messages.warning(request, _("Please sign in as a patient to book a visit."))
            return redirect("book")
        try:
            held = hold_visit(
                actor=actor,
                patient=holder,
                service=Service.objects.get(slug=service.slug),
                site=site,
                start=start,
                mode=mode,
                now=timezone.now(),
            )
        except Refused as refused:
            context["refusals"] = [
                words.sentence(refusal, site.timezone, lambda _step: _(service.title))
                for refusal in refused.refusals
            ]
        else:
            return redirect("visit-page", held.pk)
    context |= {"mode": mode, "modes": service.modes, "month": _month(request, site, service, mode)}
    return render_at(request, site, "scheduling/patient/visit.html", context)


def _mode(request: HttpRequest, service: ServiceDefinition) -> str:
    asked = request.POST.get("by") or request.GET.get("by", "")
    return asked if asked in service.modes else service.modes[0]


def _month(
    request: HttpRequest, site: Site, service: ServiceDefinition, mode: str
) -> dict[str, Any]:
    now = timezone.now()
    asked = month.asked_for(request, around=now, now=now, zone=site.timezone)
    found = openings(
        site=site,
        service=service.slug,
        start=asked.start,
        end=asked.end,
        mode=mode,
        patient=own_patient(request),
        now=now,
    )
    return asked.context([datetime.fromtimestamp(one.start, UTC) for one in found])
