"""A private calendar address, fetched by somebody's calendar program."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from notifications.compose.calendar import feed_of
from notifications.operations.feeds import find_feed, note_use

TYPE = "text/calendar; charset=utf-8"


@csrf_exempt  # so that other methods than GET and HEAD are told that they are not known here
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The feed; 304 where the program has it already. One 404 for all that shows nothing."""
    found, now = find_feed(secret), timezone.now()
    if found is None:
        return _guarded(HttpResponse("Not found\n", status=404, content_type="text/plain"))
    content = feed_of(found, now)
    note_use(found, now)
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    whole = HttpResponse(content, content_type=TYPE)
    answer = get_conditional_response(request, etag=etag, response=whole) or whole
    answer["ETag"] = etag
    return _guarded(answer)


def https_address(secret: str) -> str:
    """What is pasted into a calendar on the web."""
    return settings.PUBLIC_URL + reverse("calendar-feed", args=[secret])


def webcal_address(secret: str) -> str:
    """What a phone or a computer opens with its own calendar."""
    return "webcal://" + https_address(secret).partition("://")[2]


def _guarded(answer: HttpResponse) -> HttpResponse:
    """Nobody keeps it but the program that asked, and no search engine lists it."""
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex"
    return answer
