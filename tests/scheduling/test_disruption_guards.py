"""What the database refuses of a disruption, whoever writes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling.models import Disruption, Site
from tests.factories import NOW, make_closure, make_site, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Site:
    return make_site()


def make(site: Site, **fields: object) -> Disruption:
    usual = {
        "site": site,
        "closure": make_closure(site, NOW, NOW + HOUR),
        "during": DateTimeTZRange(NOW, NOW + HOUR),
        "reason": "ill",
        "search_began": NOW,
        "search_until": NOW + HOUR,
        "created_by": make_user(""),
    }
    return Disruption.objects.create(**(usual | fields))  # type: ignore[misc]


def test_a_proposal_an_applied_one_and_one_whose_closure_ended_may_stand(site: Site) -> None:
    """The control: what is refused below is refused for its one fault."""
    make(site)
    make(site, status="applied", applied_at=NOW, applied_by=make_user(""))
    make(site, closure=None)
    make(site, closure=None)

    assert Disruption.objects.count() == 4


@pytest.mark.parametrize(
    ("fields", "guard"),
    [
        ({"status": "perhaps"}, "disruption_applied_by_somebody"),
        ({"during": DateTimeTZRange(NOW, NOW)}, "disruption_bounded"),
        ({"during": DateTimeTZRange(NOW, None)}, "disruption_bounded"),
        ({"during": DateTimeTZRange(None, NOW)}, "disruption_bounded"),
        ({"status": "applied"}, "disruption_applied_by_somebody"),
        ({"status": "applied", "applied_at": NOW}, "disruption_applied_by_somebody"),
        ({"applied_at": NOW}, "disruption_applied_by_somebody"),
        ({"search_until": NOW - HOUR}, "disruption_search_ends"),
    ],
)
def test_what_makes_no_sense_is_refused(site: Site, fields: dict[str, object], guard: str) -> None:
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        make(site, **fields)


def test_a_closure_has_one_disruption(site: Site) -> None:
    closure = make(site).closure

    with pytest.raises(IntegrityError, match="disruption_once_a_closure"), transaction.atomic():
        make(site, closure=closure)
