"""The site that a page of the desk is about."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from scheduling.models import Site


def site_of(request: HttpRequest) -> Site:
    """The one named by `?site=`, else the first. Raises Http404 where there is none. One query."""
    sites = Site.objects.filter(active=True).order_by("slug")
    asked = request.GET.get("site", "")
    found = sites.filter(slug=asked).first() if asked else sites.first()
    if found is None:
        raise Http404
    return found
