"""`ETag`, `If-Match`, `If-None-Match` and `Idempotency-Key`."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from scheduling.api.problems import PreconditionRequired
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Appointment, CarePlan

KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?")


def etag(subject: Appointment | CarePlan) -> str:
    """The strong entity tag of a version."""
    return f'"{subject.version}"'


def require_match(request: Request, subject: Appointment | CarePlan) -> int:
    """The version that the caller saw and that is still the current one.

    Raises PreconditionRequired (428) without `If-Match`, Refused with STALE (412) for another.
    """
    wanted = request.headers.get("If-Match", "").strip()
    if not wanted:
        raise PreconditionRequired(_("Send If-Match with the ETag that you saw last."))
    tags = {tag.strip() for tag in wanted.split(",")}
    # A program may send the bare version; a weak tag never matches here (RFC 9110, 13.1.1).
    if tags.isdisjoint({"*", etag(subject), str(subject.version)}):
        raise Refused([refuse(Code.STALE, version=subject.version)])
    return subject.version


def none_match(request: Request, tag: str) -> bool:
    """Whether the caller already has this answer, so that 304 will do."""
    sent = {
        part.strip().removeprefix("W/")
        for part in request.headers.get("If-None-Match", "").split(",")
    }
    return "*" in sent or tag.removeprefix("W/") in sent


def require_key(request: Request) -> str:
    """The `Idempotency-Key`. Raises ParseError (400) without one that can be used."""
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise ParseError(
            _("Send an Idempotency-Key of 1 to 200 visible characters with this request.")
        )
    return key


def version_headers(subject: Appointment | CarePlan) -> dict[str, Any]:
    return {"ETag": etag(subject)}
