"""Courses are booked once and whole by everybody who comes over HTTP at once.

Reduced sizes in the gate: 6 clients × 4 attempts; `make soak`: 64 × 40.
"""

import pytest

from scheduling.core.refusals import Code
from scheduling.models import Appointment, CarePlan
from tests.concurrency.crowd import NONE, damage, deadlocks
from tests.concurrency.http_crowd import desk_token, offers, rush
from tests.conftest import SOAK
from tests.factories import make_clinic
from tests.web_server import serving

CLIENTS, ATTEMPTS = (64, 40) if SOAK else (6, 4)
LOSERS_SECONDS = 4 if SOAK else 8  # the gate shares its machine with other tests


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_courses_are_booked_once_and_whole_over_http() -> None:
    choices = offers(make_clinic())
    before = deadlocks()

    with serving(token=desk_token()) as web:
        outcome = rush(web, CLIENTS, ATTEMPTS, choices)

    assert outcome.broken == {}
    assert damage() == NONE
    assert deadlocks() == before
    assert len(outcome.told) + len(outcome.losers) == CLIENTS * ATTEMPTS
    assert 0 < len(outcome.told) < CLIENTS * ATTEMPTS
    assert set(outcome.refused) == {Code.TAKEN}
    kept = CarePlan.objects.filter(status="active", pk__in=outcome.told)
    assert kept.count() == CarePlan.objects.filter(status="active").count() == len(outcome.told)
    assert Appointment.objects.filter(care_plan__in=kept, status="booked").count() == 14 * len(
        outcome.told
    )
    print(f"\n{len(outcome.told)} courses; p99 of losers {outcome.slowest_loser():.2f} s")
    assert outcome.slowest_loser() < LOSERS_SECONDS
