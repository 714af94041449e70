"""What stands in a log line is read from a real process's standard error."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import django
django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path

def fails(request, token):
    raise ValueError("row of Ada Lovelace")

settings.ROOT_URLCONF = __name__
settings.ALLOWED_HOSTS = ["testserver"]
urlpatterns = [
    path("m/<str:token>/", lambda request, token: HttpResponse("ok"), name="message"),
    path("fails/<str:token>/", fails, name="fails"),
]
client = Client(raise_request_exception=False)
for address in ("/m/s3cret/?name=Lovelace", "/m/s3cret", "/fails/s3cret/", "/none/s3cret/"):
    client.get(address)
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "s3cret" not in done.stderr
    assert "Lovelace" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_request_is_told_by_its_routes_name(lines: list[dict[str, Any]]) -> None:
    first = lines[0]
    assert (first["route"], first["method"], first["status"]) == ("message", "GET", 200)


def test_a_failure_is_told_by_type_and_place(lines: list[dict[str, Any]]) -> None:
    (failure,) = [line for line in lines if "exception" in line]
    assert failure["exception"] == "ValueError"
    assert failure["frames"][-1].endswith(" fails")
    assert failure["request_id"] == next(
        line["request_id"] for line in lines if line.get("route") == "fails"
    )


def test_a_refused_request_is_told_by_its_reason_alone(lines: list[dict[str, Any]]) -> None:
    said = {line["event"] for line in lines if line.get("logger") == "django.request"}
    assert said == {"Internal Server Error"}
