"""Coded reasons in words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "ate": _("ate or drank too late"),
    "blood_pressure": _("blood pressure"),
    "no_ride": _("nobody to drive them home"),
    "unwell": _("unwell"),
    "left": _("left"),
    "adverse_effect": _("side effect"),
    "adverse_effects": _("side effects"),
    "patient_request": _("the patient asked for it"),
    "equipment": _("equipment"),
    "clinic": _("the clinic cannot"),
    "not_cleared": _("not cleared"),
    "course_paused": _("course paused"),
    "course_ended": _("course ended"),
    "non_response": _("no benefit"),
    "cost": _("cost"),
    "switched": _("another course instead"),
    "logistics": _("travel or time"),
    "clearance_declined": _("treatment not agreed"),
    "patient_choice": _("the patient's choice"),
    "illness": _("illness"),
    "in_hospital": _("in hospital"),
    "travel": _("away"),
    "awaiting_review": _("waits for a review"),
    "hard_session": _("the last session was hard"),
    "talk_first": _("wants to talk first"),
    "other": _("another reason"),
}
BY_ITSELF = frozenset({"not_cleared", "course_paused", "course_ended", "switched"})
"""What follows from something else, and is not chosen."""


def choices(reasons: type[StrEnum]) -> list[tuple[str, Any]]:
    """What a person may choose from."""
    return [(one.value, WORDS[one.value]) for one in reasons if one.value not in BY_ITSELF]
