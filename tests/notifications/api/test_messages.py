"""`GET messages/`."""

from __future__ import annotations

import pytest

from notifications.core.kinds import Kind
from notifications.models import Message
from tests.factories import NOW, make_patient, make_user
from tests.notifications.post import make_post
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db


def test_staff_read_every_patients_messages_and_patients_their_own() -> None:
    post = make_post()
    for patient in (post.patient, make_patient(user=make_user("otto@example.org"))):
        Message.objects.create(
            kind=Kind.CLEARANCE, patient=patient, site=post.clinic.site, due_at=NOW
        )
    desk = Caller(make_user("", "front_desk"))
    assert len(desk.get("messages/").json()["results"]) == 2
    [one] = desk.get(f"messages/?patient={post.patient.pk}").json()["results"]
    assert (one["kind"], one["status"], one["timezone"]) == (
        "clearance",
        "scheduled",
        "America/Denver",
    )
    [own] = Caller(post.user).get("messages/").json()["results"]
    assert own["patient"] == str(post.patient.pk)
    assert Caller(None).get("messages/").status_code == 401
    assert desk.get("messages/?kind=gossip").status_code == 400
    assert desk.get("messages/?patient=x").status_code == 400
