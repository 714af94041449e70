"""Pages that open beside the timetable: only their own part when the desk's script asks, whole
otherwise."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from scheduling.models import Site
from scheduling.web.clinic_time import render_at


def render_panel(
    request: HttpRequest, site: Site, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The page in the site's time. No cache keeps it."""
    alone = request.headers.get("HX-Request") == "true"
    layout = "scheduling/desk/panel.html" if alone else "scheduling/desk/page.html"
    response = render_at(request, site, template, context | {"layout": layout, "site": site})
    response["HX-Push-Url"] = "false"  # the address stays that of the timetable
    return response
