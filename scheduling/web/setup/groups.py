"""Meetings of the group series: what lies ahead, more of them, one fewer."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.core.walltime import local, to_instant
from scheduling.models import GroupSession, Reservation, Resource, Service, Site
from scheduling.operations.actor import Actor
from scheduling.operations.group_meetings import add_meetings, cancel_meeting, seats_of
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.setup.hours import said_of
from scheduling.web.tell import tell

MOST = 52


class MeetingsForm(forms.Form):
    """The same hour for so many weeks."""

    series = forms.ModelChoiceField(Resource.objects.none(), label=gettext_lazy("Group"))
    service = forms.ModelChoiceField(Service.objects.none(), label=gettext_lazy("Kind of visit"))
    coach = forms.ModelChoiceField(Resource.objects.none(), label=gettext_lazy("Led by"))
    room = forms.ModelChoiceField(Resource.objects.none(), label=gettext_lazy("Room"))
    first = forms.DateTimeField(
        label=gettext_lazy("First meeting"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=15, max_value=480, initial=60
    )
    weeks = forms.IntegerField(
        label=gettext_lazy("For how many weeks"), min_value=1, max_value=MOST, initial=8
    )

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        active = Resource.objects.filter(site=site, active=True)
        fields["series"].queryset = active.filter(kind="series")
        fields["coach"].queryset = active.filter(kind="person")
        fields["room"].queryset = active.filter(kind="place")
        fields["service"].queryset = Service.objects.filter(active=True, treatment=False)


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: HttpRequest) -> HttpResponse:
    """The meetings ahead and the form for more."""
    site, now = site_of(request), timezone.now()
    with timezone.override(site.timezone):
        form = MeetingsForm(request.POST or None, site=site)
        valid = request.method == "POST" and form.is_valid()
    if valid:
        said = form.cleaned_data
        first = local(said["first"], site.timezone)
        # The same wall time in every week, also across a change of the clocks.
        starts = [
            to_instant(first.date() + timedelta(weeks=n), first.time(), site.timezone)
            for n in range(said["weeks"])
        ]
        try:
            add_meetings(
                actor=Actor.of(cast(User, request.user)),
                series=said["series"],
                service=said["service"],
                coach=said["coach"],
                room=said["room"],
                starts=starts,
                minutes=said["minutes"],
                now=now,
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            messages.success(request, _("Saved."))
            return redirect("setup-groups")
    meetings = list(
        GroupSession.objects.filter(
            series__site=site, cancelled_at=None, during__startswith__gt=now
        )
        .select_related("series", "coach", "room")
        .order_by("during")[:60]
    )
    context = {"site": site, "form": form, "meetings": _with_seats(meetings)}
    return render_at(request, site, "scheduling/setup/groups.html", context)


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Whom it meets first; then it is cancelled."""
    rows = GroupSession.objects.select_related("series__site", "coach", "room")
    meeting = get_object_or_404(rows, pk=meeting_id)
    site = meeting.series.site
    if request.method == "POST":
        try:
            met = cancel_meeting(
                actor=Actor.of(cast(User, request.user)), meeting=meeting, now=timezone.now()
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            messages.success(request, said_of(len(met)))
        return redirect("setup-groups")
    context = {"site": site, "meeting": meeting, "checked": True, "met": seats_of(meeting)}
    return render_at(request, site, "scheduling/setup/cancel_meeting.html", context)


def _with_seats(meetings: list[GroupSession]) -> list[dict[str, Any]]:
    """Each with how many seats are taken. One query."""
    taken = {
        (series, start): seats
        for series, start, seats in Reservation.objects.filter(
            resource__in={one.series_id for one in meetings}, appointment__isnull=False
        )
        .values_list("resource", "during__startswith")
        .annotate(Count("pk"))
    }
    return [
        {"meeting": one, "seats": taken.get((one.series_id, one.during.lower), 0)}
        for one in meetings
    ]
