"""The site that a page of the desk is about."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from scheduling.models import Site


def site_of(request: HttpRequest) -> Site:
    """The one named by `?site=`, else the first. Raises Http404 where there is none. One query."""
    return site_and_all(request)[0]


def site_and_all(request: HttpRequest) -> tuple[Site, list[Site]]:
    """The same, with every site that is open for work, to choose from. One query."""
    sites = list(Site.objects.filter(active=True).order_by("slug"))
    asked = request.GET.get("site", "")
    found = next((one for one in sites if not asked or one.slug == asked), None)
    if found is None:
        raise Http404
    return found, sites
