"""Weekly hours, written as one reads them: 08:00-12:00, 12:45-17:00."""

from __future__ import annotations

import re
import uuid
from datetime import time
from itertools import pairwise
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Resource, Site
from scheduling.operations.actor import Actor
from scheduling.operations.set_hours import Rules, Spans, mark_of, outside, rules_of, set_hours
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.patient.forms import WEEKDAYS
from scheduling.web.tell import tell

SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


class SpansField(forms.CharField):
    """Spans of one day, apart by commas; nothing for a day that is closed."""

    def clean(self, value: Any) -> Any:
        written = super().clean(value)
        return read_spans(written)


class HoursForm(forms.Form):
    """Seven days, and a mark of what they were when the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, name in WEEKDAYS:
            self.fields[f"day_{day}"] = SpansField(label=name, required=False, max_length=200)

    def rules(self) -> dict[int, Spans]:
        return {int(day): self.cleaned_data[f"day_{day}"] for day, _name in WEEKDAYS}


def read_spans(written: str) -> Spans:
    """Raises ValidationError for what is no time, ends before it begins or overlaps."""
    spans = []
    for part in filter(None, (one.strip() for one in written.split(","))):
        found = SPAN.fullmatch(part)
        try:
            low, high, *_none = (
                [time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))]
                if found
                else []
            )
        except ValueError:
            raise forms.ValidationError(
                _("Write hours such as 08:00-12:00, 12:45-17:00; nothing for a closed day.")
            ) from None
        if low >= high:
            raise forms.ValidationError(_("“%(span)s” ends before it begins.") % {"span": part})
        spans.append((low, high))
    spans.sort()
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        raise forms.ValidationError(_("Two of these spans overlap."))
    return tuple(spans)


def write_spans(spans: Spans) -> str:
    return ", ".join(f"{low:%H:%M}-{high:%H:%M}" for low, high in spans)


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: HttpRequest) -> HttpResponse:
    """The hours of the site itself."""
    found = site_of(request)
    return _page(request, found, found, found.name)


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def resource(request: HttpRequest, resource_id: uuid.UUID) -> HttpResponse:
    """The hours of a person or a place."""
    found = get_object_or_404(Resource.objects.select_related("site"), pk=resource_id)
    return _page(request, found, found.site, found.name)


def _page(request: HttpRequest, owner: Site | Resource, place: Site, title: str) -> HttpResponse:
    """Sent once it shows whom the hours would meet; sent again with `apply` it sets them."""
    now = timezone.now()
    form = HoursForm(request.POST if request.method == "POST" else _as_they_are(owner))
    context: dict[str, Any] = {"title": title, "form": form, "site": place}
    if request.method == "POST" and form.is_valid():
        rules: Rules = form.rules()
        if request.POST.get("apply"):
            try:
                met = set_hours(
                    actor=Actor.of(cast(User, request.user)),
                    owner=owner,
                    rules=rules,
                    seen=form.cleaned_data["seen"],
                    now=now,
                )
            except Refused as refused:
                tell(request, refused, place.timezone)
                return redirect(request.path)
            messages.success(request, said_of(len(met)))
            return redirect("setup")
        context |= {"checked": True, "met": outside(owner, rules, now)}
    return render_at(request, place, "scheduling/setup/hours.html", context)


def said_of(met: int) -> str:
    """What was done, and what is left to do."""
    if not met:
        return _("Saved. No session is in the way.")
    return _("Saved. Sessions to look after, now in the inbox: %(n)s.") % {"n": met}


def _as_they_are(owner: Site | Resource) -> dict[str, str]:
    rules = rules_of(owner)
    return {
        "seen": mark_of(rules),
        **{f"day_{day}": write_spans(spans) for day, spans in rules.items()},
    }
