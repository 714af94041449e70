"""What the pages on the way to a hold ask of the database, whatever is booked already."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scheduling.models import CarePlan
from scheduling.web.patient.keys import key
from tests.factories import (
    make_appointment,
    make_clinic,
    make_patient,
    make_protocol_version,
    make_service,
)

# Committed rows, as in life: inside an open transaction the masks are never kept.
pytestmark = pytest.mark.django_db(transaction=True)
COURSE, EVALUATION = key("trd_iv6"), key("evaluation")


@pytest.mark.parametrize("courses", [1, 3])
def test_pages_that_anybody_reads(courses: int) -> None:
    make_clinic()
    for slug in ("trd_iv6", "pain_trial", "ptsd_iv6_wet")[:courses]:
        make_protocol_version(slug)
    visitor = Client()

    assert queries(visitor, "/") == 0
    assert queries(visitor, "/book/") == 3
    assert queries(visitor, f"/book/{COURSE}/") == 2
    assert queries(visitor, f"/book/{COURSE}/when/") == 3


@pytest.mark.parametrize("booked", [1, 3])
def test_pages_of_a_visitor_who_looks_for_times(booked: int) -> None:
    clinic = make_clinic()
    make_protocol_version()
    service = make_service("therapy")
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number in range(booked):
        start = hour + timedelta(days=5, hours=number)
        make_appointment(make_patient(), service, clinic.site, start, [clinic.therapists[0]])
    visitor = Client()
    said = {
        "earliest": (timezone.now() + timedelta(days=2)).date().isoformat(),
        "weekdays": ["1", "2", "3", "4", "5"],
        "day_parts": ["morning", "afternoon", "evening"],
        "mode": "in_person",
    }
    plans = visitor.post(f"/book/{COURSE}/when/", said)["Location"]
    token = visitor.get(plans).context["proposals"][0]["id"]
    draft = visitor.post("/book/look/", {"proposal": token, "search": ""})["Location"]
    visitor.post("/book/hold/", {"proposal": token})
    plan = CarePlan.objects.get()
    visitor.get(draft)

    pages = (f"/visits/{EVALUATION}/", plans, draft, f"{draft}1/", f"/courses/{plan.pk}/")
    # Six of each but the last count the look, in the database's cache: see `throttle`.
    assert [queries(visitor, page) for page in pages] == [13, 16, 14, 14, 6]


def queries(visitor: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get(path).status_code == 200
    return len(asked)
