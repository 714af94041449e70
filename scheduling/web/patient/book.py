"""Preferences for one course, the plans that fit them, or what stands in the way."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Patient
from scheduling.core import walltime
from scheduling.core.refusals import Refused
from scheduling.models import Resource, Site
from scheduling.selectors import course_search, protocols
from scheduling.web import words
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import cards, kept, keys, visitor, ways_on
from scheduling.web.patient.forms import TALKS, CallForm, SearchForm
from scheduling.web.patient.throttle import throttled
from scheduling.web.patient.under_way import under_way
from scheduling.web.tell import tell


def first_site() -> Site | None:
    """The clinic that takes bookings."""
    return Site.objects.filter(active=True).order_by("slug").first()


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, key: str) -> HttpResponse:
    """The form. What is said goes into the session, never into an address: it may tell about a
    person's health. `?from=` names an earlier search of this browser, to say it again."""
    site = first_site()
    if site is None:
        return render(request, "scheduling/patient/closed.html", status=503)
    course = _course(key)
    if request.method == "POST":
        form = form_for(course, site, request.POST)
        if form.is_valid():
            said = {name: request.POST.getlist(name) for name in form.fields}
            search = kept.keep(request, kept.SEARCHES, {"course": key, "said": said})
            return redirect("proposals", search)
    else:
        earlier = kept.find(request, kept.SEARCHES, request.GET.get("from", ""))
        form = form_for(course, site, _data(earlier["said"]) if earlier else None)
    context = {"form": form, "key": key, "title": _(course.title), "under_way": under_way(request)}
    return render_at(request, site, "scheduling/patient/book.html", context)


@require_safe
@throttled
def proposals(request: HttpRequest, search: str) -> HttpResponse:
    """Up to five complete plans for what was said, as the clinic is free right now."""
    site = first_site()
    asked = kept.find(request, kept.SEARCHES, search)
    if site is None or asked is None:
        messages.info(request, _("That search is over. Please start again: it takes a minute."))
        return redirect("book")
    course, form = asked_course(asked, site)
    if not form.is_valid():  # a day that was ahead then may have passed, a therapist have left
        context = {"form": form, "key": asked["course"], "title": _(course.title)}
        return render_at(request, site, "scheduling/patient/book.html", context)
    try:
        result = course_search.search(
            site=site,
            protocol_version=course.version,
            blocks=form.cleaned_data.get("blocks", []),
            wishes=form.wishes(),
            modes=dict.fromkeys(TALKS, form.cleaned_data["mode"]),
            patient=own_patient(request),
            limit=5,
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, site.timezone)
        return redirect("preferences", asked["course"])
    context = {"search": search, "key": asked["course"], "title": _(course.title)}
    if result.answer.proposals:
        context["proposals"] = cards.cards(result, site)
        return render_at(request, site, "scheduling/patient/proposals.html", context)
    refusals = result.answer.refusals
    context |= {
        "why": [
            words.sentence(refusal, site.timezone, words.in_search(result))
            for refusal in refusals
            if not ways_on.is_hint(refusal)
        ],
        "ways": ways_on.ways_on(refusals, asked["said"]),
        "form": CallForm(),
        "site": site,
    }
    return render_at(request, site, "scheduling/patient/nothing.html", context)


def asked_course(asked: dict[str, Any], site: Site) -> tuple[protocols.Course, SearchForm]:
    """The course of a search that was kept, and its form as it was answered. Raises Http404."""
    course = _course(asked["course"])
    return course, form_for(course, site, _data(asked["said"]))


def back_to_plans(request: HttpRequest, search: str) -> HttpResponse:
    """To the plans of a search of this browser; to the courses where it has none of that name."""
    if kept.find(request, kept.SEARCHES, search) is None:
        return redirect("book")
    return redirect("proposals", search)


def own_patient(request: HttpRequest) -> Patient | None:
    """The reader as a patient: signed in, or a visitor who has held something before."""
    if request.user.is_authenticated:
        return getattr(request.user, "patient", None)
    return visitor.find(request)


def form_for(course: protocols.Course, site: Site, data: Any) -> SearchForm:
    """The form of one course. One query."""
    therapists = Resource.objects.filter(site=site, roles__contains=["therapist"], active=True)
    if not site.names_people:
        therapists = therapists.none()
    definition = protocols.definition_of(course.version)
    return SearchForm(
        data,
        today=walltime.local_date(timezone.now(), site.timezone),
        blocks=[(block.id, _(block.title)) for block in definition.blocks],
        therapists=[(str(person.pk), person.name) for person in therapists],
    )


def _course(key: str) -> protocols.Course:
    found = keys.find(protocols.bookable_online(), key)
    if found is None:
        raise Http404
    return found


def _data(said: dict[str, list[str]]) -> QueryDict:
    """What was said, as a form reads it."""
    data = QueryDict(mutable=True)
    for name, values in said.items():
        data.setlist(name, values)
    return data
