"""What a sender reads in one trip is what the ORM reads in many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db.models import Model

from accounts.models import ContactConsent
from notifications.core.kinds import Channel, Kind
from notifications.models import Message, Suppression
from notifications.operations.claim import claim, held
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from tests.factories import NOW, at, make_user
from tests.notifications.post import Post, make_post

pytestmark = pytest.mark.django_db
WITH = ("site", "patient__user", "user", "care_plan", "appointment__service", "appointment__site")


def values(row: Model | None) -> dict[str, object] | None:
    fields = row._meta.concrete_fields if row is not None else ()
    return {one.attname: getattr(row, one.attname) for one in fields} if row is not None else None


def alike(read: Model | None, known: Model | None, paths: Sequence[str]) -> None:
    """The two rows and what they point to, value by value."""
    assert values(read) == values(known)
    for path in paths:
        a, b = read, known
        for name in path.split("__"):
            a, b = getattr(a, name, None), getattr(b, name, None)
        assert values(a) == values(b), path


@pytest.fixture
def post() -> Post:
    return make_post()


def claimed(**fields: object) -> Message:
    Message.objects.create(due_at=NOW, **fields)
    key = claim(Channel.EMAIL, NOW + timedelta(seconds=1))
    return Message.objects.select_related(*WITH).get(pk=key)


def test_a_reminder_with_all_that_it_points_to(post: Post) -> None:
    own = post.book("prep.1", at("2026-12-07 10:00"))
    same_day = post.book("prep.2", at("2026-12-07 15:00"))
    post.book("prep.3", at("2026-12-09 15:00"))
    off = post.book("integ.1", at("2026-12-07 12:00"))
    desk = Actor.of(make_user("", "front_desk"))
    cancel(actor=desk, appointment=off, reason="clinic", version=None, now=NOW)
    known = claimed(
        kind=Kind.REMINDER_24H,
        patient=post.patient,
        site=post.clinic.site,
        care_plan=post.plan,
        appointment=own,
    )

    found = held(known.pk)

    assert found is not None
    message, facts = found
    alike(message, known, WITH)
    [consent] = ContactConsent.objects.filter(patient=post.patient, withdrawn_at=None)
    assert {key: values(one) for key, one in facts.consents.items()} == {
        consent.purpose: values(consent)
    }
    assert [one.pk for one in facts.near] == [own.pk, same_day.pk]
    for one in facts.near:
        alike(one, Appointment.objects.select_related("service").get(pk=one.pk), ["service"])
    assert not facts.suppressed
    assert not facts.told


def test_what_was_said_and_what_takes_no_mail(post: Post) -> None:
    own = post.book("prep.1", at("2026-12-07 10:00"))
    about = {"kind": Kind.REMINDER_24H, "patient": post.patient, "site": post.clinic.site}
    Message.objects.create(
        **about,
        due_at=NOW,
        status="sent",
        sent_at=NOW,
        address="ada@example.org",
        told={str(own.pk): own.sequence},
    )
    Suppression.objects.create(address="ADA@example.org", reason="bounce")
    known = claimed(**about, appointment=own)

    found = held(known.pk)

    assert found is not None
    assert found[1].told
    assert found[1].suppressed == {"email_appointments"}


def test_a_colleagues_digest_points_to_no_patient(post: Post) -> None:
    dana = make_user("dana@example.org", "front_desk")
    known = claimed(kind=Kind.STAFF_DIGEST, user=dana, site=post.clinic.site, topic="2026-11-23")

    found = held(known.pk)

    assert found is not None
    alike(found[0], known, WITH)
    assert not found[1].consents
    assert not found[1].near


def test_what_is_not_being_sent_is_not_held(post: Post) -> None:
    dana = make_user("dana@example.org", "front_desk")
    known = claimed(kind=Kind.STAFF_DIGEST, user=dana, site=post.clinic.site, topic="2026-11-23")
    Message.objects.filter(pk=known.pk).update(status="ambiguous", reason="unknown_outcome")

    assert held(known.pk) is None
