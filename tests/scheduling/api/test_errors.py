"""Whatever is sent: a documented problem, never a 500, and nothing changed."""

from __future__ import annotations

import json

import pytest

from accounts.models import Patient
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db

PATIENT = {"given_name": "Ada", "family_name": "Byron", "birth_date": "1980-01-01"}


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "",
        "NaN",
        '{"q": Infinity}',
        b"\xff\xfe",
        b"\x00",
        '{"q": "\\ud800"}',
        "[" * 100_000,
        '{"limit": 1' + "0" * 5000 + "}",
    ],
    ids=["open", "empty", "nan", "infinity", "latin", "nul", "surrogate", "deep", "huge-number"],
)
def test_a_body_that_is_not_json_is_malformed(front_desk: Caller, body: bytes | str) -> None:
    answer = front_desk.send("POST", "patients/search/", body)

    assert answer.status_code == 400
    assert answer.json()["code"] in {"malformed", "invalid"}


@pytest.mark.parametrize("body", [[], "text", 1, None, True, {"q": "\x00ab"}, {"q": {}}])
def test_json_of_another_kind_is_invalid(front_desk: Caller, body: object) -> None:
    answer = front_desk.send("POST", "patients/search/", json.dumps(body))

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_ten_megabytes_are_too_much(front_desk: Caller) -> None:
    body = json.dumps({"q": "a" * 10_000_000})

    answer = front_desk.send("POST", "patients/search/", body)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_another_content_type_is_not_read(front_desk: Caller) -> None:
    answer = front_desk.send(
        "POST", "patients/search/", "q=Ada", content_type="application/x-www-form-urlencoded"
    )

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_method_that_is_not_there(front_desk: Caller) -> None:
    answer = front_desk.send("DELETE", "sites/")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_a_route_that_is_not_there(front_desk: Caller) -> None:
    for path in ("nothing/", "care-plans/not-a-uuid/", "protocols/a\x00b/"):
        answer = front_desk.get(path)

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


def test_only_json_is_spoken(front_desk: Caller) -> None:
    answer = front_desk.send("GET", "sites/", "", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_a_name_that_is_no_field_is_pointed_at_and_nothing_is_written(front_desk: Caller) -> None:
    answer = front_desk.post("patients/", PATIENT | {"status": "deceased", "emial": "a@b.c"})

    assert answer.status_code == 400
    assert sorted(answer.json()["errors"]) == ["emial", "status"]
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    "day", ["1980-13-01", "1980-1-1", "0001-01-01", "9999-12-31", 5, "٢٠٢٦-01-01"]
)
def test_a_day_that_is_none(front_desk: Caller, day: object) -> None:
    answer = front_desk.post("patients/", PATIENT | {"birth_date": day})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["birth_date"]


def test_who_has_not_signed_in_is_asked_to(anonymous: Caller) -> None:
    answer = anonymous.post("patients/", PATIENT)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Token"


def test_a_wrong_key_is_told_so(anonymous: Caller) -> None:
    answer = anonymous.send("GET", "sites/", "", headers={"Authorization": "Token nonsense"})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_patients_may_not_search_for_others(owner: Caller) -> None:
    answer = owner.post("patients/search/", {"q": "Otto"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
