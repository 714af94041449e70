"""What one booking asks of the database. Others queue behind its locks: each trip is theirs too."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiKey, Patient
from tests.factories import make_clinic, make_protocol_version

pytestmark = pytest.mark.django_db(transaction=True)
NINE, TWO = "2026-12-01T09:00:00-07:00", "2026-12-01T14:00:00-07:00"


def test_a_session_is_booked_replayed_and_refused_in_few_queries(owner_patient: Patient) -> None:
    make_protocol_version("trd_iv6")
    make_clinic()
    client = Client(headers={"Authorization": f"Token {ApiKey.issue(owner_patient.user)}"})

    def queries(start: str, key: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as asked:
            status = client.post(
                "/api/v1/appointments/",
                {"service": "evaluation", "site": "main", "start": start},
                content_type="application/json",
                headers={"Idempotency-Key": key},
            ).status_code
        return status, len(asked)

    assert queries(NINE, "fills this process's masks")[0] == 201
    assert queries(TWO, "one") == (201, 12)
    assert queries(TWO, "one") == (201, 5)
    assert queries(TWO, "two") == (409, 9)
