"""The OpenAPI document is whole, and its page works under the strict content policy."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client

from scheduling.core.refusals import Code
from scheduling.models import GateCode
from tests.scheduling.api.caller import document


def test_the_document_is_made_without_a_warning(tmp_path: object) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "api.yml"))


def test_closed_lists_stand_in_the_document() -> None:
    schemas = document()["components"]["schemas"]

    assert schemas["RefusalCode"]["enum"] == sorted(Code)
    assert schemas["GateCode"]["enum"] == GateCode.values
    assert set(schemas["RefusalCode"]["enum"]) < set(schemas["ProblemCode"]["enum"])


def test_every_operation_describes_its_problems() -> None:
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            media = operation["responses"]["400"]["content"]
            assert list(media) == ["application/problem+json"], (method, path)


@pytest.mark.django_db
def test_the_page_of_the_document_runs_no_inline_script() -> None:
    answer = Client().get("/api/docs/")

    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert b"<script>" not in answer.content
    assert Client().get("/api/docs/?script=").status_code == 200
