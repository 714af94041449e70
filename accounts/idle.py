"""Nobody stays signed in at a screen they have left: patients half an hour, staff an hour."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User

PATIENT_SECONDS = 30 * 60
STAFF_SECONDS = 60 * 60
WARNING_SECONDS = 2 * 60
"""How long before the end the page asks whether somebody is still there."""
WRITTEN_EVERY = 60
"""Seconds after which activity is written down again: not with every request."""
SEEN = "seen_at"


class IdleMiddleware:
    """Signs out who has done nothing for too long, before the request is answered.

    What a page asks by itself (htmx without a person's doing) is no activity. Programs have no
    session and are not asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(SEEN, now)
            if now - seen >= limit(request):
                request.signed_out = str(request.user.pk)  # type: ignore[attr-defined]
                logout(request)
                messages.info(
                    request,
                    _("You were signed out, as nothing happened for a while. Sign in again."),
                )
            elif SEEN not in request.session or (
                now - seen >= WRITTEN_EVERY and not by_itself(request)
            ):
                request.session[SEEN] = now
        return self.get_response(request)


@receiver(user_logged_in)
def arrive(request: HttpRequest, **_others: object) -> None:
    """Signing in is activity."""
    request.session[SEEN] = int(time.time())


def limit(request: HttpRequest) -> int:
    """Seconds without activity after which this person is signed out."""
    user = request.user
    return STAFF_SECONDS if isinstance(user, User) and user.works_here else PATIENT_SECONDS


def by_itself(request: HttpRequest) -> bool:
    """Whether the page asked without anybody touching it; a link that was followed says so."""
    asked = request.headers
    return request.method == "GET" and "HX-Request" in asked and "HX-Boosted" not in asked


def idle_limits(request: HttpRequest) -> dict[str, int]:
    """For templates: when to ask, and when it is over. Nothing for whoever is not signed in."""
    if not request.user.is_authenticated:
        return {}
    seconds = limit(request)
    return {"idle_seconds": seconds, "idle_warning_seconds": seconds - WARNING_SECONDS}
