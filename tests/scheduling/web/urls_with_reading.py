"""The project's URLs as they are once somebody fills the place for reading."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.scheduling.web.urls_alone import (
    handler400,
    handler403,
    handler404,
    handler500,
    urlpatterns,
)

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def reading(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """A fragment."""
    return HttpResponse("<p>How to prepare</p>")


urlpatterns = [*urlpatterns, path("reading/<uuid:plan_id>/", reading, name="plan-reading")]
