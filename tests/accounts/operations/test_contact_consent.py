"""A patient's yes to being contacted: given, repeated, changed and withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import ContactConsent, ContactPurpose
from accounts.operations.contact_consent import (
    give,
    given,
    reminders,
    start_reminders,
    stop_reminders,
    withdraw,
)
from tests.factories import NOW, make_patient

pytestmark = pytest.mark.django_db
EMAIL, SMS = ContactPurpose.EMAIL_APPOINTMENTS, ContactPurpose.SMS_APPOINTMENTS
ADDRESS = "ada@example.org"


def test_a_yes_holds_for_its_purpose_alone() -> None:
    ada = make_patient()

    give(patient=ada, purpose=EMAIL, address=ADDRESS, now=NOW)

    assert (given(ada, EMAIL), given(ada, SMS)) == (True, False)


def test_the_same_yes_again_changes_nothing() -> None:
    ada = make_patient()
    first = give(patient=ada, purpose=EMAIL, address=ADDRESS, now=NOW)

    assert give(patient=ada, purpose=EMAIL, address=ADDRESS, now=NOW + timedelta(days=1)) == first
    assert ContactConsent.objects.get().given_at == NOW


def test_another_address_ends_the_older_yes() -> None:
    ada, later = make_patient(), NOW + timedelta(days=1)
    give(patient=ada, purpose=EMAIL, address=ADDRESS, now=NOW)

    give(patient=ada, purpose=EMAIL, address="byron@example.org", now=later)

    rows = ContactConsent.objects.values_list("address", "withdrawn_at")
    assert list(rows) == [("byron@example.org", None), (ADDRESS, later)]


def test_a_withdrawn_yes_is_a_no_and_stays_on_record() -> None:
    ada = make_patient()
    give(patient=ada, purpose=EMAIL, address=ADDRESS, now=NOW)

    assert withdraw(patient=ada, purpose=EMAIL, now=NOW) is True
    assert withdraw(patient=ada, purpose=EMAIL, now=NOW) is False
    assert given(ada, EMAIL) is False
    assert ContactConsent.objects.count() == 1


def test_the_database_keeps_one_standing_yes_for_each_purpose() -> None:
    ada = make_patient()
    give(patient=ada, purpose=EMAIL, address=ADDRESS, now=NOW)

    with pytest.raises(IntegrityError, match="contact_consent_once"), transaction.atomic():
        ContactConsent.objects.create(
            patient=ada, purpose=EMAIL, address="x", wording="x", given_at=NOW
        )


def test_reminders_stop_for_every_way_and_start_again() -> None:
    ada = make_patient()
    assert reminders(ada) is None
    assert not stop_reminders(patient=ada, now=NOW)
    for purpose in (EMAIL, SMS):
        give(patient=ada, purpose=purpose, address=ADDRESS, now=NOW)

    assert stop_reminders(patient=ada, now=NOW)
    assert (reminders(ada), stop_reminders(patient=ada, now=NOW)) == (False, False)
    assert (given(ada, EMAIL), given(ada, SMS)) == (True, True)

    assert start_reminders(patient=ada)
    assert (reminders(ada), start_reminders(patient=ada)) == (True, False)


def test_another_address_does_not_start_what_was_stopped() -> None:
    ada = make_patient()
    give(patient=ada, purpose=EMAIL, address=ADDRESS, now=NOW)
    stop_reminders(patient=ada, now=NOW)

    give(patient=ada, purpose=EMAIL, address="byron@example.org", now=NOW + timedelta(days=1))

    assert reminders(ada) is False
