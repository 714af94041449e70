"""Choose a course and preferences, see complete plans, hold one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheduling import proposals
from scheduling.core import walltime
from scheduling.core.refusals import Refused
from scheduling.models import Resource, Site
from scheduling.operations.actor import Actor
from scheduling.operations.hold import Wanted, hold_course
from scheduling.selectors import course_search, protocols
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import cards, visitor, words
from scheduling.web.patient.access import tell
from scheduling.web.patient.forms import TALKS, SearchForm


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """The form; answered with plans, or with what stands in the way.

    A POST changes nothing: preferences may tell about a person's health, so they stay out of
    addresses, logs and the browser's history.
    """
    site = Site.objects.filter(active=True).order_by("slug").first()
    if site is None:
        return render(request, "scheduling/patient/closed.html", status=503)
    form = _form(request, site)
    if request.method != "POST" or "change" in request.POST or not form.is_valid():
        return render_at(request, site, "scheduling/patient/book.html", {"form": form})
    said = form.cleaned_data
    patient = getattr(request.user, "patient", None) if request.user.is_authenticated else None
    result = course_search.search(
        site=site,
        protocol_version=protocols.latest(said["protocol"]),
        blocks=said["blocks"],
        wishes=form.wishes(),
        modes=dict.fromkeys(TALKS, said["mode"]),
        patient=patient,
        limit=5,
        now=timezone.now(),
    )
    context = {
        "proposals": cards.cards(result, site),
        "refusals": [
            words.sentence(refusal, site.timezone, words.in_search(result))
            for refusal in result.answer.refusals
        ],
        "said": [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name in form.fields
        ],
    }
    return render_at(request, site, "scheduling/patient/proposals.html", context)


def _form(request: HttpRequest, site: Site) -> SearchForm:
    bookable = protocols.bookable_online()
    therapists = Resource.objects.filter(site=site, roles__contains=["therapist"], active=True)
    offered: dict[str, Any] = {
        "today": walltime.local_date(timezone.now(), site.timezone),
        "protocols": [(protocol.slug, protocol.title) for protocol in bookable],
        "blocks": sorted({block for protocol in bookable for block in protocol.blocks}),
        "therapists": [(str(person.pk), person.name) for person in therapists],
    }
    if request.method != "POST":
        return SearchForm(**offered)
    return SearchForm(request.POST, **offered)


@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """Hold the chosen plan whole, for the signed-in patient or for a visitor."""
    now = timezone.now()
    zone = timezone.get_default_timezone_name()
    try:
        chosen = proposals.read(request.POST.get("proposal", ""), now)
        zone = chosen.site.timezone
        if request.user.is_authenticated:
            patient = getattr(request.user, "patient", None)
            if patient is None:
                messages.warning(request, _("Please sign in as a patient to hold a course."))
                return redirect("book")
            actor = Actor.of(request.user)
        else:
            patient = visitor.find_or_create(request)
            actor = Actor.visitor(patient)
        plan = hold_course(
            actor=actor,
            patient=patient,
            protocol_version=chosen.protocol_version,
            site=chosen.site,
            sessions={
                session.step: Wanted(session.start, session.practitioners)
                for session in chosen.sessions
            },
            blocks=chosen.blocks,
            modes=chosen.modes,
            wishes_json=chosen.wishes,
            now=now,
        )
    except Refused as refused:
        tell(request, refused, zone)
        return redirect("book")
    return redirect("plan", plan.pk)
