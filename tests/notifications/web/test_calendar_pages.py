"""Files to add and addresses to subscribe to, for whoever has signed in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from notifications.models import CalendarFeed
from notifications.web.urls import urlpatterns
from scheduling.models import Appointment
from tests.factories import make_patient, make_user
from tests.notifications.post import Post, make_post
from tests.notifications.reading import read
from tests.scheduling.operations.care import make_talk

pytestmark = pytest.mark.django_db
NOON = timezone.now().replace(hour=17, minute=0, second=0, microsecond=0)
PAGES = {"calendar/", "calendar/address/patient/", "calendar/address/patient/revoke/"}


@pytest.fixture
def post() -> Post:
    return make_post()


def browser_of(post: Post) -> Client:
    browser = Client()
    browser.force_login(post.user)
    return browser


def talk(post: Post, step: str, days: int) -> Appointment:
    return make_talk(post.plan, post.clinic, step, NOON + timedelta(days=days))


def address_on(page: str) -> str:
    found = re.search(r"/cal/([\w-]{43})\.ics", page)
    assert found
    return found[1]


def test_the_address_is_shown_once_replaced_and_taken_back(post: Post) -> None:
    browser = browser_of(post)
    assert "Make my private address" in browser.get("/calendar/").content.decode()

    shown = browser.post("/calendar/address/patient/")
    page = shown.content.decode()
    secret = address_on(page)
    assert f'href="webcal://localhost:8000/cal/{secret}.ics"' in page
    assert f'value="http://localhost:8000/cal/{secret}.ics"' in page
    assert "no-store" in shown["Cache-Control"]
    assert Client().get(f"/cal/{secret}.ics").status_code == 200

    later = browser.get("/calendar/").content.decode()
    assert secret not in later
    assert "Last used" in later

    newer = address_on(browser.post("/calendar/address/patient/").content.decode())
    assert Client().get(f"/cal/{secret}.ics").status_code == 404
    told = browser.post("/calendar/address/patient/revoke/", follow=True).content.decode()
    assert "The address no longer works." in told
    assert Client().get(f"/cal/{newer}.ics").status_code == 404
    assert (
        "no longer works"
        not in browser.post("/calendar/address/patient/revoke/", follow=True).content.decode()
    )


def test_the_page_is_honest_about_delay_and_warns_where_mail_is_shared(post: Post) -> None:
    browser = browser_of(post)
    page = browser.get("/calendar/").content.decode()
    assert "Some calendars look only once a day." in page
    assert "others can read your mail" not in page
    post.user.mail_shared = True
    post.user.save()
    assert "others can read your mail" in browser.get("/calendar/").content.decode()


def test_files_hold_one_session_a_course_or_all_that_is_ahead(post: Post) -> None:
    browser = browser_of(post)
    past, first, second = talk(post, "int.1", -3), talk(post, "int.2", 3), talk(post, "int.3", 4)

    one = browser.get(f"/calendar/sessions/{first.pk}.ics")
    course = browser.get(f"/calendar/courses/{post.plan.pk}.ics")
    ahead = browser.get("/calendar/ahead.ics")

    assert [seen.start for seen in read(one.content)] == [first.start]
    assert {seen.start for seen in read(course.content)} == {
        one.start for one in (past, first, second)
    }
    assert [seen.start for seen in read(ahead.content)] == [first.start, second.start]
    assert one["Content-Type"] == "text/calendar; charset=utf-8"
    assert one["Content-Disposition"] == 'inline; filename="appointment.ics"'
    assert "no-store" in one["Cache-Control"]


def test_a_cancelled_session_takes_itself_out_and_a_held_one_has_no_file(post: Post) -> None:
    browser, session = browser_of(post), talk(post, "int.1", 3)
    path = f"/calendar/sessions/{session.pk}.ics"
    Appointment.objects.filter(pk=session.pk).update(status="cancelled")
    [seen] = read(browser.get(path).content)
    assert seen.status == "CANCELLED"
    assert browser.get(f"/calendar/courses/{post.plan.pk}.ics").status_code == 404
    Appointment.objects.filter(pk=session.pk).update(
        status="held", expires_at=timezone.now() + timedelta(minutes=9)
    )
    assert browser.get(path).status_code == 404


def test_who_is_not_the_patient_finds_nothing(post: Post) -> None:
    session = talk(post, "int.1", 3)
    files = [
        f"/calendar/sessions/{session.pk}.ics",
        f"/calendar/courses/{post.plan.pk}.ics",
        "/calendar/ahead.ics",
    ]
    otto, desk = Client(), Client()
    otto.force_login(make_patient("Otto", "Olsen", user=make_user()).user)
    desk.force_login(make_user("", "front_desk"))
    for path in files:
        assert otto.get(path).status_code == 404
        assert desk.get(path).status_code == 404
        assert Client().get(path)["Location"].startswith("/accounts/login/")
    assert otto.get(f"/calendar/courses/{post.plan.pk}/").status_code == 404
    assert Client().get(f"/calendar/courses/{post.plan.pk}/").status_code == 404
    assert (
        "Here the patient adds" in desk.get(f"/calendar/courses/{post.plan.pk}/").content.decode()
    )


def test_each_page_knows_its_methods_and_asks_to_sign_in(post: Post) -> None:
    browser = browser_of(post)
    for path in PAGES:
        posts = "address" in path
        assert getattr(browser, "get" if posts else "post")(f"/{path}").status_code == 405
        asked = Client().post(f"/{path}") if posts else Client().get(f"/{path}")
        assert asked["Location"].startswith("/accounts/login/?next=")
    assert not CalendarFeed.objects.exists()
    ours = [one for one in urlpatterns if str(one.pattern).startswith("cal")]
    assert len(ours) == 8, "a new page says here whom it is for"


@pytest.mark.parametrize("kind", ["staff", "nonsense", "PATIENT"])
def test_a_patient_has_no_other_calendar(post: Post, kind: str) -> None:
    browser = browser_of(post)
    assert browser.post(f"/calendar/address/{kind}/").status_code == 404
    assert browser.post(f"/calendar/address/{kind}/revoke/").status_code == 404


def test_a_colleague_has_a_working_calendar(post: Post) -> None:
    browser = Client()
    browser.force_login(make_user("", "clinician"))
    page = browser.get("/calendar/").content.decode()
    assert "Keep your working calendar up to date" in page
    assert "Add appointments once" not in page
    secret = address_on(browser.post("/calendar/address/staff/").content.decode())
    assert Client().get(f"/cal/{secret}.ics").status_code == 200
    assert 'href="/calendar/"' in browser.get("/desk/my-day/").content.decode()


@pytest.mark.parametrize("sessions", [1, 3])
def test_pages_ask_the_same_however_many_sessions_there_are(
    post: Post, sessions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = browser_of(post)
    for number in range(sessions):
        talk(post, f"int.{number}", 3 + number)
    browser.get("/calendar/")
    with django_assert_num_queries(5):
        page = browser.get("/calendar/").content.decode()
    assert page.count("Add to calendar") == sessions
    with django_assert_num_queries(4):
        browser.get("/calendar/ahead.ics")
    with django_assert_num_queries(5):
        browser.get(f"/calendar/courses/{post.plan.pk}/", headers={"HX-Request": "true"})


def test_my_course_leads_there(post: Post) -> None:
    browser, session = browser_of(post), talk(post, "int.1", 3)
    path = f"/calendar/courses/{post.plan.pk}/"
    assert f'hx-get="{path}"' in browser.get(f"/courses/{post.plan.pk}/").content.decode()
    part = browser.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    for address in (f"courses/{post.plan.pk}.ics", f"sessions/{session.pk}.ics", ""):
        assert f'href="/calendar/{address}"' in part
    whole = browser.get(path).content.decode()
    assert "<h1>Your calendar</h1>" in whole
    assert part.strip() in whole
