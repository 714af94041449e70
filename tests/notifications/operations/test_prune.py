"""What is kept only to do nothing twice does not stay for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import InboundMail, Message, ProviderEvent, WebhookDelivery
from notifications.models import WebhookEndpoint as Endpoint
from notifications.operations.prune import DELIVERIES_KEPT, REPORTS_KEPT, prune
from tests.factories import NOW, at, make_user
from tests.notifications.post import make_post

pytestmark = pytest.mark.django_db
MOMENT = timedelta(seconds=1)


def reports(age: timedelta) -> None:
    name = str(age)
    InboundMail.objects.create(key=name, outcome="no_reply")
    ProviderEvent.objects.create(key=name, source="test", report="delivered", at=NOW)
    for model in (InboundMail, ProviderEvent):
        model.objects.filter(key=name).update(received_at=NOW - age)


def test_reports_go_after_a_year_and_a_month() -> None:
    reports(REPORTS_KEPT - MOMENT)
    reports(REPORTS_KEPT + MOMENT)

    assert prune(NOW) == 2

    assert InboundMail.objects.count() == ProviderEvent.objects.count() == 1
    assert prune(NOW) == 0


def test_a_delivery_goes_a_month_after_it_was_made_unless_it_still_waits() -> None:
    endpoint = Endpoint.objects.create(
        url="https://example.org/hook",
        secret="x",
        types=["appointment.booked"],
        created_by=make_user("", "manager"),
    )
    for age, waits in ((MOMENT, False), (-MOMENT, False), (MOMENT, True)):
        made = WebhookDelivery.objects.create(
            endpoint=endpoint,
            type="appointment.booked",
            body="{}",
            outcome="" if waits else "delivered",
            next_attempt_at=NOW if waits else None,
        )
        rows = WebhookDelivery.objects.filter(pk=made.pk)
        rows.update(created_at=NOW - DELIVERIES_KEPT - age)

    assert prune(NOW) == 1


def test_who_was_told_what_stays() -> None:
    post = make_post()
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()

    prune(NOW + 10 * REPORTS_KEPT)

    assert Message.objects.exists()
