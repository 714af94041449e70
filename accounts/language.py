"""The language a person reads: what they chose, else what their browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from accounts.models import User


class LanguageMiddleware:
    """Lets what somebody chose for their account hold in a browser that has no choice of its own.

    Django's middleware before it has read the browser's choice (a cookie) and wishes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = user.language if isinstance(user, User) else settings.LANGUAGE_CODE
        if (
            chosen != settings.LANGUAGE_CODE
            and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES
        ):
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


def choose(request: HttpRequest, response: HttpResponse, language: str) -> None:
    """Keep the choice in this browser, and with the account of whoever is signed in."""
    year = 365 * 24 * 3600
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=year,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    if isinstance(request.user, User) and request.user.language != language:
        User.objects.filter(pk=request.user.pk).update(language=language)
