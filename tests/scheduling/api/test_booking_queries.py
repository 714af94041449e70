"""What one booking asks of the database. Others queue behind its locks: each trip is theirs too."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiKey
from tests.factories import make_clinic, make_patient, make_protocol_version, make_user

pytestmark = pytest.mark.django_db(transaction=True)
NINE, TWO = "2026-12-01T09:00:00-07:00", "2026-12-01T14:00:00-07:00"


def test_a_session_is_booked_replayed_and_refused_in_few_queries() -> None:
    make_protocol_version("trd_iv6")
    make_clinic()
    ada, desk = make_patient(), make_user("desk@example.org", "front_desk")
    client = Client(headers={"Authorization": f"Token {ApiKey.issue(desk)}"})

    def queries(start: str, key: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as asked:
            status = client.post(
                "/api/v1/appointments/",
                {
                    "service": "evaluation",
                    "site": "main",
                    "start": start,
                    "patient": str(ada.pk),
                },
                content_type="application/json",
                headers={"Idempotency-Key": key},
            ).status_code
        return status, len(asked)

    assert queries(NINE, "fills this process's masks")[0] == 201
    assert queries(TWO, "one") == (201, 9)
    assert queries(TWO, "one") == (201, 5)
    assert queries(TWO, "two") == (409, 7)
