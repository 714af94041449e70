"""Book on the telephone: a course or a visit, held while one talks, then confirmed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from scheduling import proposals
from scheduling.core import walltime
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import (
    Appointment,
    CarePlan,
    CarePlanStatus,
    Protocol,
    Resource,
    Service,
    Site,
)
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from scheduling.operations.confirm import confirm as confirm_plan
from scheduling.operations.confirm_visit import confirm_visit
from scheduling.operations.hold import HOLD_MINUTES, Wanted, hold_course
from scheduling.operations.hold_visit import give_back
from scheduling.operations.release import release as release_plan
from scheduling.permissions import Action
from scheduling.selectors import course_search, protocols, services
from scheduling.selectors.openings import openings
from scheduling.web import words
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.patient import is_identified, patient_of
from scheduling.web.desk.sites import site_of
from scheduling.web.patient import cards, keys, month
from scheduling.web.patient.access import version
from scheduling.web.patient.book import form_for
from scheduling.web.patient.forms import TALKS
from scheduling.web.tell import tell

LONGEST_HOLD = timedelta(days=3)
"""How long a hold that somebody asked for on the telephone may last. The clinic's own default."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A service as `keys` finds it."""

    slug: str
    row: Service


@for_whom_may(Action.FIND_PATIENTS)
@require_http_methods(["GET", "HEAD"])
def choose(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What it shall be: a course, or one visit."""
    found = patient_of(request, patient_id)
    if not is_identified(request, found):
        return redirect("desk-patient", patient_id)
    context = {
        "patient": found,
        "courses": [
            {"key": keys.key(one.slug), "title": _(one.title)}
            for one in Protocol.objects.filter(active=True).order_by("title")
        ],
        "services": [
            {"key": keys.key(one.slug), "title": _(one.title)}
            for one in Service.objects.filter(treatment=False).order_by("title")
        ],
    }
    return render_panel(request, site_of(request), "scheduling/desk/choose.html", context)


@for_whom_may(Action.FIND_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def course(request: HttpRequest, patient_id: uuid.UUID, key: str) -> HttpResponse:
    """When they can come; the plans that fit, or what stands in the way. What is said travels in
    the body, for it may tell about a person's health."""
    found, site = patient_of(request, patient_id), site_of(request)
    chosen = keys.find(Protocol.objects.filter(active=True), key)
    if chosen is None:
        raise Http404
    version_ = protocols.latest(chosen.slug)
    offered = protocols.Course(chosen.slug, chosen.title, protocols.blocks(version_), version_)
    form = form_for(offered, site, request.POST if request.method == "POST" else None)
    definition = protocols.definition_of(version_)
    context: dict[str, Any] = {
        "patient": found,
        "key": key,
        "title": _(chosen.title),
        "form": form,
        "asks_reason": definition.reason_required,
    }
    if request.method == "POST" and form.is_valid():
        try:
            result = course_search.search(
                site=site,
                protocol_version=version_,
                blocks=form.cleaned_data.get("blocks", []),
                wishes=form.wishes(),
                modes=dict.fromkeys(TALKS, form.cleaned_data["mode"]),
                patient=found,
                limit=5,
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            context["proposals"] = cards.cards(result, site)
            context["why"] = [
                words.sentence(one, site.timezone, words.in_search(result))
                for one in result.answer.refusals
            ]
    return render_panel(request, site, "scheduling/desk/course_search.html", context)


@for_whom_may(Action.FIND_PATIENTS)
@require_POST
def hold(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Hold the plan that was chosen, for a quarter of an hour or until a chosen time."""
    found, now = patient_of(request, patient_id), timezone.now()
    zone = timezone.get_default_timezone_name()
    try:
        chosen = proposals.read(request.POST.get("proposal", ""), now)
        zone = chosen.site.timezone
        minutes, reason = _how_long(request, chosen.site, now)
        plan = hold_course(
            actor=Actor.of(cast(User, request.user)),
            patient=found,
            protocol_version=chosen.protocol_version,
            site=chosen.site,
            sessions={one.step: Wanted(one.start, one.practitioners) for one in chosen.sessions},
            blocks=chosen.blocks,
            modes=chosen.modes,
            wishes_json=chosen.wishes,
            reason=reason,
            minutes=minutes,
            now=now,
        )
    except Refused as refused:
        tell(request, refused, zone)
        return redirect("desk-book", patient_id)
    return redirect("desk-course", plan.pk)


@for_whom_may(Action.FIND_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, patient_id: uuid.UUID, key: str) -> HttpResponse:
    """Free days and starts of one kind of visit; a start is held at once. `?who=` asks for one
    person, `?by=` for video or telephone."""
    found, site = patient_of(request, patient_id), site_of(request)
    rows = Service.objects.filter(treatment=False)
    chosen = keys.find([Choice(one.slug, one) for one in rows], key)
    if chosen is None:
        raise Http404
    now = timezone.now()
    said = request.POST if request.method == "POST" else request.GET
    by = said.get("by", "")
    mode: str = by if by in chosen.row.modes else chosen.row.modes[0]
    people = _people(site, chosen.slug)
    who = said.get("who", "")
    who = who if who in {str(one.pk) for one in people} else ""
    start = _start(said.get("start", ""))
    if request.method == "POST" and start is not None:
        try:
            minutes, _reason = _how_long(request, site, now)
            held = book_session(
                actor=Actor.of(cast(User, request.user)),
                patient=found,
                service=chosen.row,
                site=site,
                start=start,
                practitioners=dict.fromkeys(_roles(people, who), who),
                mode=mode,
                now=now,
                hold_minutes=minutes,
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            return redirect("desk-held", held.pk)
    asked = month.asked_for(request, around=now, now=now, zone=site.timezone)
    about = {"site": site, "service": chosen.slug, "mode": mode, "patient": found}
    free = _free(asked, now, practitioner=who or None, **about)
    if not free and not {"month", "day"} & set(request.GET):  # the month is nearly over
        asked = month.asked_for(request, around=asked.end, now=now, zone=site.timezone)
        free = _free(asked, now, practitioner=who or None, **about)
    context = {
        "patient": found,
        "key": key,
        "title": _(chosen.row.title),
        "modes": chosen.row.modes,
        "mode": mode,
        "people": people,
        "who": who,
        "start": start,
        "month": asked.context(free),
        "at": request.GET.get("site", ""),
        "ask": f"by={mode}&who={who}&" + (f"site={site.slug}&" if "site" in request.GET else ""),
    }
    return render_panel(request, site, "scheduling/desk/book_visit.html", context)


@for_whom_may(Action.FIND_PATIENTS)
@require_http_methods(["GET", "HEAD"])
def held(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """A held visit: confirm it, or give it back. Once booked it is a visit like any other."""
    found = _held_visit(appointment_id)
    if found.status != "held":
        return redirect("desk-visit", appointment_id)
    context = {"visit": found, "patient": found.patient, "title": _(found.service.title)}
    return render_panel(request, found.site, "scheduling/desk/held.html", context)


@for_whom_may(Action.FIND_PATIENTS)
@require_POST
def settle(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Book the held visit, or give it back."""
    found, now = _held_visit(appointment_id), timezone.now()
    actor = Actor.of(cast(User, request.user))
    try:
        if request.POST.get("do") == "release":
            give_back(actor=actor, appointment=found, now=now)
            messages.success(request, _("The time is free again."))
            return redirect("desk-patient", found.patient_id)
        confirm_visit(actor=actor, appointment=found, version=version(request), now=now)
    except Refused as refused:
        tell(request, refused, found.site.timezone)
        return redirect("desk-held", appointment_id)
    messages.success(request, _("Booked."))
    return redirect("desk-visit", appointment_id)


@for_whom_may(Action.FIND_PATIENTS)
@require_POST
def settle_plan(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Confirm the held course, or give it back."""
    rows = CarePlan.objects.select_related("patient", "site", "protocol_version")
    plan, now = get_object_or_404(rows, pk=plan_id), timezone.now()
    actor = Actor.of(cast(User, request.user))
    try:
        if request.POST.get("do") == "release":
            release_plan(actor=actor, care_plan=plan, version=version(request), now=now)
            messages.success(request, _("The times are free again. Nothing is booked."))
            return redirect("desk-patient", plan.patient_id)
        confirm_plan(actor=actor, care_plan=plan, version=version(request), now=now)
    except Refused as refused:
        tell(request, refused, plan.site.timezone, plan)
    else:
        messages.success(
            request, _("Reserved. Treatments are confirmed once a prescriber has cleared them.")
        )
    return redirect("desk-course", plan_id)


def parked(now: datetime) -> list[CarePlan]:
    """Courses that colleagues hold for callers. One query."""
    rows = CarePlan.objects.filter(
        status=CarePlanStatus.HELD, expires_at__gt=now, created_by__roles__len__gt=0
    )
    return list(rows.select_related("patient", "created_by", "site").order_by("expires_at"))


def _start(written: str) -> datetime | None:
    """The instant that a button or link sent; None for anything else, which asks again."""
    try:
        read = parse_datetime(written.replace(" ", "+"))
    except ValueError:
        return None
    if read is None or read.tzinfo is None or not 2000 < read.year < 2100:
        return None
    return read


def _how_long(request: HttpRequest, site: Site, now: datetime) -> tuple[int, str]:
    """Minutes and the reason. Raises Refused: REASON_NEEDED for more than the usual, UNKNOWN for a
    time that is over or too far away."""
    reason = request.POST.get("reason", "").strip()[:300]
    written = request.POST.get("until", "")
    if not written:
        return HOLD_MINUTES, reason
    try:
        read = parse_datetime(written)
    except ValueError:
        read = None
    until = walltime.to_instant(read.date(), read.time(), site.timezone) if read else now
    if not now < until <= now + LONGEST_HOLD:
        raise Refused([refuse(Code.UNKNOWN, field="until", value=written)])
    if not reason:
        raise Refused([refuse(Code.REASON_NEEDED, action="hold")])
    return -(-int((until - now).total_seconds()) // 60), reason


def _free(asked: month.Month, now: datetime, **about: Any) -> list[datetime]:
    """The free starts of a month, from a few minutes ago on: somebody may stand at the desk."""
    start = max(asked.start, now - timedelta(minutes=10))
    found = openings(start=start, end=asked.end, staff=True, now=now, **about)
    return [datetime.fromtimestamp(one.start, UTC) for one in found]


def _held_visit(appointment_id: uuid.UUID) -> Appointment:
    rows = Appointment.objects.select_related("patient", "site", "service")
    return get_object_or_404(rows, pk=appointment_id, care_plan=None)


def _people(site: Site, service: str) -> list[Resource]:
    """Who can give the service, where one person gives it."""
    roles = {need.role for need in services.definitions()[service].needs if not need.present}
    return [
        one
        for one in Resource.objects.filter(site=site, active=True, kind="person")
        if not roles.isdisjoint(one.roles)
    ]


def _roles(people: list[Resource], who: str) -> list[str]:
    return [role for one in people if str(one.pk) == who for role in one.roles]
