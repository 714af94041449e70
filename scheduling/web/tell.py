"""Why something was refused, in words, on the next page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from scheduling.core.refusals import Refused
from scheduling.models import CarePlan
from scheduling.web import words


def tell(
    request: HttpRequest, refused: Refused, zone: str, care_plan: CarePlan | None = None
) -> None:
    """Every reason; sessions by name where there is a course. `zone` is the site's."""
    name = words.in_course(care_plan) if care_plan else words.in_none
    for refusal in refused.refusals:
        messages.warning(request, words.sentence(refusal, zone, name))
