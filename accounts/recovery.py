"""Back in with a code from the desk: nothing opens before a new way to sign in is set."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.crypto import salted_hmac

from accounts.models import User

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing that sounds or looks like something else [crockford.com/base32]."""
LENGTH = 10
"""Fifty bits: a thousand guesses a second would need millennia, and a code lives half an hour."""
SESSION_KEY = "recovering"
OPEN = frozenset(
    {
        *("recovered", "account_set_password", "account_logout", "account-stay"),
        *("mfa_add_webauthn", "mfa_activate_totp", "dev-totp"),
    }
)


class RecoveryMiddleware:
    """Leads a session that a code has opened to the page where a new way in is set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and SESSION_KEY in request.session:
            if signs_in_without_mail(user):
                del request.session[SESSION_KEY]
            elif _route(request) not in OPEN:
                return redirect("recovered")
        return self.get_response(request)


def begin(request: HttpRequest, user: User) -> None:
    """Open a session for whoever brought the right code. It proves nothing more."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[SESSION_KEY] = True


def forget_ways_in(user: User) -> None:
    """What could be lost, or in other hands, opens nothing any more; every other session ends."""
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])


def signs_in_without_mail(user: User) -> bool:
    """Whether a password or a passkey lets the person in. An app comes only after these."""
    if user.has_usable_password():
        return True
    keys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return any(key.wrap().is_passwordless for key in keys)


def new_code() -> str:
    """As it is read out: two groups of five."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:5]}-{code[5:]}"


def digest(user: User, code: str) -> str:
    """The stored form of a code, however it was typed. Useless without the server's key."""
    heard = code.upper().translate(str.maketrans("OIL", "011", " -"))
    return salted_hmac("recovery", f"{user.pk}{heard}", algorithm="sha256").hexdigest()


def _route(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
