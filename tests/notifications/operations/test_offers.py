"""Whoever waits hears of a free time while it is kept for them, and of nothing that is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from accounts.models import ContactConsent, ContactPurpose, Patient
from notifications.models import Message
from notifications.operations.collect import collect_all
from notifications.operations.deliver import deliver
from scheduling.models import WaitlistOffer
from scheduling.operations.answer_offer import decline_offer
from tests.factories import NOW, make_patient, make_user
from tests.scheduling.operations.waiting import give_up, look_again, one_a_day, owner, take, wait

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bea() -> Patient:
    """Waits for an evaluation that Ada gives back."""
    site = one_a_day()
    bea = make_patient("Bea", user=make_user("bea@example.org"))
    ContactConsent.objects.create(
        patient=bea,
        purpose=ContactPurpose.EMAIL_APPOINTMENTS,
        address="bea@example.org",
        wording="2026-11",
        given_at=NOW,
    )
    taken = take(site, make_patient())
    wait(site, bea)
    give_up(taken)
    look_again()
    return bea


def run(after: timedelta = timedelta()) -> list[str]:
    before = len(mail.outbox)
    collect_all(NOW + after)
    deliver(lambda: NOW + after)
    return [one.body for one in mail.outbox[before:] if one.to == ["bea@example.org"]]


def test_an_offer_is_mailed_once_with_its_end_and_where_to_answer(bea: Patient) -> None:
    [offer] = WaitlistOffer.objects.filter(status="offered")

    [body] = run()

    assert f"/waitlist/offers/{offer.pk}/" in body
    assert "12:30 p.m." in body
    assert run(timedelta(minutes=1)) == []


def test_an_offer_that_was_answered_meanwhile_is_not_mailed(bea: Patient) -> None:
    [offer] = WaitlistOffer.objects.filter(status="offered")
    collect_all(NOW)
    decline_offer(actor=owner(bea), offer=offer, now=NOW)
    assert run() == []
    [message] = Message.objects.filter(kind="waitlist_offer")
    assert (message.status, message.reason) == ("cancelled", "changed")


def test_an_offer_that_is_over_is_not_mailed(bea: Patient) -> None:
    assert run(timedelta(hours=1)) == []
