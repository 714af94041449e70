"""Places on the pages of a course that other parts fill: calendar, reading, waitlist.

Each is the address of a fragment, found by its URL name; a part that is not there has no place.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import CarePlan

NAMES: dict[str, str | Promise] = {
    "plan-reading": _("Reading for this time"),
    "plan-calendar": _("Your calendar"),
    "plan-waitlist": _("An earlier time"),
}
"""URL names, each taking the plan's id alone; the fragment is HTML without a heading."""
DESK_NAMES: dict[str, str | Promise] = {"desk-course-reading": _("Reading")}
"""The same for a course's panel at the desk."""


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    title: str | Promise
    address: str


def places(care_plan: CarePlan, names: dict[str, str | Promise] | None = None) -> list[Place]:
    """The places that somebody fills: a patient's, or those of other names."""
    found = []
    for name, title in (NAMES if names is None else names).items():
        try:
            found.append(Place(name, title, reverse(name, args=[care_plan.pk])))
        except NoReverseMatch:
            continue
    return found
