"""Calendars answer by mail: what counts, what is asked of the desk, and what does nothing."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client, override_settings
from django.urls import clear_url_caches

from config import env, urls
from notifications.channels.inbound import LARGEST, read_mail
from notifications.models import InboundMail
from notifications.operations.read_mailbox import read_mailbox
from notifications.operations.replies import take
from scheduling.models import Appointment, Event, StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.answer_attendance import answer_attendance
from scheduling.operations.cancel import cancel
from scheduling.operations.reschedule import reschedule
from tests.factories import at, make_user
from tests.notifications.imap_server import PASSWORD, mailbox
from tests.notifications.post import Post, make_post
from tests.notifications.replies import calendar, reply_mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post() -> Post:
    return make_post()


@pytest.fixture
def session(post: Post) -> Appointment:
    return post.book("prep.1", at("2026-12-07 10:00"))


def receive(post: Post, raw: bytes) -> str | None:
    return take(read_mail(raw), post.now)


def attendance(session: Appointment) -> str:
    session.refresh_from_db()
    return session.attendance


def declined() -> StaffTask:
    return StaffTask.objects.get(kind="attendance_declined")


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("ACCEPTED", "accepted"), ("TENTATIVE", "tentative"), ("DECLINED", "declined")],
)
def test_an_answer_is_noted_and_cancels_nothing(
    post: Post, session: Appointment, answer: str, kept: str
) -> None:
    assert receive(post, reply_mail(calendar(session, answer))) == kept

    assert attendance(session) == kept
    assert session.status == "booked"
    assert Event.objects.filter(actor_label="calendar_reply").count() == 1
    assert StaffTask.objects.filter(kind="attendance_declined").exists() is (kept == "declined")


@pytest.mark.parametrize(("hours", "urgent"), [(47, True), (49, False)])
def test_a_decline_asks_the_desk_urgently_when_it_is_near(
    post: Post, session: Appointment, hours: int, urgent: bool
) -> None:
    post.now = session.start - timedelta(hours=hours)
    receive(post, reply_mail(calendar(session, "DECLINED")))

    task = declined()
    assert (task.role, task.urgent, task.appointment) == ("front_desk", urgent, session)


@pytest.mark.parametrize("how", ["moved", "cancelled", "accepted"])
def test_the_question_ends_where_it_has_an_answer(
    post: Post, session: Appointment, how: str
) -> None:
    receive(post, reply_mail(calendar(session, "DECLINED")))
    desk = Actor.of(make_user("", "front_desk"))
    common = {"appointment": session, "now": post.now}
    if how == "moved":
        reschedule(actor=desk, start=at("2026-12-09 10:00"), version=None, **common)
    elif how == "cancelled":
        cancel(actor=desk, reason="unwell", version=None, **common)
    else:
        answer_attendance(
            actor=Actor.of(post.user), answer="accepted", sequence=session.sequence, **common
        )

    assert declined().outcome == how


def test_not_being_sure_leaves_the_question_open(post: Post, session: Appointment) -> None:
    receive(post, reply_mail(calendar(session, "DECLINED")))
    receive(
        post,
        reply_mail(
            calendar(session, "TENTATIVE", stamped="20261123T190100Z"), message_id="<2@x.example>"
        ),
    )

    assert (attendance(session), declined().outcome) == ("tentative", "")


def test_a_mail_counts_once(post: Post, session: Appointment) -> None:
    raw = reply_mail(calendar(session))
    receive(post, raw)
    answer_attendance(
        actor=Actor.of(post.user),
        appointment=session,
        answer="declined",
        sequence=session.sequence,
        now=post.now,
    )

    assert receive(post, raw) is None
    assert attendance(session) == "declined"


def test_mail_that_overtakes_another_does_not_undo_it(post: Post, session: Appointment) -> None:
    later = calendar(session, "DECLINED", stamped="20261123T185500Z")
    earlier = calendar(session, "ACCEPTED", stamped="20261123T185000Z")
    assert receive(post, reply_mail(later, message_id="<2@x.example>")) == "declined"

    assert receive(post, reply_mail(earlier)) == "old"
    assert attendance(session) == "declined"


def test_a_fast_clock_has_not_the_last_word(post: Post, session: Appointment) -> None:
    receive(post, reply_mail(calendar(session, stamped="20991231T000000Z")))
    post.now += timedelta(minutes=10)

    second = calendar(session, "DECLINED", stamped="20261123T190500Z")
    assert receive(post, reply_mail(second, message_id="<2@x.example>")) == "declined"


def test_an_old_revision_says_nothing_about_the_new_time(post: Post, session: Appointment) -> None:
    reply = calendar(session)
    reschedule(
        actor=Actor.of(make_user("", "front_desk")),
        appointment=session,
        start=at("2026-12-09 10:00"),
        version=None,
        now=post.now,
    )

    assert receive(post, reply_mail(reply)) == "old"
    assert attendance(session) == ""


@pytest.mark.parametrize(
    ("said", "sender", "outcome"),
    [
        ({}, "eve@example.org", "other_sender"),
        ({"attendee": "eve@example.org"}, "ada@example.org", "other_sender"),
        ({"attendee": "eve@example.org"}, "eve@example.org", "other_sender"),
        ({"uid": "00000000-0000-4000-8000-000000000000@localhost"}, "ada@example.org", "unknown"),
        ({"uid": "nonsense"}, "ada@example.org", "unknown"),
        ({"uid": "x" * 500 + "@localhost"}, "ada@example.org", "unknown"),
        ({"sequence": 7}, "ada@example.org", "old"),
        ({"sequence": 10**30}, "ada@example.org", "old"),
        ({"sequence": -1}, "ada@example.org", "old"),
        ({"method": "REQUEST"}, "ada@example.org", "unreadable"),
        ({"method": "CANCEL"}, "ada@example.org", "unreadable"),
        ({"answer": "NEEDS-ACTION"}, "ada@example.org", "no_reply"),
        ({"answer": "DELEGATED"}, "ada@example.org", "no_reply"),
        ({"stamped": "yesterday"}, "ada@example.org", "unreadable"),
        ({"stamped": "20261123"}, "ada@example.org", "unreadable"),
    ],
)
def test_what_is_not_theirs_or_not_now_does_nothing(
    post: Post, session: Appointment, said: dict[str, str], sender: str, outcome: str
) -> None:
    got = receive(post, reply_mail(calendar(session, **said), sender=sender))

    assert got is not None
    assert got.startswith(outcome)
    assert attendance(session) == ""
    assert not Event.objects.filter(actor_label="calendar_reply").exists()


def test_two_senders_are_none(post: Post, session: Appointment) -> None:
    raw = reply_mail(calendar(session)).replace(
        b"From: Ada <ada@example.org>", b"From: ada@example.org, eve@example.org"
    )

    assert receive(post, raw) == "other_sender"


def test_mail_that_others_read_answers_nothing(post: Post, session: Appointment) -> None:
    post.user.mail_shared = True
    post.user.save()

    assert receive(post, reply_mail(calendar(session))) == "other_sender"


def test_a_visit_that_has_begun_is_not_answered(post: Post, session: Appointment) -> None:
    post.now = session.start

    assert receive(post, reply_mail(calendar(session))) == "refused"


def hostile(session: Appointment) -> dict[str, bytes]:
    """Mails that nobody means well with."""
    good = reply_mail(calendar(session, "DECLINED"))
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)
    )
    many = (
        b"From: ada@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 3000
        + b"--b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
        + calendar(session, "DECLINED").encode()
        + b"\r\n--b--\r\n"
    )
    event = calendar(session, "DECLINED")
    twice = event.replace("END:VCALENDAR", event[event.index("BEGIN:VEVENT") :])
    mails = {
        "empty": b"",
        "noise": bytes(range(256)) * 50,
        "huge": b"From: ada@example.org\r\n\r\n" + b"x" * LARGEST,
        "nested": b"From: ada@example.org\r\n" + deep + good,
        "many parts": many,
        "large calendar": reply_mail(event + "X-PAD:" + "x" * 70_000),
        "wrong bytes": reply_mail(b"\xff\xfe" + event.encode("utf-16")),
        "two events": reply_mail(twice),
        "cut": reply_mail(event[:200]),
        "bomb": reply_mail(
            event.replace("END:VEVENT", "RRULE:FREQ=SECONDLY;COUNT=99999999\r\nEND:VEVENT"),
            sender="eve@example.org",
        ),
        "headers": b"From: \x00\r\nMessage-ID: \xff\xff\r\nContent-Type: text/calendar;;=\r\n\r\nX",
        "zip": b"From: ada@example.org\r\nContent-Type: application/zip\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n=====\r\n",
    }
    return {
        name: raw.replace(b"<1@mail", b"<%d@hostile" % number)
        for number, (name, raw) in enumerate(mails.items())
    }


def test_hostile_mail_is_harmless_and_logged_without_addresses(
    post: Post, session: Appointment, caplog: pytest.LogCaptureFixture
) -> None:
    for name, raw in hostile(session).items():
        caplog.clear()
        outcome = receive(post, raw)
        assert outcome not in ("accepted", "declined", "tentative"), name
        assert "example.org" not in caplog.text, name
        assert "outcome" in caplog.text, name
    assert attendance(session) == ""
    assert not StaffTask.objects.exists()


def test_a_charset_that_nobody_knows_hides_nothing(post: Post, session: Appointment) -> None:
    raw = reply_mail(calendar(session)).replace(b'charset="utf-8"', b'charset="no-such-thing"')

    assert receive(post, raw) == "accepted"


def test_a_mail_of_the_same_message_at_once_counts_once(post: Post, session: Appointment) -> None:
    raw = reply_mail(calendar(session, "DECLINED"))
    told: list[str | None] = []
    barrier = threading.Barrier(4)

    def go() -> None:
        barrier.wait()
        told.append(receive(post, raw))
        connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(str(one) for one in told) == ["None", "None", "None", "declined"]
    assert Event.objects.filter(verb="attendance_declined").count() == 1


# --- The two ways in -----------------------------------------------------------------------------


def test_a_mailbox_is_read_once_and_what_is_bad_stops_nothing(
    post: Post, session: Appointment
) -> None:
    with mailbox() as box:
        for raw in hostile(session).values():
            box.add(raw)
        box.add(reply_mail(calendar(session)))

        assert read_mailbox(box.address, lambda: post.now) == len(box.mails)
        assert box.seen == set(box.mails)
        assert read_mailbox(box.address, lambda: post.now) == 0

    assert attendance(session) == "accepted"


def test_a_poll_that_dies_before_it_marks_counts_nothing_twice(
    post: Post, session: Appointment
) -> None:
    with mailbox() as box:
        box.add(reply_mail(calendar(session)))
        box.dies_before_mark = True
        assert read_mailbox(box.address, lambda: post.now) == 0
        assert attendance(session) == "accepted"
        box.dies_before_mark = False

        assert read_mailbox(box.address, lambda: post.now) == 1

    assert InboundMail.objects.count() == 1
    assert Event.objects.filter(verb="attendance_accepted").count() == 1


def test_a_mailbox_that_is_down_or_locked_is_logged_without_its_password(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    with mailbox() as box:
        locked = box.address.__class__("127.0.0.1", box.port, "clinic", "wrong one", "INBOX", False)
        assert read_mailbox(locked, lambda: post.now) == 0
        gone = box.address
    assert read_mailbox(gone, lambda: post.now) == 0

    assert caplog.text.count("mailbox_down") == 2
    assert PASSWORD not in caplog.text
    assert "wrong one" not in caplog.text


WEBHOOK_SECRET = "inbound:0123456789abcdef0123456789abcdef"


@pytest.fixture
def webhook() -> str:
    """The address of a provider's webhook, as it is with the secret set."""
    from django.urls import include, path

    opened = path("inbound/", include("anymail.urls"))
    urls.urlpatterns.append(opened)
    clear_url_caches()
    with override_settings(ANYMAIL={"WEBHOOK_SECRET": [WEBHOOK_SECRET]}):
        yield "/inbound/postmark/inbound/"
    urls.urlpatterns.remove(opened)
    clear_url_caches()


def postmark(session: Appointment, answer: str) -> str:
    """What Postmark sends for a mail."""
    return json.dumps(
        {
            "FromFull": {"Email": "ada@example.org", "Name": "Ada"},
            "MessageID": "73e6d360",
            "Headers": [
                {"Name": "Message-ID", "Value": "<1@mail.example.org>"},
                {"Name": "From", "Value": "ada@example.org"},
            ],
            "TextBody": "Accepted",
            "RawEmail": reply_mail(calendar(session, answer)).decode(),
        }
    )


def test_a_provider_hands_replies_over_with_its_secret_alone(
    post: Post, session: Appointment, webhook: str
) -> None:
    from base64 import b64encode

    body = postmark(session, "DECLINED")
    browser = Client(enforce_csrf_checks=True)
    right = "Basic " + b64encode(WEBHOOK_SECRET.encode()).decode()

    for headers in ({}, {"Authorization": "Basic " + b64encode(b"a:b").decode()}):
        refused = browser.post(webhook, body, content_type="application/json", headers=headers)
        assert refused.status_code == 400
        assert attendance(session) == ""
    for _ in range(2):
        answer = browser.post(
            webhook, body, content_type="application/json", headers={"Authorization": right}
        )
        assert answer.status_code == 200

    assert attendance(session) == "declined"
    assert InboundMail.objects.count() == 1


def test_both_ways_are_closed_by_default() -> None:
    assert Client().post("/inbound/postmark/inbound/").status_code == 404
    assert env.read_mailbox("INBOUND_IMAP_URL", "") is None


def test_invitations_ask_for_an_answer_only_where_somebody_reads_it(post: Post) -> None:
    post.book("prep.1", at("2026-12-07 10:00"))
    [sent] = post.run()
    assert "RSVP=FALSE" in _invitation(sent)

    post.book("prep.2", at("2026-12-08 10:00"))
    with override_settings(CALENDAR_REPLIES=True):
        [sent] = post.run()
    assert "RSVP=TRUE" in _invitation(sent)


def _invitation(sent: object) -> str:
    parts = sent.alternatives  # type: ignore[attr-defined]
    content = next(text for text, kind in parts if kind.startswith("text/calendar"))
    return str(content).replace("\r\n ", "")
