"""What tests of booking pages share: a visitor, a clock, and the way from the form to a hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from scheduling.models import CarePlan
from scheduling.web.patient.keys import key
from tests.factories import NOW, make_clinic, make_protocol_version

COURSE = key("trd_iv6")
ANSWERS = {
    "earliest": "2026-11-24",
    "weekdays": ["1", "2", "3", "4", "5"],
    "day_parts": ["morning", "afternoon", "evening"],
    "mode": "in_person",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday noon in Denver, and stays so until a test says otherwise."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visitor() -> Client:
    """A visitor of a small clinic with one course, nothing booked."""
    make_clinic()
    make_protocol_version()
    return Client()


def search(visitor: Client, **changed: object) -> str:
    """Answer the form; the address of the plans."""
    answer = visitor.post(f"/book/{COURSE}/when/", ANSWERS | changed)
    assert answer.status_code == 302, answer.context["form"].errors
    return answer["Location"]


def offered(visitor: Client, address: str) -> list[dict[str, object]]:
    return visitor.get(address).context["proposals"]


def held(visitor: Client) -> CarePlan:
    """Hold the first plan that is offered."""
    address = search(visitor)
    token = offered(visitor, address)[0]["id"]
    visitor.post("/book/hold/", {"proposal": token, "search": address.split("/")[-2]})
    return CarePlan.objects.get()
