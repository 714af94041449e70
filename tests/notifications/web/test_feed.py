"""The private address of a calendar, as somebody's calendar program meets it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tokens import digest
from notifications.models import CalendarFeed
from notifications.operations.feeds import close_feed, open_feed
from scheduling.models import Appointment
from scheduling.operations import events
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from tests.factories import make_meeting, make_service, make_user
from tests.notifications.arrived import arrived
from tests.notifications.post import Post, make_post
from tests.notifications.reading import read
from tests.scheduling.operations.care import make_talk

pytestmark = pytest.mark.django_db
Kind = CalendarFeed.Kind
NOON = timezone.now().replace(hour=17, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def post() -> Post:
    made = make_post()
    made.clinic.site.address = "1 Main Street, Denver"
    made.clinic.site.save()
    return made


def fetch(secret: str, **headers: str) -> HttpResponse:
    return Client().get(f"/cal/{secret}.ics", headers=headers)


def new_feed(user: User, kind: CalendarFeed.Kind = Kind.PATIENT) -> str:
    return open_feed(user, kind, timezone.now())


def talk(post: Post, step: str, days: int) -> Appointment:
    return make_talk(post.plan, post.clinic, step, NOON + days * DAY)


def test_a_patient_sees_when_and_where(post: Post) -> None:
    session = talk(post, "int.1", 3)

    answer = fetch(new_feed(post.user))

    [seen] = read(answer.content)
    assert seen.uid.startswith(str(session.pk))
    assert (seen.start, seen.end, seen.status) == (session.start, session.end, "CONFIRMED")
    assert (seen.summary, seen.location) == ("Appointment at Clinic", "1 Main Street, Denver")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Cache-Control"] == "private, no-cache"
    assert not answer.cookies


def test_only_the_hash_of_the_secret_is_kept(post: Post) -> None:
    secret = new_feed(post.user)
    [row] = CalendarFeed.objects.values_list("key", flat=True)
    assert row == digest(secret)
    assert len(secret) * 6 >= 256


def test_a_program_that_has_it_already_is_told_so(post: Post) -> None:
    talk(post, "int.1", 3)
    secret = new_feed(post.user)
    first = fetch(secret)
    etag = first["ETag"]
    assert not etag.startswith("W/")

    again = fetch(secret, if_none_match=etag)
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (etag, "private, no-cache")
    assert fetch(secret).content == first.content

    talk(post, "int.2", 4)
    changed = fetch(secret, if_none_match=etag)
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_head_answers_like_get_and_other_methods_do_nothing(post: Post) -> None:
    secret = new_feed(post.user)
    browser = Client(enforce_csrf_checks=True)
    assert browser.head(f"/cal/{secret}.ics")["ETag"] == fetch(secret)["ETag"]
    for method in ("post", "put", "patch", "delete", "options"):
        assert getattr(browser, method)(f"/cal/{secret}.ics").status_code == 405


def test_what_is_cancelled_stays_and_says_so(post: Post) -> None:
    session = talk(post, "int.1", 3)
    cancel(
        actor=Actor.of(post.user), appointment=session, reason="unwell", version=None, now=post.now
    )
    [seen] = read(fetch(new_feed(post.user)).content)
    assert (seen.status, seen.sequence) == ("CANCELLED", 1)


def test_holds_and_what_was_long_ago_are_not_in_it(post: Post) -> None:
    talk(post, "int.1", 3)
    held = talk(post, "int.2", 4)
    Appointment.objects.filter(pk=held.pk).update(
        status="held", expires_at=timezone.now() + timedelta(minutes=9)
    )
    talk(post, "int.3", -100)
    assert len(read(fetch(new_feed(post.user)).content)) == 1


def test_a_new_address_replaces_the_old_one(post: Post) -> None:
    old = new_feed(post.user)
    new = new_feed(post.user)
    assert old != new
    assert (fetch(old).status_code, fetch(new).status_code) == (404, 200)


def test_everybody_to_whom_nothing_is_told_gets_the_same_answer(
    post: Post, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Absent, taken back, left, silent: one page, one query."""
    answers = [fetch("A" * 43)]
    taken_back = new_feed(post.user)
    close_feed(post.user, Kind.PATIENT)
    answers.append(fetch(taken_back))
    secret = new_feed(post.user)
    for status in ("in_hospital", "do_not_contact", "deceased"):
        post.patient.status = status
        post.patient.save()
        with django_assert_num_queries(1):
            answers.append(fetch(secret))
    post.patient.status = "active"
    post.patient.save()
    post.user.is_active = False
    post.user.save()
    answers.append(fetch(secret))

    with django_assert_num_queries(1):
        fetch(taken_back)
    assert {one.status_code for one in answers} == {404}
    assert {one.content for one in answers} == {b"Not found\n"}
    assert {str(_said(one)) for one in answers} == {str(_said(answers[0]))}


def _said(answer: HttpResponse) -> dict[str, str]:
    return {name: value for name, value in answer.items() if name != "X-Request-Id"}


def test_a_colleague_sees_their_own_work_until_they_leave(post: Post) -> None:
    clinic = post.clinic
    tess = make_user("tess@example.org", "clinician")
    clinic.therapists[0].user = tess
    clinic.therapists[0].save()
    own = talk(post, "int.1", 3)
    make_meeting(
        clinic.group, make_service("lifestyle_group"), clinic.coach, clinic.group_room, NOON + DAY
    )
    secret = new_feed(tess, Kind.STAFF)

    [seen] = read(fetch(secret).content)
    assert seen.uid.startswith(str(own.pk))
    assert seen.summary == "Appointment at Clinic"

    tess.roles = []
    tess.save()
    assert fetch(secret).status_code == 404


def test_a_coach_sees_the_meetings_of_the_group(post: Post) -> None:
    max_ = make_user("max@example.org", "clinician")
    post.clinic.coach.user = max_
    post.clinic.coach.save()
    clinic = post.clinic
    meeting = make_meeting(
        clinic.group, make_service("lifestyle_group"), clinic.coach, clinic.group_room, NOON + DAY
    )
    secret = new_feed(max_, Kind.STAFF)
    [seen] = read(fetch(secret).content)
    assert seen.start == meeting.during.lower
    assert fetch(secret).content == fetch(secret).content


def test_last_use_is_written_once_an_hour(post: Post) -> None:
    secret = new_feed(post.user)
    assert CalendarFeed.objects.get().last_used_at is None
    fetch(secret)
    used = CalendarFeed.objects.get().last_used_at
    assert used is not None
    fetch(secret)
    assert CalendarFeed.objects.get().last_used_at == used
    CalendarFeed.objects.update(last_used_at=used - timedelta(minutes=61))
    fetch(secret)
    assert CalendarFeed.objects.get().last_used_at > used


@pytest.mark.parametrize("sessions", [1, 3])
def test_the_feed_asks_the_same_however_long_it_is(
    post: Post, sessions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tess = make_user("tess@example.org", "clinician")
    post.clinic.therapists[0].user = tess
    post.clinic.therapists[0].save()
    for number in range(sessions):
        talk(post, f"int.{number}", 3 + number)
    patients, staffs = new_feed(post.user), new_feed(tess, Kind.STAFF)
    fetch(patients)
    fetch(staffs)

    with django_assert_num_queries(3):
        assert len(read(fetch(patients).content)) == sessions
    with django_assert_num_queries(3):
        assert len(read(fetch(staffs).content)) == sessions


def test_it_speaks_its_owners_language_whoever_asks(post: Post) -> None:
    talk(post, "int.1", 3)
    post.user.language = "es"
    post.user.save()
    content = fetch(new_feed(post.user), accept_language="en").content
    [seen] = read(content)
    assert seen.summary == "Cita en Clinic"


def test_shared_mail_changes_nothing_in_the_feed(post: Post) -> None:
    talk(post, "int.1", 3)
    secret = new_feed(post.user)
    before = fetch(secret).content
    post.user.mail_shared = True
    post.user.save()
    assert fetch(secret).content == before


CANARIES = ["Adaxanary", "Byronanary", "Ketamincanary", "Therapycanary", "Tess Stonecanary"]


def test_no_name_and_no_treatment_stands_in_any_calendar(
    post: Post, capfd: pytest.CaptureFixture[str]
) -> None:
    """Names of patient, colleague and service are canaries, looked for in everything that leaves:
    feeds, files, mails' parts and logs; the secret of the address in the logs."""
    post.patient.given_name, post.patient.family_name = CANARIES[0], CANARIES[1]
    post.patient.save()
    tess = make_user("tess@example.org", "clinician", name=CANARIES[4])
    post.clinic.therapists[0].user, post.clinic.therapists[0].name = tess, CANARIES[4]
    post.clinic.therapists[0].save()
    session = talk(post, "int.1", 3)
    session.service.title, session.service.neutral_title = CANARIES[2], CANARIES[3]
    session.service.save()
    post.plan.protocol_version.protocol.title = CANARIES[2]
    post.plan.protocol_version.protocol.save()
    secrets = [new_feed(post.user), new_feed(tess, Kind.STAFF)]
    browser = Client()
    browser.force_login(post.user)

    answers = [fetch(secret).content for secret in secrets]
    answers += [
        browser.get(f"/calendar/{path}").content
        for path in (f"sessions/{session.pk}.ics", f"courses/{post.plan.pk}.ics", "ahead.ics")
    ]
    post.tell("booked", session)
    [sent] = post.run()
    answers += [content for _method, content in arrived(sent).parts]
    fetch("wrong-" + secrets[0])

    words = re.compile("canary|xanary|onanary|ketamin|infusion|therap|psych|talk", re.IGNORECASE)
    assert [len(read(answer)) for answer in answers] == [1, 1, 1, 1, 1, 1]
    for answer in answers:
        assert not words.search(answer.decode().replace("\r\n ", ""))
    logged = capfd.readouterr().err
    assert not any(secret in logged for secret in secrets)


def test_who_gets_back_into_an_account_ends_the_address(post: Post) -> None:
    """Whoever had the account before may have made it."""
    before = new_feed(post.user)
    assert fetch(before).status_code == 200
    events.append(
        actor=Actor.of(post.user), verb="recovered", patient=post.patient, now=timezone.now()
    )
    assert fetch(before).status_code == 404
    assert fetch(new_feed(post.user)).status_code == 200
