"""Searching costs real work: nobody does it without end."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle


class _LibraryThrottle(SimpleRateThrottle):
    """For each address; nobody is signed in here."""

    scope = "page_search"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        ident = self.get_ident(request)  # type: ignore[arg-type]
        return self.cache_format % {"scope": "library_search", "ident": ident}


def too_often(request: HttpRequest) -> bool:
    """Whether this address has searched more often than anybody types. Counts this time."""
    return not _LibraryThrottle().allow_request(request, None)  # type: ignore[arg-type]
