"""What providers and mail servers report settles messages, once."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.core.kinds import Status
from notifications.core.reports import Report
from notifications.models import Message, ProviderEvent, Suppression
from notifications.operations import tasks_for_staff
from notifications.operations.bounces import read_dsn, take_dsn
from notifications.operations.reports import News, take
from scheduling.models import StaffTask
from tests.factories import NOW, at, make_patient
from tests.notifications.post import Post, make_post

SIZE = 1000 if os.environ.get("SOAK") == "1" else 200


@pytest.fixture
def post() -> Post:
    return make_post()


def sent(post: Post) -> Message:
    """A reminder's or confirmation's message that went out."""
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    return Message.objects.get(status=Status.SENT)


def news(message: Message | None, report: Report, event: str = "", **more: str) -> News:
    return News(
        source="test",
        event_id=event or report.value,
        report=report,
        at=NOW,
        message=message.pk if message else uuid4(),
        **more,
    )


@pytest.mark.django_db(transaction=True)
def test_a_bounce_ends_mail_to_the_address_and_asks_somebody_to_call(post: Post) -> None:
    message = sent(post)

    assert take(news(message, Report.BOUNCED, recipient="other@example.org"), NOW)
    assert not take(news(message, Report.BOUNCED), NOW)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("bounced", "bounce")
    assert Suppression.objects.get().address == "ada@example.org"
    assert StaffTask.objects.get(kind="message_bounced").patient == post.patient
    post.book("int.1", at("2026-12-08 10:00"))
    assert post.run(after=timedelta(minutes=5)) == []
    assert post.ledger()[-1][1:] == ("suppressed", "address_suppressed")


@pytest.mark.django_db(transaction=True)
def test_what_is_not_delivered_though_the_address_may_be_good(post: Post) -> None:
    message = sent(post)
    take(news(message, Report.NOT_DELIVERED), NOW)
    message.refresh_from_db()
    assert message.status == "bounced"
    assert not Suppression.objects.exists()
    assert StaffTask.objects.filter(kind="message_bounced").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_complaint_ends_mail_too(post: Post) -> None:
    message = sent(post)
    take(news(message, Report.COMPLAINT), NOW)
    message.refresh_from_db()
    assert (message.status, message.reason) == ("sent", "complaint")
    assert Suppression.objects.get().reason == "complaint"
    assert StaffTask.objects.filter(kind="message_complained").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_delivery_settles_what_nobody_knew(post: Post) -> None:
    message = sent(post)
    lost = make_ambiguous(message)
    tasks_for_staff.unsure(lost, NOW)

    take(news(lost, Report.DELAYED, recipient="ada@example.org", provider_id="p1"), NOW)

    lost.refresh_from_db()
    assert (lost.status, lost.address, lost.provider_id) == ("sent", "ada@example.org", "p1")
    assert lost.sent_at == NOW
    assert StaffTask.objects.get(kind="message_unsure").outcome == "not_needed"


@pytest.mark.django_db(transaction=True)
def test_another_unsure_message_about_the_same_keeps_its_task(post: Post) -> None:
    message = sent(post)
    one, two = make_ambiguous(message), make_ambiguous(message)
    Message.objects.filter(pk__in=[one.pk, two.pk]).update(patient=post.patient)
    for lost in (one, two):
        lost.refresh_from_db()
        tasks_for_staff.unsure(lost, NOW)
    assert StaffTask.objects.count() == 1

    take(news(one, Report.DELIVERED, recipient="ada@example.org"), NOW)

    [task] = StaffTask.objects.filter(finished_at=None)
    assert task.facts["message"] == str(two.pk)


@pytest.mark.django_db(transaction=True)
def test_a_message_is_found_by_the_providers_own_id_too(post: Post) -> None:
    message = sent(post)
    Message.objects.filter(pk=message.pk).update(provider_id="p1")
    one = News(source="test", event_id="1", report=Report.BOUNCED, at=NOW, provider_id="p1")
    take(one, NOW)
    message.refresh_from_db()
    assert message.status == "bounced"


@pytest.mark.django_db(transaction=True)
def test_a_message_that_never_was_stops_nobodys_mail(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    assert take(news(None, Report.BOUNCED, recipient="ada@example.org"), NOW)
    assert ProviderEvent.objects.get().message is None
    assert not Suppression.objects.exists()
    assert not StaffTask.objects.exists()
    assert "report_about_unknown_message" in caplog.text
    assert "ada@" not in caplog.text


def make_ambiguous(like: Message) -> Message:
    """Another message whose sender died: nobody knows whether it went out."""
    return Message.objects.create(
        kind="follow_up",
        patient=make_patient("Ada", uuid4().hex[:8]),
        site=like.site,
        topic=uuid4().hex,
        due_at=NOW,
        status=Status.AMBIGUOUS,
        reason="unknown_outcome",
        claimed_at=NOW,
    )


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_many_events_twice_and_out_of_order_leave_no_wrong_state(post: Post) -> None:
    template, draw = sent(post), random.Random(7)
    fates = [
        (("taken", "delivered"), ("sent", "")),
        (("taken", "delayed", "bounced"), ("bounced", "bounce")),
        (("taken", "delivered", "complaint"), ("sent", "complaint")),
        (("taken", "not_delivered"), ("bounced", "bounce")),
        (("other",), ("ambiguous", "unknown_outcome")),
    ]
    expected: dict[UUID, tuple[str, str]] = {}
    events: list[News] = []
    while len(events) * 2 < SIZE:
        message = make_ambiguous(template)
        reports, expected[message.pk] = draw.choice(fates)
        events += [
            news(message, Report(one), f"{message.pk} {one}", recipient=f"{message.pk}@example.org")
            for one in reports
        ]
    twice = events * 2
    draw.shuffle(twice)

    fresh = sum(take(one, NOW) for one in twice)

    assert fresh == len(events) == ProviderEvent.objects.count()
    rows = Message.objects.filter(pk__in=expected)
    assert {one.pk: (one.status, one.reason) for one in rows} == expected
    back = {key for key, (status, _reason) in expected.items() if status == "bounced"}
    asked = StaffTask.objects.filter(kind="message_bounced", finished_at=None)
    assert {UUID(one.facts["message"]) for one in asked} == back
    unwanted = {key for key, (_status, reason) in expected.items() if reason == "complaint"}
    assert StaffTask.objects.filter(kind="message_complained").count() == len(unwanted)


# --- Mail that came back -------------------------------------------------------------------------

DSN = """\
From: MAILER-DAEMON@mx.example
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <20261123@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry to have to inform you.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ada@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user

--b
Content-Type: {original}

Message-ID: <{key}@{domain}>
Subject: Your appointment is booked

{body}--b--
"""


def dsn(key: object, domain: str, **changed: str) -> bytes:
    said = {"action": "failed", "status": "5.1.1", "original": "message/rfc822", "body": "Hello\n"}
    return DSN.format(key=key, domain=domain, **(said | changed)).encode()


@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers"])
def test_a_returned_mail_names_its_message(settings: object, original: str) -> None:
    key = uuid4()
    [one] = read_dsn(dsn(key, settings.CALENDAR_DOMAIN, original=original))  # type: ignore[attr-defined]
    assert (one.message, one.report, one.recipient) == (key, "bounced", "ada@example.org")
    assert one.status == "5.1.1"


def test_a_returned_mail_of_somebody_else_names_none(settings: object) -> None:
    [one] = read_dsn(dsn(uuid4(), "elsewhere.example"))
    assert one.message is None
    [two] = read_dsn(dsn("not-a-key", settings.CALENDAR_DOMAIN))  # type: ignore[attr-defined]
    assert two.message is None


def test_an_ordinary_mail_is_no_report() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Delivery status"
    mail.set_content("Action: failed")
    assert read_dsn(mail.as_bytes()) == []


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    read_dsn(noise)
    head, middle, tail = dsn(uuid4(), "localhost").partition(b"Reporting-MTA")
    read_dsn(head + middle + noise + tail)
    read_dsn(head + noise + tail)


@pytest.mark.django_db(transaction=True)
def test_a_returned_mail_acts_once(post: Post, settings: object) -> None:
    message = sent(post)
    raw = dsn(message.pk, settings.CALENDAR_DOMAIN)  # type: ignore[attr-defined]

    assert take_dsn(raw, NOW)
    assert take_dsn(raw, NOW)

    message.refresh_from_db()
    assert message.status == "bounced"
    assert ProviderEvent.objects.get().detail == "5.1.1"
    assert Suppression.objects.get().reason == "bounce"
