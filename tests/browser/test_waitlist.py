"""Waiting, being offered, a course healed, a day put right, a question played: in a real browser,
light and dark, narrow and wide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling import tasks
from scheduling.models import Appointment, CarePlan, ReservationChange, WaitlistEntry
from scheduling.operations.actor import Actor
from scheduling.operations.join_waitlist import Wish, join_waitlist
from scheduling.operations.make_offer import make_offer
from scheduling.selectors.waitlist_fit import fit
from tests.browser.look import look_at
from tests.browser.test_desk import sit_down
from tests.scheduling.operations.waiting import give_up

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def waits(plan: CarePlan) -> WaitlistEntry:
    """Ada waits for an afternoon for her last talk."""
    last = plan.appointments.get(step="integ.4")
    ReservationChange.objects.update(looked=True)
    return join_waitlist(
        actor=Actor.of(plan.patient.user),
        patient=plan.patient,
        site=plan.site,
        wish=Wish("time_of_day", appointment=last, day_parts=("afternoon",)),
        now=timezone.now(),
    )


def offer_to(entry: WaitlistEntry) -> str:
    now = timezone.now()
    last = entry.appointment
    assert last is not None
    starts = fit(entry, now, last.start + timedelta(days=7), now).starts
    return str(make_offer(actor=Actor.sweep(), entry=entry, start=starts[0], now=now).pk)


def test_joining_from_the_course(ada: Page, live_server: object, plan: CarePlan) -> None:
    last = plan.appointments.get(step="integ.4")
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    ada.locator(f"a[href='/waitlist/session/{last.pk}/']").click()
    look_at(ada, "waitlist-join")
    ada.get_by_label("Another day or time of day").check()
    ada.get_by_label("Morning, before 12").uncheck()
    ada.get_by_role("button", name="Put me on the waitlist").click()

    expect(ada.get_by_text("You are on the waitlist.")).to_be_visible()
    expect(ada.get_by_role("heading", name="On the waitlist")).to_be_visible()
    look_at(ada, "course-waiting")


def test_an_offer_is_taken_with_one_tap(
    ada: Page, live_server: object, waits: WaitlistEntry
) -> None:
    key = offer_to(waits)
    ada.goto(f"{live_server}/waitlist/offers/{key}/")
    look_at(ada, "offer")
    ada.get_by_role("button", name="Take this time").click()

    expect(ada.get_by_text("It is yours.")).to_be_visible()
    ada.goto(f"{live_server}/waitlist/offers/{key}/")
    look_at(ada, "offer-taken")


def test_an_offer_that_is_over_says_so(
    ada: Page, live_server: object, waits: WaitlistEntry
) -> None:
    key = offer_to(waits)
    ada.goto(f"{live_server}/waitlist/offers/{key}/")
    ada.get_by_role("button", name="No, keep me on the list").click()
    expect(ada.get_by_role("heading", name="This offer is over")).to_be_visible()
    look_at(ada, "offer-over")


def test_new_times_for_a_course(ada: Page, live_server: object, plan: CarePlan) -> None:
    give_up(plan.appointments.get(step="inf.3"), now=timezone.now())
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    ada.get_by_role("link", name="See new times").click()
    look_at(ada, "heal")
    ada.get_by_role("button", name="Agree and book").click()

    expect(ada.get_by_text("Booked. Your course below is up to date.")).to_be_visible()
    assert plan.appointments.filter(step="inf.3", status="booked").exists()
    ada.goto(f"{live_server}/courses/{plan.pk}/times/")
    look_at(ada, "heal-whole")


def test_the_desk_steers_and_offers_by_hand(
    page: Page, live_server: object, waits: WaitlistEntry
) -> None:
    sit_down(page, live_server, "front_desk")
    page.goto(f"{live_server}/desk/waitlist/")
    look_at(page, "desk-waitlist")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("link", name="Ada Byron").click()
    expect(page.locator("#panel").get_by_role("heading", name="Ada Byron")).to_be_visible()
    page.goto(f"{live_server}/desk/waitlist/{waits.pk}/")
    look_at(page, "desk-waitlist-entry")
    offer_to(waits)
    page.goto(f"{live_server}/desk/waitlist/{waits.pk}/")
    look_at(page, "desk-waitlist-offered")


def test_a_delay_is_put_right(page: Page, live_server: object, plan: CarePlan) -> None:
    talk = plan.appointments.get(step="prep.1")
    now = timezone.now()
    Appointment.objects.filter(pk=talk.pk).update(status="in_progress")
    sit_down(page, live_server, "front_desk")
    page.goto(f"{live_server}/desk/visits/{talk.pk}/slip/?minutes=30")
    look_at(page, "desk-slip")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("The day is put right.")).to_be_visible()
    assert Appointment.objects.get(pk=talk.pk).end == talk.end + timedelta(minutes=30)
    assert now < talk.start


def test_a_question_is_played(page: Page, live_server: object, plan: CarePlan) -> None:
    sit_down(page, live_server, "manager")
    page.goto(f"{live_server}/desk/what-if/")
    look_at(page, "what-if")
    page.get_by_role("button", name="Play it").click()
    expect(page.get_by_text("A worker plays the next eight weeks")).to_be_visible()
    tasks.answer_questions()
    page.reload()
    expect(page.get_by_role("heading", name="How soon patients begin")).to_be_visible()
    look_at(page, "what-if-answer")
