"""Leave, repairs and holidays: dated exceptions to the weekly hours."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, cast

import holidays as known_holidays
from django import forms
from django.contrib import messages
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.core.walltime import day_start, local, local_date
from scheduling.models import Closure, Resource, Site
from scheduling.operations.actor import Actor
from scheduling.operations.change_closure import change_closure
from scheduling.operations.close import affected_by, close, period_refusals
from scheduling.operations.reopen import reopen
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.setup.hours import said_of
from scheduling.web.tell import tell

COUNTRY = "US"
"""Whose public holidays are offered. Clinics elsewhere write their own rows."""
ONE_DAY = timedelta(days=1)


class ClosureForm(forms.Form):
    """Who or what is away, from when to when in wall time of the clinic, and why."""

    whom = forms.ChoiceField(label=gettext_lazy("Who or what"))
    start = forms.DateTimeField(
        label=gettext_lazy("From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    end = forms.DateTimeField(
        label=gettext_lazy("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Resource.objects.filter(site=site, active=True).exclude(kind="series")
        self.resources = {str(one.pk): one for one in rows}
        whom: Any = self.fields["whom"]
        whom.choices = [
            ("site", _("The whole site")),
            *((key, one.name) for key, one in self.resources.items()),
        ]


@for_whom_may(Action.CLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def closures(request: HttpRequest) -> HttpResponse:
    """What lies ahead, and the form for another one. Sent once it shows whom it meets; sent again
    with `apply` it closes."""
    site, now = site_of(request), timezone.now()
    context = {"site": site, **_ahead(site, now)}
    with timezone.override(site.timezone):
        form = ClosureForm(request.POST or None, site=site)
        valid = request.method == "POST" and form.is_valid()
    if valid:
        said = form.cleaned_data
        resource = form.resources.get(said["whom"])
        if period_refusals(said["start"], said["end"], now):
            form.add_error(
                "end", _("This is not after the start, too long after it, or it is over.")
            )
        elif request.POST.get("apply"):
            done = _close(request, site, resource, said["start"], said["end"], said["reason"])
            if done:
                return redirect("setup-closures")
        else:
            unsaved = _closure(site, resource, said["start"], said["end"])
            context |= {"checked": True, "met": affected_by(unsaved, site)}
    return render_at(request, site, "scheduling/setup/closures.html", context | {"form": form})


@for_whom_may(Action.CLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, closure_id: uuid.UUID) -> HttpResponse:
    """Change one: the old one is ended and another takes its place. An extra opening is no closure:
    it is taken away, not changed."""
    found = _found(closure_id, opens=False)
    site = found.resource.site if found.resource else cast(Site, found.site)
    whom = str(found.resource_id) if found.resource_id else "site"
    as_it_is = {
        "whom": whom,
        "start": local(found.during.lower, site.timezone).strftime("%Y-%m-%dT%H:%M"),
        "end": local(found.during.upper, site.timezone).strftime("%Y-%m-%dT%H:%M"),
        "reason": found.reason,
    }
    with timezone.override(site.timezone):
        form = ClosureForm(request.POST or as_it_is, site=site)
        valid = request.method == "POST" and form.is_valid()
    context: dict[str, Any] = {"site": site, "form": form, "title": _("Change a closure")}
    if valid:
        said = form.cleaned_data
        resource = form.resources.get(said["whom"])
        if period_refusals(said["start"], said["end"], timezone.now()):
            form.add_error(
                "end", _("This is not after the start, too long after it, or it is over.")
            )
        elif request.POST.get("apply"):
            try:
                done = change_closure(
                    actor=Actor.of(cast(User, request.user)),
                    closure=found,
                    site=None if resource else site,
                    resource=resource,
                    start=said["start"],
                    end=said["end"],
                    reason=said["reason"],
                    now=timezone.now(),
                )
            except Refused as refused:
                tell(request, refused, site.timezone)
            else:
                messages.success(request, said_of(len(done.affected)))
            return redirect("setup-closures")
        else:
            unsaved = _closure(site, resource, said["start"], said["end"])
            context |= {"checked": True, "met": affected_by(unsaved, site)}
    return render_at(request, site, "scheduling/setup/form.html", context)


@for_whom_may(Action.CLOSE)
@require_POST
def end(request: HttpRequest, closure_id: uuid.UUID) -> HttpResponse:
    """Take it away: what it closed is open again."""
    found = _found(closure_id)
    try:
        reopen(actor=Actor.of(cast(User, request.user)), closure=found, now=timezone.now())
    except Refused as refused:
        tell(request, refused, timezone.get_default_timezone_name())
    else:
        messages.success(request, _("Open again."))
    return redirect("setup-closures")


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """The public holidays of the coming year, each with how many sessions it meets; those chosen
    become closures that can be changed like any other."""
    site, now = site_of(request), timezone.now()
    offered = offered_holidays(site, now)
    if request.method == "POST":
        met = 0
        chosen = set(request.POST.getlist("day"))
        for one in offered:
            if one["day"].isoformat() in chosen and not one["closed"]:
                done = close(
                    actor=Actor.of(cast(User, request.user)),
                    site=site,
                    start=one["start"],
                    end=one["end"],
                    reason=one["name"],
                    now=now,
                )
                met += len(done.affected)
        messages.success(request, said_of(met))
        return redirect("setup-closures")
    context = {"site": site, "holidays": offered}
    return render_at(request, site, "scheduling/setup/holidays.html", context)


def offered_holidays(site: Site, now: datetime) -> list[dict[str, Any]]:
    """From tomorrow on for a year, with whether the site is closed that day already."""
    today = local_date(now, site.timezone)
    named = known_holidays.country_holidays(COUNTRY, years=[today.year, today.year + 1])
    days = sorted(
        (day, name) for day, name in named.items() if today < day <= today + timedelta(days=365)
    )
    rows = []
    for day, name in days:
        start, end_ = day_start(day, site.timezone), day_start(day + ONE_DAY, site.timezone)
        unsaved = _closure(site, None, start, end_)
        closed = Closure.objects.filter(
            site=site, opens=False, during__contains=DateTimeTZRange(start, end_)
        ).exists()
        rows.append(
            {
                "day": day,
                "name": name,
                "start": start,
                "end": end_,
                "closed": closed,
                "met": 0 if closed else len(affected_by(unsaved, site)),
            }
        )
    return rows


def _ahead(site: Site, now: datetime) -> dict[str, Any]:
    rows = Closure.objects.filter(during__endswith__gt=now).select_related("resource")
    own = rows.filter(site=site) | rows.filter(resource__site=site)
    return {"closures": own.order_by("during")}


def _close(
    request: HttpRequest,
    site: Site,
    resource: Resource | None,
    start: datetime,
    end_: datetime,
    reason: str,
) -> bool:
    try:
        done = close(
            actor=Actor.of(cast(User, request.user)),
            site=None if resource else site,
            resource=resource,
            start=start,
            end=end_,
            reason=reason,
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, site.timezone)
        return False
    messages.success(request, said_of(len(done.affected)))
    return True


def _closure(site: Site, resource: Resource | None, start: datetime, end_: datetime) -> Closure:
    """One that is not saved, to see whom it would meet."""
    return Closure(
        site=None if resource else site, resource=resource, during=DateTimeTZRange(start, end_)
    )


def _found(closure_id: uuid.UUID, **what: bool) -> Closure:
    return get_object_or_404(
        Closure.objects.select_related("resource__site", "site"), pk=closure_id, **what
    )
