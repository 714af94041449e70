"""The clinic's name and telephone number on pages that know of no booking."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from scheduling.web.patient.book import first_site


def clinic(request: HttpRequest) -> dict[str, Any]:
    """For templates: the clinic that takes bookings, asked of the database when a page needs it."""
    return {"clinic": SimpleLazyObject(first_site)}
