"""What can be booked, and one course in full: what it is, how long it takes, what is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from scheduling.core.catalogue import BookableBy, ServiceDefinition
from scheduling.core.course import Course as Steps
from scheduling.protocols.loading import load_library
from scheduling.selectors import courses, protocols, services
from scheduling.web.patient import keys
from scheduling.web.patient.book import first_site
from scheduling.web.patient.marks import mark_of
from scheduling.web.patient.under_way import under_way

STRENGTHS = {
    "approved": _("Approved for this use"),
    "best_studied": _("Best studied, but not approved for this use"),
    "moderate": _("Some good evidence, not approved for this use"),
    "mixed": _("Mixed results, not approved for this use"),
    "weak": _("Little or no evidence, not approved for this use"),
    "experimental": _("Experimental"),
}


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The courses and the single visits that can be booked online."""
    site = first_site()
    if site is None:
        return render(request, "scheduling/patient/closed.html", status=503)
    return render(request, "scheduling/patient/choose.html", {"site": site, **offers()})


def offers() -> dict[str, Any]:
    """Every course and every single visit, with its address. Two queries."""
    known = services.definitions()
    return {
        "courses": [_card(course, known) for course in protocols.bookable_online()],
        "visits": [
            {
                "key": keys.key(service.slug),
                "title": gettext(service.title),
                "minutes": sum(
                    phase.minutes for phase in service.phases if phase.name != "turnover"
                ),
                "mark": mark_of(service),
                "needs_evaluation": service.bookable_by == BookableBy.AFTER_EVALUATION,
            }
            for service in single_visits(known.values())
        ],
    }


def minutes_of(service: ServiceDefinition) -> int:
    """How long the patient is there: all but the turnover of a place."""
    return sum(phase.minutes for phase in service.phases if phase.name != "turnover")


def single_visits(known: Iterable[ServiceDefinition]) -> list[ServiceDefinition]:
    """The sessions that patients may book outside a course; never a treatment."""
    offered = [
        service
        for service in known
        if not service.treatment and service.bookable_by != BookableBy.STAFF
    ]
    return sorted(
        offered, key=lambda one: (one.bookable_by == BookableBy.AFTER_EVALUATION, one.title)
    )


@require_safe
def course(request: HttpRequest, key: str) -> HttpResponse:
    """One course. Its address says nothing about it."""
    found = keys.find(protocols.bookable_online(), key)
    if found is None:
        raise Http404
    known = services.definitions()
    definition = protocols.definition_of(found.version)
    steps = courses.course_from(found.version, known=known)
    sources = citations()
    context = {
        "key": key,
        "title": gettext(found.title),
        "summary": gettext(definition.summary),
        "parts": _parts(steps, known),
        "total": _total(steps),
        "blocks": [
            {
                "title": gettext(block.title),
                "total": _total(
                    courses.course_from(found.version, blocks=[block.id], known=known),
                    less=steps,
                ),
            }
            for block in definition.blocks
        ],
        "strength": STRENGTHS[definition.evidence.strength],
        "evidence": gettext(definition.evidence.summary),
        "sources": [sources[tag] for tag in definition.evidence.sources if tag in sources],
        "treats": any(step.service.treatment for step in steps.steps),
    }
    return render(
        request, "scheduling/patient/course.html", context | {"under_way": under_way(request)}
    )


@cache
def citations() -> dict[str, str]:
    """The published sources by their tags, as the templates' folder has them."""
    return dict(load_library().sources)


def _card(course: protocols.Course, known: courses.Services) -> dict[str, Any]:
    definition = protocols.definition_of(course.version)
    return {
        "key": keys.key(course.slug),
        "title": gettext(course.title),
        "summary": gettext(definition.summary),
        "strength": STRENGTHS[definition.evidence.strength],
        "total": _total(courses.course_from(course.version, known=known)),
    }


def _parts(steps: Steps, known: courses.Services) -> list[dict[str, Any]]:
    """The kinds of session in the order of the course, each with its number and length."""
    counts = Counter(step.service.slug for step in steps.steps)
    lengths = {step.service.slug: step.service.minutes for step in steps.steps}
    return [
        {
            "title": gettext(known[slug].title),
            "count": count,
            "minutes": lengths[slug],
            "mark": mark_of(known[slug]),
            "video": "video" in known[slug].modes,
        }
        for slug, count in counts.items()
    ]


def _total(steps: Steps, less: Steps | None = None) -> dict[str, int]:
    """Sessions, whole hours, and the most trips it can take; only what `less` does not have."""
    known = {step.id for step in less.steps} if less else set()
    chosen: Sequence[Any] = [step for step in steps.steps if step.id not in known]
    minutes = sum(step.service.minutes for step in chosen)
    return {
        "sessions": len(chosen),
        "hours": -(-minutes // 60),
        "trips": sum(step.service.trip for step in chosen),
    }
