"""Pages show wall time of the clinic, never of the reader or the server."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from scheduling.models import Site


def render_at(
    request: HttpRequest, site: Site, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a template in which every time is wall time at `site`. No cache keeps the page."""
    with timezone.override(site.timezone):
        response = render(request, template, context | {"timezone": site.timezone}, status=status)
    add_never_cache_headers(response)
    return response
