"""Pages that look for free times cost real work: nobody asks for them without end.

Counted in the database's cache, so that emptying Redis forgives nothing; apart from the API's
searches, so that a busy program shuts no page.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.throttling import SimpleRateThrottle

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]


class PageSearchThrottle(SimpleRateThrottle):
    """Per person, or per address for whoever has not signed in."""

    scope = "page_search"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        """Whose looks are counted together."""
        user = request.user
        who = user.pk if user.is_authenticated else self.get_ident(request)  # type: ignore[arg-type]
        return self.cache_format % {"scope": self.scope, "ident": who}


def throttled(view: View[Parameters]) -> View[Parameters]:
    """Answer a calm 429, with when to come back, where somebody looks too often."""
    return limited(view, PageSearchThrottle, "429.html")


def limited(view: View[Parameters], by: type[SimpleRateThrottle], page: str) -> View[Parameters]:
    """The view, or `page` with the status 429 for whoever asks more often than `by` allows."""

    @wraps(view)
    def guarded(
        request: HttpRequest, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        throttle = by()
        if throttle.allow_request(request, view):  # type: ignore[arg-type]
            return view(request, *args, **kwargs)
        seconds = math.ceil(throttle.wait() or 1)
        response = render(request, page, status=429)
        response["Retry-After"] = str(seconds)
        return response

    return guarded
