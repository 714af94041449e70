"""Where search engines find the pages, and what they leave alone."""

from __future__ import annotations

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from education.models import Page

CLOSED = ("/account", "/admin/", "/api/", "/courses/", "/desk/", "/my/", "/sessions/")
"""Nothing there is for the public."""


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every published page with the day of its wording and its other languages [sitemaps.org]."""
    rows = Page.objects.exclude(published=None).values_list("slug", "language", "published_at")
    slugs: dict[str, dict[str, str]] = defaultdict(dict)
    for slug, language, _when in rows:
        address = reverse("learn-page", args=[language, slug])
        slugs[slug][language] = request.build_absolute_uri(address)
    pages = [
        {"address": slugs[slug][language], "when": when, "languages": sorted(slugs[slug].items())}
        for slug, language, when in rows
    ]
    text = render_to_string("education/sitemap.xml", {"pages": pages})
    return HttpResponse(text, content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What machines may read [RFC 9309]."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    lines += [f"Sitemap: {request.build_absolute_uri(reverse('learn-sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")
