"""The reports: drawn, as tables, and to take away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from scheduling.core.walltime import local_date
from scheduling.csv_safe import to_csv
from scheduling.models import Site
from scheduling.permissions import Action
from scheduling.selectors.reports import LONGEST, REPORTS, Cell, Span, Table
from scheduling.web import reasons
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.desk.visit import GATES

TITLES: dict[str, Any] = {
    "utilisation_place": _("How much chairs and rooms are used"),
    "utilisation_person": _("How much people are booked"),
    "wait": _("From booking to the first session"),
    "attendance": _("Who comes, by how far ahead it was booked"),
    "on_time": _("Beginning on time"),
    "courses": _("What became of courses"),
    "ended_early": _("Why courses ended early"),
    "set_aside": _("What was set aside"),
}
COLUMNS: dict[str, Any] = {
    "name": _("Name"),
    "open_hours": _("Open hours"),
    "used": _("Used"),
    "lead": _("Days ahead"),
    "visits": _("Visits"),
    "came": _("Came"),
    "noshow": _("Did not come"),
    "late_cancelled": _("Cancelled late"),
    "cancelled": _("Cancelled"),
    "missed": _("Lost"),
    "sessions": _("Sessions"),
    "began": _("Began"),
    "on_time": _("On time"),
    "median_delay": _("Usual delay, minutes"),
    "median_wait": _("Usual wait, days"),
    "longest_wait": _("Longest wait, days"),
    "state": _("State"),
    "courses": _("Courses"),
    "share": _("Share"),
    "reason": _("Reason"),
    "rule": _("Rule"),
    "times": _("Times"),
}
VALUES: dict[str, Any] = {
    "all": _("All"),
    "in_course": _("Courses"),
    "single": _("Single visits"),
    "completed": _("done"),
    "active": _("under way"),
    "on_hold": _("paused"),
    "revoked": _("ended early"),
    "spacing": _("spacing between treatments"),
    "early_discharge": _("discharged early"),
    **{code.value: words for code, words in GATES.items()},
    **reasons.WORDS,
}
WIDTH = 300
"""Of a full bar, in the drawing's own units."""


class SpanForm(forms.Form):
    """From when to when."""

    first = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        if first and last and not timedelta(0) <= last - first < LONGEST:
            self.add_error("last", _("Choose a last day after the first, within a year of it."))
        if first and not 2000 <= first.year < 2100:
            self.add_error("first", _("Choose a day of this century."))
        return said


@for_whom_may(Action.VIEW_REPORTS)
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """All of them for a span of days: the last four weeks where none is chosen."""
    site = site_of(request)
    form, span = _asked(request, site)
    tables = [one for report in REPORTS.values() for one in report(span)] if span else []
    context = {
        "site": site,
        "sites": Site.objects.filter(active=True),
        "form": form,
        "span": span,
        "tables": [_shown(table) for table in tables],
    }
    return render_at(request, site, "scheduling/desk/reports.html", context)


@for_whom_may(Action.VIEW_REPORTS)
@require_safe
def download(request: HttpRequest, code: str) -> HttpResponse:
    """One table as CSV."""
    site = site_of(request)
    _form, span = _asked(request, site)
    if span is None:
        raise Http404
    for report in REPORTS.values():
        for table in report(span):
            if table.code == code:
                response = HttpResponse(
                    to_csv(table.columns, table.rows), content_type="text/csv; charset=utf-8"
                )
                name = f"{code}-{span.first}-{span.last}.csv"
                response["Content-Disposition"] = f'attachment; filename="{name}"'
                return response
    raise Http404


def default_span(site: Site) -> tuple[date, date]:
    """The four weeks that ended yesterday."""
    today = local_date(timezone.now(), site.timezone)
    return today - timedelta(days=28), today - timedelta(days=1)


def _asked(request: HttpRequest, site: Site) -> tuple[SpanForm, Span | None]:
    first, last = default_span(site)
    said = request.GET if "first" in request.GET or "last" in request.GET else None
    form = SpanForm(said, initial={"first": first, "last": last})
    if said is None:
        return form, Span(site, first, last)
    if not form.is_valid():
        return form, None
    return form, Span(site, form.cleaned_data["first"], form.cleaned_data["last"])


def _shown(table: Table) -> dict[str, Any]:
    bar = table.columns.index(table.bar)
    whole = (
        1.0 if table.bar in table.shares else max([1.0, *(_number(row[bar]) for row in table.rows)])
    )
    return {
        "code": table.code,
        "title": TITLES.get(table.code, table.code),
        "columns": [COLUMNS.get(one, one) for one in table.columns],
        "rows": [
            [_cell(table, column, value) for column, value in zip(table.columns, row, strict=True)]
            for row in table.rows
        ],
        "bars": [
            {
                "words": _words(row[0]),
                "width": round(min(1.0, _number(row[bar]) / whole) * WIDTH),
                "value": _cell(table, table.bar, row[bar]),
                "y": 26 * number,
                "text_y": 26 * number + 17,
            }
            for number, row in enumerate(table.rows)
        ],
        "height": 26 * len(table.rows),
    }


def _number(value: Cell) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _words(value: Cell) -> Any:
    return VALUES.get(value, value) if isinstance(value, str) else value


def _cell(table: Table, column: str, value: Cell) -> Any:
    if value is None:
        return "–"
    if column in table.shares and isinstance(value, int | float):
        return f"{value:.0%}"
    return _words(value)
