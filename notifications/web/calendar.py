"""The calendar of whoever has signed in: files to add, and private addresses to subscribe to."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from notifications.models import CalendarFeed
from notifications.operations.feeds import close_feed, kinds_of, open_feed
from notifications.web.downloads import booked_ahead
from notifications.web.feed import https_address, webcal_address
from scheduling.models import Appointment
from scheduling.web.patient.access import find_plan


@never_cache
@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """What is ahead, each with its file, and the addresses that keep a calendar up to date."""
    return _page(request)


@never_cache
@login_required
@require_POST
def make(request: HttpRequest, kind: str) -> HttpResponse:
    """A new private address, shown on this one page and never again."""
    user, wanted = cast(User, request.user), _kind(request, kind)
    secret = open_feed(user, wanted, timezone.now())
    shown = {"kind": wanted, "https": https_address(secret), "webcal": webcal_address(secret)}
    return _page(request, shown)


@never_cache
@login_required
@require_POST
def revoke(request: HttpRequest, kind: str) -> HttpResponse:
    """Take the address back. Calendars that had it get nothing more."""
    if close_feed(cast(User, request.user), _kind(request, kind)):
        messages.success(request, _("The address no longer works. Calendars get nothing more."))
    return redirect("calendar")


@never_cache
@require_safe
@vary_on_headers("HX-Request")
def plan_calendar(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """What the page of a course says about calendars: a part of that page, or a page of its own
    for who has no script."""
    care_plan, _actor = find_plan(request, plan_id)
    alone = request.headers.get("HX-Request") == "true"
    context = {
        "plan": care_plan,
        "own": request.user.is_authenticated and care_plan.patient.user_id == request.user.pk,
        "sessions": _rows(booked_ahead(request).filter(care_plan=care_plan))
        if request.user.is_authenticated
        else [],
    }
    name = "_plan" if alone else "plan"
    return render(request, f"notifications/calendar/{name}.html", context)


def _page(request: HttpRequest, shown: dict[str, Any] | None = None) -> HttpResponse:
    user = cast(User, request.user)
    kinds = kinds_of(user)
    feeds = {one.kind: one for one in CalendarFeed.objects.filter(owner=user)}
    context = {
        "sessions": _rows(booked_ahead(request)),
        "feeds": [{"kind": kind, "feed": feeds.get(kind)} for kind in kinds],
        "is_patient": CalendarFeed.Kind.PATIENT in kinds,
        "shown": shown,
    }
    return render(request, "notifications/calendar/page.html", context)


def _rows(found: Any) -> list[Appointment]:
    return list(found.select_related("site").order_by("start"))


def _kind(request: HttpRequest, kind: str) -> CalendarFeed.Kind:
    """Raises Http404 for a calendar that the reader does not have."""
    for one in kinds_of(cast(User, request.user)):
        if one == kind:
            return one
    raise Http404
