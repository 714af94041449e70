"""How sure we are who is there. A code by e-mail alone proves a mailbox, not a person: such a
session shows times, never answers, scores or documents [NIST SP 800-63B-4: e-mail is no
authenticator]."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]

PROOFS = frozenset({"password", "mfa"})
"""Ways of signing in that ask for something the person knows or has; a passkey counts as `mfa`."""


def strong_session(request: HttpRequest) -> bool:
    """Whether the person has shown in this session that they know or hold something."""
    if not request.user.is_authenticated:
        return False
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return any(record.get("method") in PROOFS for record in records)


def strong_session_required(view: View[Parameters]) -> View[Parameters]:
    """Send whoever is signed in by a code alone to the page that asks for more, and back."""

    @wraps(view)
    def guarded(
        request: HttpRequest, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        if strong_session(request):
            return view(request, *args, **kwargs)
        back = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('account-stronger')}?{back}")

    return guarded
