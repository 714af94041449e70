"""Whatever the document allows, and much that it does not, is answered as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import ApiKey, Patient, User
from scheduling.core.roles import Role
from scheduling.models import Resource, Service
from scheduling.operations.actor import Actor
from scheduling.operations.disrupt import disrupt
from scheduling.operations.join_waitlist import Wish, join_waitlist
from scheduling.operations.match_waitlist import match_waitlist
from scheduling.operations.staff_tasks import open_task
from tests.conftest import SOAK
from tests.factories import NOW, make_clinic, make_patient, make_protocol_version, make_user
from tests.scheduling.api.booking import book, find, hold
from tests.scheduling.api.caller import Caller, document

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 400 if SOAK else 8


@pytest.fixture
def world(db: None, owner_patient: Patient) -> dict[str, list[str]]:
    """A clinic with a held and a booked course, and the ids that requests may hit upon."""
    make_protocol_version("trd_iv6")
    site = make_clinic().site
    owner = Caller(owner_patient.user)
    other = make_patient("Otto", "Olsen", user=make_user("otto@example.org"))
    booked, held = book(owner), hold(Caller(other.user))
    task = open_task("call_patient", Role.NURSE, site=site, patient=other, now=NOW)
    disruption = disrupt(
        actor=Actor.of(make_user("", Role.FRONT_DESK)),
        resource=Resource.objects.get(name="Tess Stone"),
        start=datetime.fromisoformat(booked["sessions"][0]["start"]),
        end=datetime.fromisoformat(booked["sessions"][-1]["end"]),
        reason="ill",
        now=timezone.now(),
    )
    evaluation = Service.objects.get(slug="evaluation")
    entry = join_waitlist(
        actor=Actor.of(owner_patient.user),
        patient=owner_patient,
        site=site,
        wish=Wish("earlier", service=evaluation),
        now=NOW,
    )
    match_waitlist(NOW)
    [offer] = entry.offers.all()
    return {
        "waitlist-entries": [str(entry.pk)],
        "waitlist-offers": [str(offer.pk)],
        "care-plans": [booked["id"], held["id"]],
        "appointments": [one["id"] for one in booked["sessions"]],
        "staff-tasks": [str(task.pk)],
        "patients": [str(owner_patient.pk), str(other.pk)],
        "disruptions": [str(disruption.pk)],
        "proposal": [find(Caller())["id"]],
    }


@pytest.fixture(autouse=True)
def one_connection(world: object) -> Iterator[None]:
    """Requests stay in this test's transaction. Django's own test client sees to that too, and
    connects the signals again after each request."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.soak
@pytest.mark.parametrize("role", [None, "patient", Role.FRONT_DESK, Role.PRESCRIBER])
def test_no_request_breaks_the_document(
    role: str | None, world: dict[str, list[str]], owner_patient: Patient
) -> None:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    headers = authorization(role, owner_patient)
    for result in schema.get_all_operations():
        fuzz(result.ok(), headers, world)


def fuzz(operation: Any, headers: dict[str, str], world: dict[str, list[str]]) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=not SOAK,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), data=st.data())
    def send(case: schemathesis.Case, data: st.DataObject) -> None:
        aim(case, data, world)
        response = case.call(headers=headers, app=operation.schema.app)
        case.validate_response(response, checks=CHECKS)

    send()


def aim(case: schemathesis.Case, data: st.DataObject, world: dict[str, list[str]]) -> None:
    """Let most requests hit something that is there, in its present version."""
    if not data.draw(st.integers(0, 3)):
        return
    collection = case.path.removeprefix("/api/v1/").partition("/")[0]
    if "key" in (case.path_parameters or {}):
        case.path_parameters["key"] = data.draw(st.sampled_from(world[collection]))
    if case.headers and "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict):
        for field, known in (
            ("patient", "patients"),
            ("care_plan", "care-plans"),
            ("appointment", "appointments"),
        ):
            if field in case.body:
                case.body[field] = data.draw(st.sampled_from(world[known]))
        if "appointment" in case.body:
            case.body["appointment"] = data.draw(st.sampled_from(world["appointments"]))
        if "proposal" in case.body:
            case.body = {"proposal": data.draw(st.sampled_from(world["proposal"]))}
        case.body |= {name: known for name, known in KNOWN.items() if name in case.body}
    if case.query:
        case.query |= {name: known for name, known in KNOWN.items() if name in case.query}


AIMED = {"patient": "patients", "care_plan": "care-plans", "appointment": "appointments"}
KNOWN = {"site": "main", "service": "therapy", "protocol": "trd_iv6"}


def authorization(role: str | None, owner_patient: Patient) -> dict[str, str]:
    if role is None:
        return {}
    user: User | None = owner_patient.user if role == "patient" else make_user("", role)
    assert user is not None
    return {"Authorization": f"Token {ApiKey.issue(user)}"}
