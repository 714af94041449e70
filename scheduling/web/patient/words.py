"""Refusals as a patient reads them: sessions by the names they know, never by step ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling import wording
from scheduling.core.refusals import Code, Refusal
from scheduling.models import CarePlan

STEP_FACTS = ("step", "other", "anchor")
CHANGES = {
    "latest": gettext_lazy("a later last day"),
    "weekdays": gettext_lazy("more days of the week"),
    "day_parts": gettext_lazy("more times of day"),
    "hours": gettext_lazy("earlier or later hours"),
    "languages": gettext_lazy("any language"),
    "access": gettext_lazy("other rooms"),
    "practitioners": gettext_lazy("another person to see"),
    "fixed": gettext_lazy("other times for the visits you chose"),
    "earliest": gettext_lazy("a later first day"),
    "role": gettext_lazy("more staff at the clinic"),
}


def sentence(refusal: Refusal, zone: str, title: Callable[[str], str]) -> str:
    """The refusal with sessions named. `title` gives the service's title of a step id.

    A step that `title` does not know (KeyError) reads as "a visit".
    """
    facts: dict[str, Any] = dict(refusal.facts)
    for name in STEP_FACTS:
        if name in facts:
            facts[name] = _named(str(facts[name]), title)
    if "steps" in facts:
        facts["steps"] = [_named(step, title) for step in facts["steps"]]
    if refusal.code == Code.WOULD_HELP:
        facts["change"] = CHANGES.get(str(facts["change"]), facts["change"])
    return wording.sentence(Refusal(refusal.code, facts), zone)


def titles_of(care_plan: CarePlan) -> Callable[[str], str]:
    """The titles of a course's steps. One query."""
    titles: Mapping[str, str] = dict(care_plan.appointments.values_list("step", "service__title"))
    return titles.__getitem__


def no_titles(step: str) -> str:
    """For a course that does not exist yet: every step reads as "a visit"."""
    raise KeyError(step)


def _named(step: str, title: Callable[[str], str]) -> str:
    try:
        name = title(step)
    except KeyError:
        return _("a visit")
    number = step.rpartition(".")[2]
    return f"{name} {number}" if number.isdigit() else name
