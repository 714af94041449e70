"""Every component of the pages on one page, with its states. Never served in production."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from scheduling.core import walltime
from scheduling.web.glance import glance
from scheduling.web.patient.month import Month

TOKENS = [
    "paper", "card", "wash", "ink", "pine", "pine-wash", "clay", "clay-wash", "plum", "sun",
]  # fmt: skip


class ExampleForm(forms.Form):
    """One field of each kind, filled in so that some of them show an error."""

    name = forms.CharField(label="Your name", help_text="As it stands on your card.")
    email = forms.EmailField(label="Email")
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    person = forms.ChoiceField(label="Person", choices=[("", "No preference"), ("a", "Ada")])
    note = forms.CharField(label="Anything else", widget=forms.Textarea, required=False)
    talks = forms.ChoiceField(
        label="Talks",
        choices=[("in_person", "At the clinic"), ("video", "By video")],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label="Days you can come",
        choices=[("1", "Monday"), ("2", "Tuesday"), ("3", "Wednesday")],
        widget=forms.CheckboxSelectMultiple,
    )


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """The page, with example data of the present month."""
    today = timezone.now().date()
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=1)
    context = {
        "tokens": TOKENS,
        "fine": ExampleForm(initial={"name": "Ada Byron", "talks": "video", "days": ["2"]}),
        "wrong": ExampleForm({"name": "Ada Byron", "email": "ada", "days": ["1"]}, auto_id="w_%s"),
        "glance": glance(_course(monday)),
        "month": Month(monday.replace(day=1), today, "UTC", monday).context(
            walltime.to_instant(monday + timedelta(days=day), 9 * 60 + 30 * half, "UTC")
            for day in (0, 1, 3, 7)
            for half in range(4)
        ),
        "sessions": [
            {"start": timezone.now() + timedelta(days=n), "name": name, "mark": mark}
            for n, name, mark in (
                (7, "Evaluation", "talk"),
                (10, "Treatment 1 of 6", "treatment"),
                (12, "Group", "group"),
            )
        ],
    }
    return render(request, "styleguide/page.html", context)


def _course(monday: date) -> list[tuple[date, str]]:
    days = {"talk": (0, 8, 11), "treatment": (7, 10, 14), "group": (8, 15)}
    return [(monday + timedelta(days=n), mark) for mark, ns in days.items() for n in ns]
