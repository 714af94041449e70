"""Links in messages: each does one thing, once, for the visit as it stood when it was sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import caches
from django.test import Client

from accounts.models import ContactConsent
from notifications.models import ActionLink
from notifications.web.action import ActionThrottle
from scheduling.models import Appointment, Event, StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.reschedule import reschedule
from tests.factories import at, make_appointment, make_patient, make_service, make_user
from tests.notifications.links import (
    CANARIES,
    link_in,
    look,
    press,
    reminded,
    words,
)
from tests.notifications.post import Post, make_post

pytestmark = pytest.mark.django_db(transaction=True)
PURPOSES = ["confirm", "cancel", "undo", "stop"]


@pytest.fixture
def post() -> Post:
    caches["default"].clear()
    made = make_post()
    made.clinic.site.phone = "+1 303 555 0100"
    made.clinic.site.save()
    return made


def all_links(post: Post) -> tuple[Appointment, dict[str, str]]:
    """One unused link of each purpose. The undo is about another visit, which was cancelled."""
    session, sent = reminded(post)
    links = {purpose: link_in(sent, purpose) for purpose in ("confirm", "cancel", "stop")}
    other = post.book("prep.2", at("2026-12-08 10:00"))
    post.run()
    cancel(
        actor=Actor.by_message_link(post.patient),
        appointment=other,
        reason="unwell",
        version=None,
        now=post.now,
    )
    [told] = post.run()
    links["undo"] = link_in(told, "undo")
    assert all(links.values()), links
    return session, links


def state(session: Appointment) -> tuple[object, ...]:
    """All that a link could change."""
    session.refresh_from_db()
    return (
        session.attendance,
        session.status,
        Appointment.objects.count(),
        ContactConsent.objects.get().reminders_stopped_at is not None,
        StaffTask.objects.filter(kind="reminders_stopped").count(),
        Event.objects.count(),
        ActionLink.objects.exclude(used_at=None).count(),
    )


def test_twenty_looks_of_a_scanner_change_nothing(post: Post) -> None:
    session, links = all_links(post)
    before = state(session)

    for path in links.values():
        for _ in range(10):
            assert look(path, post).status_code == 200
            assert look(path, post, "head").status_code == 200

    assert state(session) == before


@pytest.mark.parametrize("link", PURPOSES)
@pytest.mark.parametrize("act", [*PURPOSES, "start", "one-click", ""])
def test_a_link_does_only_what_it_is_for(post: Post, link: str, act: str) -> None:
    session, links = all_links(post)
    before = state(session)
    said = {"List-Unsubscribe": "One-Click"} if act == "one-click" else {}

    answer = press(links[link], act, post, reason="unwell", **said)

    assert answer.status_code == 200
    meant = act == link or (link, act) == ("stop", "one-click")
    assert (state(session) != before) is meant


def test_confirming_says_so_to_the_desk_and_a_second_tap_changes_nothing(post: Post) -> None:
    session, sent = reminded(post)
    path = link_in(sent, "confirm")

    first = press(path, "confirm", post)
    once = state(session)
    second = press(path, "confirm", post)

    assert session.attendance == "accepted"
    assert state(session) == once
    assert Event.objects.filter(verb="attendance_accepted").count() == 1
    assert Event.objects.get(verb="attendance_accepted").actor_label == "message_link"
    for answer in (first, second, look(path, post)):
        assert "You have told us that you come." in words(answer)


def test_cancelling_says_the_policy_first_and_asks_why(post: Post) -> None:
    session, sent = reminded(post)
    path = link_in(sent, "cancel")

    page = words(look(path, post))
    assert "The clinic asks to hear from you at least 24 hours before." in page
    assert "I am not well" in page
    assert "take me home" not in page

    unsaid = press(path, "cancel", post)
    assert (unsaid.status_code, state(session)[1]) == (400, "booked")
    assert "Please choose a reason." in words(unsaid)
    forged = press(path, "cancel", post, reason="clinic")
    assert (forged.status_code, state(session)[1]) == (400, "booked")


def test_a_cancellation_is_undone_from_the_page_or_from_the_mail(post: Post) -> None:
    session, sent = reminded(post)
    path = link_in(sent, "cancel")

    done = press(path, "cancel", post, reason="unwell")
    assert "Your appointment is cancelled." in words(done)
    assert 'value="undo"' in done.content.decode()
    assert state(session)[1] == "cancelled"
    [told] = post.run()
    assert link_in(told, "undo")

    again = press(link_in(told, "undo"), "undo", post)

    assert "your appointment was booked again" in words(again)
    booked = Appointment.objects.get(status="booked")
    assert (booked.start, booked.step) == (session.start, session.step)
    assert Event.objects.get(verb="cancel_undone").actor_label == "message_link"
    assert "cancelled, and booked again" in words(look(path, post))
    # The page's own link is as good, and as used.
    undo = done.content.decode().split('action="')[1].split('"')[0]
    assert "your appointment was booked again" in words(press(undo, "undo", post))
    assert Appointment.objects.filter(status="booked").count() == 1


def test_a_visit_outside_a_course_comes_back_with_the_same_person(post: Post) -> None:
    tess = post.clinic.therapists[1]
    room = post.clinic.rooms[0]
    start = at("2026-12-07 10:00")
    visit = make_appointment(
        post.patient, make_service("therapy"), post.clinic.site, start, [tess, room]
    )
    cancel(
        actor=Actor.by_message_link(post.patient),
        appointment=visit,
        reason="unwell",
        version=None,
        now=post.now,
    )
    [told] = post.run()
    press(link_in(told, "undo"), "undo", post)

    booked = Appointment.objects.get(status="booked")
    assert booked.start == start
    assert tess in [one.resource for one in booked.reservations.all()]
    press(link_in(told, "undo"), "undo", post)
    assert Appointment.objects.filter(status="booked").count() == 1


def test_a_time_that_is_gone_is_not_taken_back(post: Post) -> None:
    _session, links = all_links(post)
    lost = Appointment.objects.get(status="cancelled")
    make_appointment(
        make_patient("Grace"),
        lost.service,
        post.clinic.site,
        lost.start,
        [*post.clinic.therapists, *post.clinic.rooms],
    )

    answer = press(links["undo"], "undo", post)

    assert answer.status_code == 409
    assert "Nothing has been booked." in words(answer)
    assert not Event.objects.filter(verb="cancel_undone").exists()


@pytest.mark.parametrize(("hours", "possible"), [(23.9, True), (24, False)])
def test_an_undo_is_over_after_a_day(post: Post, hours: float, possible: bool) -> None:
    session = post.book("prep.1", at("2026-12-21 10:00"))
    post.run()
    cancel(
        actor=Actor.by_message_link(post.patient),
        appointment=session,
        reason="unwell",
        version=None,
        now=post.now,
    )
    [told] = post.run()

    post.now += timedelta(hours=hours)
    answer = press(link_in(told, "undo"), "undo", post)

    assert (answer.status_code == 200) is possible
    assert Appointment.objects.filter(status="booked").exists() is possible


def test_what_the_patient_cancelled_signed_in_has_its_undo_only_by_its_own_rule(
    post: Post,
) -> None:
    session = post.book("prep.1", at("2026-12-21 10:00"))
    post.run()
    cancel(
        actor=Actor.of(post.user), appointment=session, reason="unwell", version=None, now=post.now
    )
    [told] = post.run()

    assert link_in(told, "undo") == ""


def test_what_the_clinic_cancelled_is_not_the_readers_to_take_back(post: Post) -> None:
    session = post.book("prep.1", at("2026-12-21 10:00"))
    post.run()
    desk = Actor.of(make_user("", "front_desk"))
    cancel(actor=desk, appointment=session, reason="clinic", version=None, now=post.now)
    [told] = post.run(after=timedelta(minutes=5))

    assert link_in(told, "undo") == ""


@pytest.mark.parametrize("purpose", ["confirm", "cancel"])
def test_a_moved_visit_revokes_its_links_at_once(post: Post, purpose: str) -> None:
    session, sent = reminded(post)
    reschedule(
        actor=Actor.of(make_user("", "front_desk")),
        appointment=session,
        start=at("2026-12-09 10:00"),
        version=None,
        now=post.now,
    )
    before = state(session)

    answer = press(link_in(sent, purpose), purpose, post, reason="unwell")

    assert answer.status_code == 410
    assert "Something has changed since we sent it" in words(answer)
    assert state(session) == before


@pytest.mark.parametrize("purpose", ["confirm", "cancel"])
def test_a_visit_that_has_begun_ends_its_links(post: Post, purpose: str) -> None:
    session, sent = reminded(post)
    post.now = session.start
    before = state(session)

    assert press(link_in(sent, purpose), purpose, post, reason="unwell").status_code == 410
    assert state(session) == before


@pytest.mark.parametrize("purpose", ["confirm", "cancel", "undo"])
def test_once_others_read_the_mail_no_link_changes_a_visit(post: Post, purpose: str) -> None:
    session, links = all_links(post)
    post.user.mail_shared = True
    post.user.save()
    before = state(session)

    assert press(links[purpose], purpose, post, reason="unwell").status_code == 410
    assert state(session) == before


def test_mail_that_others_read_carries_no_link_that_acts(post: Post) -> None:
    post.user.mail_shared = True
    post.user.save()
    _session, sent = reminded(post)

    assert "/m/" not in sent.body
    assert all("/m/" not in html for html, _kind in sent.alternatives)
    assert "List-Unsubscribe" not in sent.extra_headers
    assert not ActionLink.objects.exists()


def test_only_the_hash_of_a_link_is_kept(post: Post) -> None:
    _session, sent = reminded(post)
    secret = link_in(sent, "confirm").split("/")[2]

    assert len(secret) >= 43
    assert not ActionLink.objects.filter(key=secret).exists()
    assert all(secret not in str(row) for row in ActionLink.objects.values_list())


def test_a_link_that_was_cut_says_what_to_do(post: Post) -> None:
    answer = look("/m/abcdefgh/", post)

    assert answer.status_code == 404
    assert "This link does not work" in words(answer)
    assert "+1 303 555 0100" in words(answer)


def test_pages_are_neutral_and_leave_no_trace(post: Post) -> None:
    _session, links = all_links(post)
    pages = [look(path, post) for path in links.values()]
    pages.append(press(links["cancel"], "cancel", post, reason="unwell"))
    pages += [look(path, post) for path in (*links.values(), "/m/unknown/")]

    for page in pages:
        text = page.content.decode()
        assert not [word for word in CANARIES if word.lower() in words(page).lower()], words(page)
        assert page["Referrer-Policy"] == "no-referrer"
        assert "no-store" in page["Cache-Control"]
        assert page["X-Robots-Tag"] == "noindex, nofollow"
        assert not page.cookies
        assert "csrf" not in text


def test_reminders_stop_and_start_again_and_visits_stay(post: Post) -> None:
    session, sent = reminded(post)
    path = link_in(sent, "stop")

    stopped = words(press(path, "stop", post))
    assert "Your appointments stay as they are." in stopped
    assert "You still hear from us when an appointment is booked, moved or cancelled." in stopped
    session.refresh_from_db()
    assert session.status == "booked"
    task = StaffTask.objects.get(kind="reminders_stopped", finished_at=None)
    assert (task.patient, task.role) == (post.patient, "front_desk")
    post.book("prep.2", at("2026-12-14 10:00"))
    [added] = post.run()
    assert added.subject == "Your appointment is booked"
    assert "This is new in your plan:" in added.body
    assert "You changed your times" not in added.body
    post.now = at("2026-12-13 12:00")
    assert post.run() == []

    assert "Stop reminders?" in words(press(path, "start", post))
    task.refresh_from_db()
    assert task.outcome == "started again"
    post.book("prep.3", at("2026-12-21 10:00"))
    post.run()
    post.now = at("2026-12-20 12:00")
    assert [one.subject for one in post.run()] == ["Appointment reminder"]


def test_a_mail_program_stops_reminders_with_one_request(post: Post) -> None:
    _session, sent = reminded(post)
    address = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/m/" + address.split("/m/")[1]

    for _ in range(2):
        answer = Client(enforce_csrf_checks=True).post(
            path,
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code == 200

    assert ContactConsent.objects.get().reminders_stopped_at is not None
    assert StaffTask.objects.filter(kind="reminders_stopped").count() == 1


def test_the_account_page_stops_and_starts_reminders(post: Post) -> None:
    browser = Client()
    browser.force_login(post.user)
    assert "/account/reminders/" in browser.get("/account/").content.decode()

    assert "We remind you before your appointments." in words(browser.get("/account/reminders/"))
    page = browser.post("/account/reminders/", {"act": "stop"}, follow=True)
    assert "Send me reminders again" in words(page)
    assert StaffTask.objects.filter(kind="reminders_stopped", finished_at=None).exists()
    browser.post("/account/reminders/", {"act": "start"})
    assert ContactConsent.objects.get().reminders_stopped_at is None
    assert not StaffTask.objects.filter(kind="reminders_stopped", finished_at=None).exists()
    assert Client().get("/account/reminders/").status_code == 302


def test_moving_opens_after_signing_in_and_comes_back_to_the_visit(post: Post) -> None:
    session, sent = reminded(post)
    path = f"/sessions/{session.pk}/move/"
    assert f"http://localhost:8000{path}" in sent.body

    answer = Client().get(path)

    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={path}"


def test_whoever_opens_links_without_end_waits(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionThrottle, "rate", "2/min", raising=False)
    answers = [look("/m/unknown/", post) for _ in range(3)]

    assert [one.status_code for one in answers] == [404, 404, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert answers[-1]["Referrer-Policy"] == "no-referrer"


def test_the_page_speaks_the_language_of_the_message(post: Post) -> None:
    post.user.language = "es"
    post.user.save()
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    post.now = at("2026-12-06 10:00")
    [_sent] = post.run()
    path = mail.outbox[-1].extra_headers["List-Unsubscribe"].strip("<>").split("8000")[1]

    assert 'lang="es"' in look(path, post).content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_a_link_knows_looking_and_sending_alone(post: Post, method: str) -> None:
    session, links = all_links(post)
    before = state(session)

    assert [look(path, post, method).status_code for path in links.values()] == [405] * 4
    assert state(session) == before


@pytest.mark.parametrize("role", ["front_desk", "prescriber"])
def test_a_colleague_has_no_reminders_to_stop(post: Post, role: str) -> None:
    browser = Client()
    browser.force_login(make_user("", role))

    page = browser.post("/account/reminders/", {"act": "stop"}, follow=True)

    assert "so we send none" in words(page)
    assert not StaffTask.objects.exists()


def test_a_dead_or_silent_patient_is_not_confirmed_by_a_link(post: Post) -> None:
    session, sent = reminded(post)
    post.patient.status = "in_hospital"
    post.patient.save()

    answer = press(link_in(sent, "confirm"), "confirm", post)

    assert answer.status_code == 409
    assert "Nothing was changed." in words(answer)
    session.refresh_from_db()
    assert session.attendance == ""
