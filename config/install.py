"""What lets a phone keep the scheduler among its apps, and say so when there is no network."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

HOUR = 3600


@require_safe
@cache_control(public=True, max_age=HOUR)
def manifest(request: HttpRequest) -> HttpResponse:
    """Name, colours and icons [W3C Web Application Manifest]."""
    icons = [
        {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {
            "src": static("img/icon-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    content = {
        "id": "/",
        "name": "Tremedy",
        "short_name": "Tremedy",
        "description": _("Book and keep the visits of your course."),
        "start_url": "/courses/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf6ef",
        "theme_color": "#14564f",
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: it keeps the page below and nothing else, never a person's data."""
    return render(request, "install/worker.js", content_type="text/javascript")


@require_safe
@cache_control(public=True, max_age=HOUR)
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a network. The same for everybody."""
    return render(request, "install/offline.html")
