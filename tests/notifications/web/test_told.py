"""The desk sees who was told what, and decides where nobody knows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from notifications.core.kinds import Kind, Reason, Status
from notifications.models import Message
from scheduling.models import StaffTask
from tests.factories import make_user
from tests.notifications.post import Post, make_post
from tests.scheduling.web.test_page_access import STAFF, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> Post:
    return make_post()


@pytest.fixture
def unsure(post: Post) -> Message:
    """May have reached Ada, or not."""
    from notifications.operations.tasks_for_staff import unsure

    message = Message.objects.create(
        kind=Kind.CONFIRMATION,
        patient=post.patient,
        site=post.clinic.site,
        care_plan=post.plan,
        status=Status.AMBIGUOUS,
        reason=Reason.UNKNOWN_OUTCOME,
        due_at=timezone.now(),
        claimed_at=timezone.now(),
        address="ada@example.org",
        text="These are your appointments",
    )
    unsure(message, timezone.now())
    return message


def desk_that_knows(post: Post, *roles: str) -> Client:
    """The caller has said who they are."""
    browser = Client()
    browser.force_login(make_user("", *(roles or ("front_desk",))))
    browser.post(reverse("desk-identify", args=[post.patient.pk]), {"by": ["birth_date", "phone"]})
    return browser


def test_only_staff_read_messages(post: Post, unsure: Message) -> None:
    pages = [
        reverse("desk-messages", args=[post.patient.pk]),
        reverse("desk-message", args=[unsure.pk]),
        reverse("desk-unsettled"),
    ]
    for person in ("anonymous", "otto", "visitor", "left"):
        browser = browser_of(person)
        for page in pages:
            assert browser.get(page).status_code in (302, 403), (person, page)
    for role in STAFF:
        browser = browser_of(role)
        assert browser.get(pages[0]).url == reverse("desk-patient", args=[post.patient.pk])
        allowed = role in ("front_desk", "manager")
        assert browser.get(pages[2]).status_code == (200 if allowed else 403)


def test_the_list_asks_as_much_for_three_as_for_one(
    post: Post, unsure: Message, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = desk_that_knows(post)
    page = reverse("desk-messages", args=[post.patient.pk])
    browser.get(page)
    with django_assert_num_queries(7):
        assert browser.get(page).status_code == 200
    for number in (1, 2):
        unsure.pk, unsure.copy = None, number
        unsure.save(force_insert=True)
    with django_assert_num_queries(7):
        assert browser.get(page).content.count(b"may have arrived or not") == 3


def test_the_desk_says_that_it_has_arrived(post: Post, unsure: Message) -> None:
    browser = desk_that_knows(post)
    assert (
        b"These are your appointments"
        in browser.get(reverse("desk-message", args=[unsure.pk])).content
    )

    browser.post(reverse("desk-message-settle", args=[unsure.pk]), {"arrived": "yes"})

    unsure.refresh_from_db()
    assert (unsure.status, unsure.reason) == (Status.SENT, Reason.SETTLED_BY_HAND)
    assert StaffTask.objects.get(kind="message_unsure").outcome == "arrived"


def test_sent_again_it_is_another_copy_and_the_doubt_is_over(post: Post, unsure: Message) -> None:
    post.book("prep.1", timezone.now() + timedelta(days=10))
    Message.objects.filter(status=Status.SCHEDULED).delete()
    browser = desk_that_knows(post)

    for _ in range(2):
        browser.post(reverse("desk-message-again", args=[unsure.pk]))

    unsure.refresh_from_db()
    assert (unsure.status, unsure.reason) == (Status.CANCELLED, Reason.SETTLED_BY_HAND)
    assert list(Message.objects.exclude(pk=unsure.pk).values_list("copy", "status")) == [
        (1, "scheduled"),  # the second tap finds the copy that waits
    ]
    assert StaffTask.objects.get(kind="message_unsure").outcome == "sent_again"


def test_a_nurse_does_not_send_again(post: Post, unsure: Message) -> None:
    answer = desk_that_knows(post, "nurse").post(reverse("desk-message-again", args=[unsure.pk]))
    assert answer.status_code == 403
    assert Message.objects.count() == 1


def test_what_waits_to_be_sent_is_not_sent_again(post: Post) -> None:
    waiting = Message.objects.create(
        kind=Kind.CLEARANCE,
        patient=post.patient,
        site=post.clinic.site,
        care_plan=post.plan,
        due_at=timezone.now(),
    )
    desk_that_knows(post).post(reverse("desk-message-again", args=[waiting.pk]))
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.FOLLOW_UP, "will not be sent: the patient has stopped reminders"),
        (Kind.CLEARANCE, "will be sent"),  # news about their visits goes on
    ],
)
def test_what_waits_although_reminders_were_stopped_is_said(
    post: Post, kind: Kind, words: str
) -> None:
    Message.objects.create(
        kind=kind, patient=post.patient, site=post.clinic.site, due_at=timezone.now()
    )
    post.patient.contact_consents.update(reminders_stopped_at=timezone.now())

    page = desk_that_knows(post).get(reverse("desk-messages", args=[post.patient.pk]))

    assert words in page.content.decode()
