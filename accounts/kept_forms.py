"""What somebody typed is not lost when they were signed out meanwhile.

A form that arrives from nobody is kept in the browser's own session, on the server, for an hour.
Once the person has signed in and opens the page it came from, they are asked whether to send it:
nothing is sent by itself. The page is only asked for where it opens to that person.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.csrf import csrf_failure as plain_csrf_failure

KEPT = "kept_forms"
SECONDS = 60 * 60
AT_MOST, LARGEST = 3, 64 * 1024
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
SIGN_IN, PROOF = "account_login", "account-stronger"
NEVER = ("/accounts/", "/account/", "/admin/", "/api/")
"""Where secrets are typed, or programs speak."""


class KeptFormsMiddleware:
    """Keeps what a person sent without being signed in, and offers it again afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was = request.user.pk if request.user.is_authenticated else None
        response = self.get_response(request)
        if request.method == "POST":
            asked_for = _asks_for(response)
            if asked_for == SIGN_IN:
                return _sign_in_first(request, response)
            if asked_for == PROOF:
                keep(request)
            elif was is not None and not getattr(request, "kept", False):
                forget(request, page_of(request))
        elif request.method == "GET" and was is not None and response.status_code == 200:
            found = find(request)
            if found is not None and not request.headers.get("HX-Request"):
                return _offer(request, found)
        return response


def keep(request: HttpRequest) -> bool:
    """Keep the form; whether that was possible."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [(name, value) for name, value in fields if name != TOKEN]
    size = sum(len(name) + len(value) for name, value in fields)
    if not fields or size > LARGEST or request.path.startswith(NEVER):
        return False
    page = page_of(request)
    # What a page sends by itself, answer by answer, is for the page's own form to send.
    typed = request.headers.get("HX-Request") == "true"
    known: dict[str, Any] = request.session.get(KEPT, {})
    if typed and page in known:
        fields = list((dict(known[page]["fields"]) | dict(fields)).items())
    kept = {
        "action": page if typed else request.path,
        "fields": fields,
        "at": int(time.time()),
        "user": getattr(request, "signed_out", None),
    }
    others = [(key, value) for key, value in known.items() if key != page]
    request.session[KEPT] = dict([*others, (page, kept)][-AT_MOST:])
    request.kept = True  # type: ignore[attr-defined]
    return True


def find(request: HttpRequest) -> dict[str, Any] | None:
    """What was kept for this page and person, if it still is."""
    found: dict[str, Any] | None = request.session.get(KEPT, {}).get(request.path)
    if found is None:
        return None
    someone_elses = found["user"] is not None and found["user"] != str(request.user.pk)
    if someone_elses or time.time() - found["at"] > SECONDS:
        forget(request, request.path)
        return None
    return found


def forget(request: HttpRequest, page: str) -> None:
    """Throw away what was kept for a page."""
    if page in request.session.get(KEPT, {}):
        known = {key: value for key, value in request.session[KEPT].items() if key != page}
        request.session[KEPT] = known


def page_of(request: HttpRequest) -> str:
    """The page a form stood on, of this very site; its own address where that is not told."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(said, {request.get_host()}, request.is_secure()):
        path = urlsplit(said).path
        if path and not path.startswith(NEVER):
            return path
    return request.path


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page that was open while somebody signed in again carries an old token. What it sends is
    kept and asked about, when the browser itself vouches that it came from this site."""
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if ours and request.method == "POST" and request.user.is_authenticated and keep(request):
        return redirect(page_of(request))
    return plain_csrf_failure(request, reason)


def _asks_for(response: HttpResponse) -> str | None:
    """The page that a redirect asks for first: to sign in, or to show more than a mailed code."""
    if response.status_code != 302:
        return None
    path = urlsplit(response["Location"]).path
    return next((name for name in (SIGN_IN, PROOF) if resolve_url(name) == path), None)


def _sign_in_first(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Sign in, and come back to the page itself: its form's address may only take what is sent.

    A view that has chosen where to come back to goes on there by itself.
    """
    back = parse_qs(urlsplit(response["Location"]).query).get("next", [""])[0]
    if urlsplit(back).path != request.path or not keep(request):
        return response
    address = f"{resolve_url(SIGN_IN)}?{urlencode({'next': page_of(request)})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _offer(request: HttpRequest, found: dict[str, Any]) -> HttpResponse:
    context = {"action": found["action"], "fields": found["fields"], "page": request.path}
    response = TemplateResponse(request, "account/kept_form.html", context)
    response["Cache-Control"] = "no-store"
    return response.render()
