"""What a visitor said and chose on the way to a hold, kept in the browser's session.

Each search and each draft has an address of its own, so that the back button, reloading and a
second tab work; what was said stands in none of them. Only the latest few are kept.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest

SEARCHES, DRAFTS = "searches", "drafts"
AT_MOST = {SEARCHES: 5, DRAFTS: 12}


def keep(request: HttpRequest, kind: str, what: dict[str, Any]) -> str:
    """Keep something under a new id, and let the oldest of its kind go."""
    name = secrets.token_urlsafe(6)
    known = [*request.session.get(kind, {}).items(), (name, what)]
    request.session[kind] = dict(known[-AT_MOST[kind] :])
    return name


def find(request: HttpRequest, kind: str, name: str) -> dict[str, Any] | None:
    """What was kept under that id in this browser, if it still is."""
    found: dict[str, Any] | None = request.session.get(kind, {}).get(name)
    return found
