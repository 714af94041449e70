"""Public pages know nobody: they are answered before a session, a sign-in or a cookie is looked at,
and kept as they were sent until something that they show has changed."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponsePermanentRedirect,
)
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.http import parse_etags

PREFIX = "/learn/"
CACHING = "public, max-age=0, stale-if-error=604800"
"""Kept by browsers and caches for a week, and asked about each time: a correction that matters is
read at once, an unchanged page costs no more than the question."""
AT_MOST = 1000

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, str, Parameters], HttpResponse]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A page as it is and packed; it holds no secret that its packed length could betray."""

    body: bytes
    packed: bytes
    tag: str
    content_type: str


_Pages = dict[tuple[str, str], _Kept]
_memory: tuple[int | None, _Pages] = (None, {})
"""What this process has sent, for one mark of the database's."""


class PublicPagesMiddleware:
    """Answers what lies under `/learn/` itself, in the language of its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return _with_slash(request) or missing(request)
        request.resolver_match = match
        language = match.kwargs.get("language", settings.LANGUAGE_CODE)
        with translation.override(language):
            try:
                response: HttpResponse = match.func(request, *match.args, **match.kwargs)
            except Http404:
                response = missing(request)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.headers.setdefault("Content-Language", language)
        return response


def kept(view: View[Parameters]) -> View[Parameters]:
    """Render a page once and send it until something has changed; one query to know that. Whoever
    has it already is told only that it still holds (304)."""

    @wraps(view)
    def guarded(
        request: HttpRequest, language: str, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        global _memory
        mark = current_mark()
        known, pages = _memory
        if mark is None or mark != known:
            _memory = mark, pages = mark, {}
        key = (f"{request.scheme}://{request.get_host()}", request.path_info)
        found = pages.get(key)
        if found is None:
            response = view(request, language, *args, **kwargs)
            body = response.content
            found = _Kept(
                body,
                gzip.compress(body, mtime=0),
                hashlib.sha256(body).hexdigest()[:32],
                response.headers["Content-Type"],
            )
            if mark is not None and len(pages) < AT_MOST:
                pages[key] = found
        return _answer(request, found)

    return guarded


def current_mark() -> int | None:
    """The mark that changes with anything public pages show; None where nothing ever has. One
    query."""
    # The question shows by itself whether the connection still lives: it is not asked twice.
    kept = connection.connection is not None and not connection.in_atomic_block
    connection.health_check_done = kept  # type: ignore[attr-defined]
    try:
        return _mark()
    except (OperationalError, InterfaceError):
        if not kept:
            raise
    connection.close()
    return _mark()


def _mark() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT mark FROM education_edition")
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def missing(request: HttpRequest) -> HttpResponse:
    """Not here. In the language of the address, where it has one."""
    asked = request.path_info.removeprefix(PREFIX).partition("/")[0]
    language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        context = {"language": language, "here": "", "noindex": True}
        response = HttpResponse(render_to_string("education/missing.html", context), status=404)
    add_never_cache_headers(response)
    return response


def _with_slash(request: HttpRequest) -> HttpResponse | None:
    """To the page whose address was written without its last slash, if there is one."""
    try:
        resolve(f"{request.path_info}/")
    except Resolver404:
        return None
    return HttpResponsePermanentRedirect(f"{request.path}/")


def _answer(request: HttpRequest, page: _Kept) -> HttpResponse:
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    # Strong: other bytes have another tag.
    tag = f'"{page.tag}-gzip"' if packed else f'"{page.tag}"'
    asked = request.headers.get("If-None-Match")
    known = parse_etags(asked) if asked else []
    if "*" in known or any(one.removeprefix("W/") == tag for one in known):
        response: HttpResponse = HttpResponseNotModified()
    else:
        body = page.packed if packed else page.body
        response = HttpResponse(body, content_type=page.content_type)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = CACHING
    response.headers["Vary"] = "Accept-Encoding"
    return response
