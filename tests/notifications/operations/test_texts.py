"""Texts: asked for, few, and ended at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connections

from accounts.models import ContactConsent
from notifications.models import Message, Suppression
from notifications.operations.deliver import deliver
from notifications.operations.text_consent import opt_in
from notifications.operations.text_replies import take
from scheduling.models import StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.enter_patient import edit_patient
from tests.factories import NOW, at, make_patient, make_user
from tests.notifications.post import Post, make_post
from tests.notifications.receiver import Receiver, receiver

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+13035550100"


@pytest.fixture
def provider(settings: LazySettings) -> Receiver:
    with receiver(201) as other:
        settings.SMS_PROVIDER, settings.SMS_HTTP_URL = "http", other.url()
        settings.SMS_HTTP_TOKEN = "secret"
        yield other


@pytest.fixture
def post(provider: Receiver) -> Post:
    post = make_post()
    site = post.clinic.site
    site.phone = "303 555 0199"
    site.save()
    opt_in(actor=Actor.of(post.user), patient=post.patient, number=NUMBER, now=NOW)
    return post


def texts(provider: Receiver) -> list[str]:
    return [one.json()["text"] for one in provider.sent]


def reply(text: str, event: str = "", number: str = NUMBER) -> str:
    return take(event_id=event or text, number=number, text=text, now=NOW)


def remind(post: Post, day: str) -> None:
    """What goes out on the day before a session."""
    post.now = at(f"2026-12-{day} 10:30")
    post.run()


def test_every_text_says_when_and_how_to_end_them(post: Post, provider: Receiver) -> None:
    post.book("int.1", at("2026-12-07 10:00"))
    post.book("int.2", at("2026-12-14 10:00"))
    post.run()
    remind(post, "06")
    remind(post, "13")

    first, second = texts(provider)
    assert first.startswith("Clinic: ")
    assert "10 a.m." in first
    assert "303 555 0199" in first
    for text in (first, second):
        assert text.strip().endswith("Reply STOP to end texts.")
        assert len(text.strip()) <= 160
    sent = Message.objects.filter(channel="sms", status="sent")
    assert set(sent.values_list("address", flat=True)) == {NUMBER}
    assert [one.headers["Idempotency-Key"] for one in provider.sent] == [
        str(one.pk) for one in sent.order_by("sent_at")
    ]


def test_nobody_is_texted_who_has_not_asked(provider: Receiver) -> None:
    post = make_post()
    post.patient.phone = NUMBER
    post.patient.save()
    post.book("int.1", at("2026-12-07 10:00"))
    post.run()
    remind(post, "06")
    assert texts(provider) == []


def test_three_reminders_a_week_are_enough_and_news_goes_on(post: Post, provider: Receiver) -> None:
    sessions = [
        post.book(f"int.{number}", at(f"2026-12-{day} 10:00"))
        for number, day in enumerate(("07", "08", "09", "10", "16"), 1)
    ]
    post.run()
    for day in ("06", "07", "08", "09", "15"):
        remind(post, day)

    assert len(texts(provider)) == 4
    enough = Message.objects.get(channel="sms", status="cancelled", reason="texted_enough")
    assert enough.appointment == sessions[3]


def test_two_senders_do_not_text_one_patient_twice_a_day(post: Post, provider: Receiver) -> None:
    for number in (1, 2):
        session = post.book(f"int.{number}", at(f"2026-12-07 1{number}:00"))
        Message.objects.create(
            kind="reminder_24h",
            channel="sms",
            patient=post.patient,
            site=post.clinic.site,
            appointment=session,
            due_at=NOW,
        )
    day_before = at("2026-12-06 11:30")

    def send() -> None:
        deliver(lambda: day_before)
        connections.close_all()

    senders = [threading.Thread(target=send) for _number in range(2)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert len(texts(provider)) == 1


@pytest.mark.parametrize("word", ["STOP", " stop all ", "Parar", "cancel"])
def test_stop_ends_them_at_once(post: Post, provider: Receiver, word: str) -> None:
    post.book("int.1", at("2026-12-07 10:00"))
    post.run()

    said = reply(word, "one")

    assert said.startswith("You get no more texts from us.")
    assert reply(word, "one") == ""  # the same again
    assert reply(word, "two") == ""  # once more
    remind(post, "06")
    assert texts(provider) == []
    assert not ContactConsent.objects.filter(purpose="sms_appointments", withdrawn_at=None).exists()
    assert Suppression.objects.get().reason == "stop"
    [task] = StaffTask.objects.filter(finished_at=None)
    assert (task.kind, task.patient) == ("texts_stopped", post.patient)


def test_a_stop_of_somebody_unknown_is_kept_too(provider: Receiver, post: Post) -> None:
    assert reply("STOP", number="+13035550111")
    assert Suppression.objects.get().address == "+13035550111"
    assert not StaffTask.objects.exists()


def test_start_begins_again_for_whom_stop_had_ended_them(post: Post, provider: Receiver) -> None:
    post.book("int.1", at("2026-12-07 10:00"))
    post.run()
    reply("STOP")
    assert reply("start").startswith("You get texts about your visits again.")
    remind(post, "06")
    assert len(texts(provider)) == 1
    assert StaffTask.objects.get().outcome == "not_needed"
    assert (
        ContactConsent.objects.get(purpose="sms_appointments", withdrawn_at=None).wording
        == "reply START"
    )


def test_start_alone_begins_nothing(post: Post, provider: Receiver) -> None:
    make_patient("Otto", "Olsen", phone="+13035550111")
    assert reply("START", number="+13035550111") == ""
    assert ContactConsent.objects.filter(purpose="sms_appointments").count() == 1


def test_an_answer_in_words_reaches_a_person(post: Post, provider: Receiver) -> None:
    assert reply("I cannot come", "one") == ""
    assert reply("Sorry!", "two") == ""
    task = StaffTask.objects.get(kind="text_answered")
    assert task.facts["notes"] == ["I cannot come", "Sorry!"]


def test_help_says_whom_to_call(post: Post, provider: Receiver) -> None:
    assert reply("HELP") == "Clinic: call 303 555 0199. Reply STOP to end texts."


def test_another_telephone_ends_the_yes(post: Post, provider: Receiver) -> None:
    desk = Actor.of(make_user("", "front_desk"))
    edit_patient(actor=desk, patient=post.patient, said={"phone": "303 555 0177"}, now=NOW)
    post.book("int.1", at("2026-12-07 10:00"))
    post.run()
    remind(post, "06")
    assert texts(provider) == []
    assert not StaffTask.objects.exists()  # mail still reaches them


def test_a_provider_that_is_away_is_tried_again(post: Post, provider: Receiver) -> None:
    provider.answers[:] = [503, 201]
    post.book("int.1", at("2026-12-07 10:00"))
    post.run()
    remind(post, "06")
    post.run(after=timedelta(minutes=2))
    assert len(provider.sent) == 2
    assert len({one.headers["Idempotency-Key"] for one in provider.sent}) == 1


def test_a_reader_of_spanish_is_told_in_spanish(post: Post, provider: Receiver) -> None:
    post.user.language = "es"
    post.user.save()
    post.book("int.1", at("2026-12-07 10:00"))
    post.run()
    remind(post, "06")
    assert "Responda STOP" in texts(provider)[0]
    assert reply("Alto").startswith("Ya no recibe mensajes nuestros.")
