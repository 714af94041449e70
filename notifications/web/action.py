"""Links in messages that act without signing in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def action(request: HttpRequest, secret: str) -> HttpResponse:
    raise Http404
