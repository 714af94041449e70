"""Refusals as a patient reads them: sessions by the names they know, never by step ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling import wording
from scheduling.core.refusals import Code, Refusal
from scheduling.models import CarePlan
from scheduling.selectors.course_search import SearchResult
from scheduling.web import names

NOT_FREE = frozenset({Code.TAKEN, Code.NO_STAFF, Code.OUTSIDE_HOURS, Code.NO_START, Code.NO_PLAN})
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


def sentence(refusal: Refusal, zone: str, name: Callable[[str], str]) -> str:
    """The refusal with sessions named. `name` gives what the reader calls a step.

    A step that `name` does not know (KeyError) reads as "a visit".
    """
    facts: dict[str, Any] = dict(refusal.facts)
    for fact in STEP_FACTS:
        if fact in facts:
            facts[fact] = _named(str(facts[fact]), name)
    if "steps" in facts:
        facts["steps"] = [_named(step, name) for step in facts["steps"]]
    if refusal.code == Code.WOULD_HELP:
        facts["change"] = CHANGES.get(str(facts["change"]), facts["change"])
    return wording.sentence(Refusal(refusal.code, facts), zone)


def about_a_time(refusals: Iterable[Refusal], zone: str, name: Callable[[str], str]) -> list[str]:
    """Why a start that the reader chose does not do. What the search knows of every session says
    nothing to them: one sentence stands for it, and the rules that were broken follow."""
    told = list(refusals)
    rules = [sentence(one, zone, name) for one in told if one.code not in NOT_FREE]
    if len(rules) == len(told):
        return rules
    gone = _("This time is not free any more, or the rest of your course does not fit with it.")
    return [gone, *rules]


def in_course(care_plan: CarePlan | None) -> Callable[[str], str]:
    """What the sessions of a course are called; outside of one each is "a visit". One query."""
    if care_plan is None:
        return in_none
    return names.steps_of(care_plan).__getitem__


def in_search(result: SearchResult) -> Callable[[str], str]:
    """What the sessions of a course that is being looked for would be called."""
    return names.names_of(
        names.Visit(step.id, step.service.slug, result.title(step.id), place)
        for place, step in enumerate(result.course.steps)
    ).__getitem__


def in_none(step: str) -> str:
    """For a course that does not exist yet: every step reads as "a visit"."""
    raise KeyError(step)


def _named(step: str, name: Callable[[str], str]) -> str:
    try:
        return name(step)
    except KeyError:
        return _("a visit")
