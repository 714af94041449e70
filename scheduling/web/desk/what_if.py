"""What if we had another chair, a nurse on Tuesdays, a second group? Asked here, played by a
worker, shown as drawings with their numbers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from scheduling import wording
from scheduling.core.refusals import Refused
from scheduling.core.whatif import Addition
from scheduling.models import Resource, Scenario, Site
from scheduling.operations.actor import Actor
from scheduling.operations.what_if import MOST_ADDED, WEEKS, ask_what_if, from_json
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.patient.forms import WEEKDAYS
from scheduling.web.tell import tell

WIDTH, HEIGHT, LEFT, TOP = 480, 160, 40, 10
"""Of a drawing's field, and where it begins, in its own units."""
SHOWN = 10


class WhatIfForm(forms.Form):
    """One addition: what, how many, on which days, from when to when."""

    role = forms.ChoiceField(label=gettext_lazy("What if we had more of"))
    count = forms.IntegerField(
        label=gettext_lazy("How many more"), min_value=1, max_value=MOST_ADDED, initial=1
    )
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("On which days"),
        choices=WEEKDAYS,
        initial=["1", "2", "3", "4", "5"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one day.")},
    )
    opens = forms.TimeField(
        label=gettext_lazy("From"),
        initial=time(8),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    closes = forms.TimeField(
        label=gettext_lazy("Until"),
        initial=time(17),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("A group meets once on each of these days, from then to then."),
    )

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alike: dict[str, Resource] = {}
        for one in Resource.objects.filter(site=site, active=True):
            for role in one.roles:
                self.alike.setdefault(role, one)
        choices = [(role, wording.ROLES.get(role, role)) for role in sorted(self.alike)]
        cast(forms.ChoiceField, self.fields["role"]).choices = choices

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        opens, closes = said.get("opens"), said.get("closes")
        if opens and closes and closes <= opens:
            self.add_error("closes", _("The end is not after the start."))
        return said

    def addition(self) -> Addition:
        """What was said. Call after `is_valid()`."""
        said = self.cleaned_data
        alike = self.alike[said["role"]]
        return Addition(
            role=said["role"],
            count=said["count"],
            weekdays=frozenset(int(day) for day in said["weekdays"]),
            opens=said["opens"].hour * 60 + said["opens"].minute,
            closes=said["closes"].hour * 60 + said["closes"].minute,
            capacity=alike.capacity,
            person=alike.kind == "person",
        )


@for_whom_may(Action.VIEW_REPORTS)
@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: HttpRequest) -> HttpResponse:
    """The question, and those that were asked before."""
    site = site_of(request)
    form = WhatIfForm(request.POST or None, site=site)
    if request.method == "POST" and form.is_valid():
        try:
            asked = ask_what_if(
                actor=Actor.of(cast(User, request.user)),
                site=site,
                additions=[form.addition()],
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            return redirect("what-if-answer", asked.pk)
    before = Scenario.objects.filter(site=site)[:SHOWN]
    context = {
        "site": site,
        "form": form,
        "before": [
            {"id": one.pk, "at": one.asked_at, "words": words_of(one), "status": one.status}
            for one in before
        ],
    }
    return render_at(request, site, "scheduling/desk/what_if.html", context)


@for_whom_may(Action.VIEW_REPORTS)
@require_safe
def answer(request: HttpRequest, scenario_id: uuid.UUID) -> HttpResponse:
    """The answer; while it is not there yet, a page that asks again by itself."""
    asked = get_object_or_404(Scenario.objects.select_related("site"), pk=scenario_id)
    context: dict[str, Any] = {
        "site": asked.site,
        "asked": asked,
        "words": words_of(asked),
        "weeks": WEEKS,
    }
    if asked.result:
        context |= drawn(asked.result)
    return render_at(request, asked.site, "scheduling/desk/what_if_answer.html", context)


def words_of(asked: Scenario) -> list[str]:
    """What was asked, in words."""
    days = dict(WEEKDAYS)
    said = []
    for stored in asked.additions:
        one = from_json(stored)
        said.append(
            _("%(count)s × %(role)s, %(days)s, %(opens)s–%(closes)s")
            % {
                "count": one.count,
                "role": wording.ROLES.get(one.role, one.role),
                "days": ", ".join(str(days[str(day)])[:3] for day in sorted(one.weekdays)),
                "opens": f"{one.opens // 60:02d}:{one.opens % 60:02d}",
                "closes": f"{one.closes // 60:02d}:{one.closes % 60:02d}",
            }
        )
    return said


def drawn(result: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers and drawings of both plays."""
    now, then = result["now"], result["then"]
    first = date.fromisoformat(result["first"])
    weeks = [first + timedelta(days=7 * n) for n in range(WEEKS)]
    used = {role for one in (now, then) for role, shares in one["used"].items() if any(shares)}
    roles = sorted(used, key=lambda role: -max(then["used"].get(role, [0])))
    return {
        "result": result,
        "summary": [
            (_("Patients who found a course"), now["placed"], then["placed"]),
            (
                _("Usual wait for the first session, days"),
                _number(now["median"]),
                _number(then["median"]),
            ),
        ],
        "plots": [
            {
                "title": _("How soon patients begin"),
                "code": "wait",
                "lines": [
                    {"points": _share_by_day(one["waits"]), "css": css}
                    for one, css in ((then, "plot-then"), (now, "plot-now"))
                ],
                "x": [(LEFT + WIDTH * n // 4, 14 * n) for n in range(5)],
                "x_title": _("Days until the first session"),
                "columns": [_("Days"), _("As it is"), _("As it could be")],
                "rows": [
                    (day, f"{_within(now['waits'], day):.0%}", f"{_within(then['waits'], day):.0%}")
                    for day in range(0, 57, 7)
                ],
            },
            *(
                {
                    "title": _("How much is used: %(role)s")
                    % {"role": wording.ROLES.get(role, role)},
                    "code": role,
                    "lines": [
                        {"points": _points(one["used"][role], WEEKS), "css": css}
                        for one, css in ((then, "plot-then"), (now, "plot-now"))
                        if role in one["used"]
                    ],
                    "x": [(LEFT + WIDTH * n // (WEEKS - 1), n + 1) for n in range(WEEKS)],
                    "x_title": _("Week"),
                    "columns": [_("Week of"), _("As it is"), _("As it could be")],
                    "rows": [
                        (
                            week,
                            f"{now['used'].get(role, [0] * WEEKS)[n]:.0%}",
                            f"{then['used'][role][n]:.0%}",
                        )
                        for n, week in enumerate(weeks)
                    ],
                }
                for role in roles
            ),
        ],
        "y": [(TOP + HEIGHT - HEIGHT * n // 4, f"{25 * n} %") for n in range(5)],
        "right": LEFT + WIDTH,
    }


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _within(waits: list[int | None], days: int) -> float:
    """The share of patients who begin within so many days."""
    known = [wait for wait in waits if wait is not None and wait <= days]
    return len(known) / len(waits) if waits else 0.0


def _share_by_day(waits: list[int | None]) -> str:
    shares = [_within(waits, day) for day in range(57)]
    return _points(shares, len(shares))


def _points(shares: list[float], count: int) -> str:
    step = WIDTH / max(1, count - 1)
    return " ".join(
        f"{LEFT + step * n:.1f},{TOP + HEIGHT * (1 - min(1.0, share)):.1f}"
        for n, share in enumerate(shares)
    )
