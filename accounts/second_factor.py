"""Nobody works here without a second factor: first it is set up, then any other page opens."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from accounts.models import User

OPEN_PREFIXES = ("account_", "mfa_", "usersessions_")
OPEN = frozenset(
    {
        "livez",
        "readyz",
        "metrics",
        "dev-totp",
        "dev-mail",
        "second-factor-needed",
        "account-stay",
        "recovered",
    }
)


class SecondFactorMiddleware:
    """Sends staff without a second factor to the page that says why and how; the API refuses them.

    Programs are not asked: their keys are made by whoever runs the server.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _must_set_up(request):
            if request.path.startswith("/api/"):
                problem = {
                    "type": "urn:tremedy:problem:second_factor_needed",
                    "title": "Forbidden",
                    "status": 403,
                    "detail": _("Set up a second factor in your account first."),
                    "code": "second_factor_needed",
                }
                return JsonResponse(problem, status=403, content_type="application/problem+json")
            return redirect("second-factor-needed")
        return self.get_response(request)


def _must_set_up(request: HttpRequest) -> bool:
    user = request.user
    if not isinstance(user, User) or not (user.works_here or user.is_staff):
        return False
    try:
        name = resolve(request.path_info).url_name or ""
    except Resolver404:
        name = ""
    return not (name in OPEN or name.startswith(OPEN_PREFIXES) or is_mfa_enabled(user))
