"""Where no plan fits: the changes that would help, each one tap away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from scheduling.core.refusals import Code, Refusal
from scheduling.web.patient.forms import PARTS, WEEKDAYS

Said = Mapping[str, list[str]]

CHANGES: dict[str, tuple[Any, dict[str, list[str]]]] = {
    "weekdays": (_("Allow every day of the week"), {"weekdays": [day for day, _name in WEEKDAYS]}),
    "day_parts": (_("Allow every time of day"), {"day_parts": [part for part, _name in PARTS]}),
    "hours": (_("Allow all hours"), {"not_before": [""], "not_after": [""]}),
    "languages": (_("Allow talks in any language"), {"language": [""]}),
    "practitioners": (_("See any therapist"), {"therapist": [""]}),
}
"""What the planner says would help: its words on a button, and the answers it changes. Access is
not among them: nobody is asked to do without a way in."""


def is_hint(refusal: Refusal) -> bool:
    """Whether it says what would help, rather than what is in the way."""
    return refusal.code == Code.WOULD_HELP


def ways_on(refusals: Iterable[Refusal], said: Said) -> list[dict[str, Any]]:
    """One button for each change that would help and that the reader can make, nearest first.

    `said` on each is the whole form with that one change.
    """
    ways = []
    for refusal in filter(is_hint, refusals):
        change = str(refusal.facts["change"])
        if change == "earliest":
            first: date = refusal.facts["earliest"]
            label, answers = _("Start later"), {"earliest": [first.isoformat()]}
        elif change in CHANGES:
            label, answers = CHANGES[change]
        else:
            continue
        changed = {**said, **answers}
        ways.append(
            {
                "label": label,
                "first": refusal.facts["first_start"],
                "said": [(name, value) for name, values in changed.items() for value in values],
            }
        )
    return ways
