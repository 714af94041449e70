"""A program that calls the API, and holds every answer against the published document."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

from accounts.models import User

BASE = "/api/v1/"


class Caller:
    """Calls as `user`, or as nobody. `key` is the Idempotency-Key, `match` the If-Match."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.user = user
        self.sign_in()

    def sign_in(self) -> None:
        """Again, where the clock went past the end of the session."""
        if self.user is not None:
            self.client.force_login(self.user)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return described(self.client.get(BASE + path, query))

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.send("PUT", path, body, **headers)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        match: str | None = None,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> HttpResponse:
        sent = dict(headers or {})
        if key is not None:
            sent["Idempotency-Key"] = key
        if match is not None:
            sent["If-Match"] = match
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return described(self.client.generic(method, BASE + path, data, content_type, headers=sent))


def described(response: HttpResponse) -> HttpResponse:
    """The answer, once it is found to be as the document says."""
    method = response.request["REQUEST_METHOD"].lower()
    operation = document()["paths"].get(template(response.request["PATH_INFO"]), {}).get(method)
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json", response.content
        check(response.json(), {"$ref": "#/components/schemas/Problem"})
        assert response.json()["status"] == response.status_code
    if operation is None:
        assert response.status_code in {404, 405}, response.content
        return response
    status = str(response.status_code)
    assert status in operation["responses"], f"{status} is not described: {response.content!r}"
    content = operation["responses"][status].get("content", {})
    if content:
        sent = response["Content-Type"].partition(";")[0]
        assert sent in content, f"{sent} is not described"
        if sent.endswith("json"):
            check(response.json(), content[sent]["schema"])
    return response


def template(path: str) -> str:
    """The path as the document writes it, with its parameters in braces."""
    try:
        route = "/" + resolve(path).route
    except Resolver404:
        return ""
    return re.sub(r"<\w+:(\w+)>", r"{\1}", route)


def check(value: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": document()["components"]}
    errors = list(Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value))
    assert not errors, f"{errors[0].json_path}: {errors[0].message}"


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, as it is served."""
    generated = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(generated, default=str))
