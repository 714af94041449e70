"""Every error as RFC 9457 `application/problem+json`, whoever raised it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions, views
from rest_framework.response import Response

from scheduling.api.status import speaking_refusal
from scheduling.api.times import stamp
from scheduling.core.refusals import Code, Refusal, Refused
from scheduling.operations.move import Moved
from scheduling.wording import INSTANTS, instant_of, sentence

NON_FIELD = "non_field_errors"
CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 1
"""After how long a request that found the database busy or gone is worth repeating."""


class HttpCode(StrEnum):
    """Codes of errors that are about the request itself, beside the refusal codes."""

    INVALID = "invalid"
    MALFORMED = "malformed"
    NOT_AUTHENTICATED = "not_authenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    PRECONDITION_REQUIRED = "precondition_required"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    SERVER_ERROR = "server_error"


BY_STATUS = {
    400: HttpCode.INVALID,
    401: HttpCode.NOT_AUTHENTICATED,
    403: HttpCode.FORBIDDEN,
    404: HttpCode.NOT_FOUND,
    405: HttpCode.METHOD_NOT_ALLOWED,
    406: HttpCode.NOT_ACCEPTABLE,
    413: HttpCode.TOO_LARGE,
    415: HttpCode.UNSUPPORTED_MEDIA_TYPE,
    428: HttpCode.PRECONDITION_REQUIRED,
    429: HttpCode.THROTTLED,
    503: HttpCode.UNAVAILABLE,
}


class PreconditionRequired(exceptions.APIException):
    status_code = 428


def problem(
    status: int, code: str, detail: str, *, errors: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """The members of one problem. `code` is a refusal code or one of `HttpCode`."""
    return {
        "type": f"urn:tremedy:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": str(code),
        "refusals": [],
        "errors": dict(errors or {}),
        **more,
    }


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler. Anything unforeseen goes on to Django."""
    zone = getattr(context.get("view"), "zone", "UTC")
    if isinstance(error, Refused):
        return _refused(error, zone)
    if isinstance(error, OperationalError | InterfaceError):
        return _unavailable()
    known = views.exception_handler(error, context)
    if known is None:
        return None
    return _answer(
        _request_problem(error, known.status_code, known.data),
        {name: value for name, value in known.items() if name.lower() != "content-type"},
    )


def refusal_json(refusal: Refusal, zone: str) -> dict[str, Any]:
    """One refusal: its code, its sentence and its facts. Instants stand in `zone`."""
    return {
        **{name: plain(_fact(name, value), zone) for name, value in refusal.facts.items()},
        "code": refusal.code.value,
        "detail": sentence(refusal, zone),
    }


def _fact(name: str, value: Any) -> Any:
    """The fact as it is named: an instant where the core counts seconds."""
    return instant_of(value) if name in INSTANTS else value


def moved_json(moved: Iterable[Moved], zone: str) -> list[dict[str, Any]]:
    """Sessions that move, or would."""
    return [
        {
            "id": str(item.id),
            "step": item.step,
            "from": stamp(item.before, zone),
            "to": stamp(item.after, zone),
        }
        for item in moved
    ]


def plain(value: Any, zone: str) -> Any:
    """A fact as JSON can carry it."""
    if isinstance(value, datetime):
        return stamp(value, zone)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item, zone) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, zone) for item in value]
    if isinstance(value, int | float | bool | None):
        return value
    return str(value)


def _refused(error: Refused, zone: str) -> Response:
    status, speaker = speaking_refusal(error.refusals)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    body = problem(status, speaker.code, sentence(speaker, zone))
    body["refusals"] = [refusal_json(refusal, zone) for refusal in error.refusals]
    # What else would do, beside other starts per step, stands under its own name.
    alternatives = dict(error.alternatives)
    if "least_change" in alternatives:
        body["least_change"] = moved_json(alternatives.pop("least_change"), zone)
    if "proposal" in alternatives:
        body["proposal"] = alternatives.pop("proposal")
    if "disruption" in alternatives:
        body["disruption"] = alternatives.pop("disruption")
    if alternatives:
        body["alternatives"] = plain(alternatives, zone)
    return _answer(body, headers)


def _request_problem(error: Exception, status: int, data: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        errors = dict(_by_field(data, ""))
        detail = _("Some of what was sent cannot be used: %(fields)s.")
        return problem(
            status, HttpCode.INVALID, detail % {"fields": ", ".join(errors)}, errors=errors
        )
    if isinstance(error, exceptions.ParseError):
        return problem(status, HttpCode.MALFORMED, str(error.detail))
    if isinstance(error, Http404 | exceptions.NotFound):
        return problem(status, HttpCode.NOT_FOUND, _("There is nothing here that you may see."))
    if isinstance(error, PermissionDenied):
        return problem(status, HttpCode.FORBIDDEN, _("You may not do this."))
    detail = data["detail"] if isinstance(data, dict) and "detail" in data else ""
    return problem(status, BY_STATUS.get(status, HttpCode.INVALID), str(detail))


def _by_field(data: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    """What is wrong, by the path of each field: `fixed.0.start`."""
    if not isinstance(data, dict):
        texts = data if isinstance(data, list) else [data]
        if any(isinstance(item, dict | list) for item in texts):
            for number, item in enumerate(texts):
                if item:
                    yield from _by_field(item, f"{path}.{number}".strip("."))
        else:
            yield path or NON_FIELD, [str(item) for item in texts]
        return
    for name, inner in data.items():
        yield from _by_field(inner, path if name == NON_FIELD else f"{path}.{name}".strip("."))


def _unavailable() -> Response:
    detail = _("The service cannot answer right now. Please try again in a moment.")
    return _answer(problem(503, HttpCode.UNAVAILABLE, detail), {"Retry-After": str(RETRY_SECONDS)})


def _answer(body: dict[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(body, body["status"], headers=dict(headers), content_type=CONTENT_TYPE)


# --- Django's own error pages, outside the reach of REST framework ------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    return _plain_answer(400, HttpCode.MALFORMED, _("This request cannot be read."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.permission_denied(request, exception)
    return _plain_answer(403, HttpCode.FORBIDDEN, _("You may not do this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    return _plain_answer(404, HttpCode.NOT_FOUND, _("There is nothing here that you may see."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A lost database is no fault of the program: it answers 503 and asks to come back."""
    lost = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if not _is_api(request):
        response: HttpResponse = defaults.server_error(request)
        response.status_code = 503 if lost else 500
    elif lost:
        detail = _("The service cannot answer right now. Please try again in a moment.")
        response = _plain_answer(503, HttpCode.UNAVAILABLE, detail)
    else:
        detail = _("Something went wrong on our side. It has been recorded.")
        response = _plain_answer(500, HttpCode.SERVER_ERROR, detail)
    if lost:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _plain_answer(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(problem(status, code, detail), status=status, content_type=CONTENT_TYPE)


CODES: list[str] = sorted({*Code, *HttpCode})
"""All codes a problem can have, for the OpenAPI document."""
