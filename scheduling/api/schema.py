"""The OpenAPI document: how to sign in, which headers matter, and how errors look."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from scheduling.api.shapes import Problem

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The `ETag` seen last. Without it 428, with an older one 412.",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="Chosen by the caller. The same key and body replay the first answer for 24 h.",
)
REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    response=True,
    description="Present where the answer was given before.",
)
ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="The version, for `If-Match`.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="An `ETag` seen before: 304 where nothing changed since.",
)

RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    response=[429, 503],
    description="Seconds.",
)

# What may go wrong with any request, and with one that reads a body or changes bookings.
ANY = {
    400: "Malformed.",
    401: "Not signed in.",
    403: "Not allowed.",
    404: "Not there, or not for you.",
    406: "Only JSON is spoken here.",
    429: "Too many requests.",
    503: "Busy. Try again.",
}
WRITING = ANY | {
    409: "Taken, or in another state.",
    412: "Changed since; see `version`.",
    413: "Too large.",
    415: "Not JSON.",
    422: "Breaks a rule.",
    428: "`If-Match` is missing.",
}


def answers(shape: Any, *, status: int = 200, writes: bool = False) -> dict[Any, Any]:
    """The answers of an operation: the good one, and every kind of problem."""
    problems = {
        (code, "application/problem+json"): OpenApiResponse(Problem, description=text)
        for code, text in (WRITING if writes else ANY).items()
    }
    return {status: shape, **problems}


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api_keys.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`, from `manage.py create_api_key`.",
        }


def close_requests(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say that requests hold no members but those named; refusals carry their facts besides."""
    schemas = result["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    schemas["Refusal"]["additionalProperties"] = True
    return result


def gate_parameter(codes: list[str]) -> OpenApiParameter:
    """The gate in the path."""
    return OpenApiParameter("gate", OpenApiTypes.STR, OpenApiParameter.PATH, enum=codes)
