"""What somebody typed is there again after they had to sign in; nobody else finds it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from scheduling.models import Appointment, CarePlan, Gate, Screening
from tests.factories import make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion
from tests.scheduling.web.booked import prove

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 12, 1, 16, tzinfo=UTC)
RIDE = {"name": "Grace 🦋 גרייס", "phone": "303 555 0101", "version": "1"}


@pytest.fixture
def plan() -> CarePlan:
    """Ada's infusion, for which somebody has to take her home."""
    clinic = load_clinic()
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    infusion = make_infusion(plan, clinic, "inf.1", timezone.now() + timedelta(days=7))
    Gate.objects.create(appointment=infusion, code="ride")
    return plan


def ride(plan: CarePlan) -> str:
    return f"/sessions/{Appointment.objects.get(care_plan=plan).pk}/ride/"


def sign_in(browser: Client, user: User) -> None:
    """In the same browser, as the sign-in page does: what its session holds stays."""
    browser.force_login(user)


def test_what_was_typed_is_offered_after_signing_in_and_sent_when_asked(plan: CarePlan) -> None:
    browser, page = Client(), ride(plan)
    away = browser.post(page, RIDE)
    assert away["Location"] == f"/accounts/login/?next={page.replace('/', '%2F')}"

    sign_in(browser, plan.patient.user)
    offered = browser.get(page)
    assert "What you typed is still here" in offered.content.decode()
    assert offered["Cache-Control"] == "no-store"
    assert Gate.objects.get().status == "open"
    browser.post(offered.context["action"], dict(offered.context["fields"]))

    assert Gate.objects.get().note == "Grace 🦋 גרייס, 303 555 0101"
    assert "still here" not in browser.get(page).content.decode()


def test_an_idle_end_in_the_middle_loses_nothing(plan: CarePlan) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = Client()
        sign_in(browser, plan.patient.user)
        browser.get(ride(plan))
        clock.shift(timedelta(minutes=31))
        browser.post(ride(plan), RIDE)
        sign_in(browser, plan.patient.user)

        assert "still here" in browser.get(ride(plan)).content.decode()


def test_after_an_hour_it_is_gone(plan: CarePlan) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = Client()
        browser.post(ride(plan), RIDE)
        clock.shift(timedelta(minutes=61))
        sign_in(browser, plan.patient.user)

        assert "still here" not in browser.get(ride(plan)).content.decode()


def test_another_person_at_the_same_phone_finds_nothing(plan: CarePlan) -> None:
    otto = make_user("otto@example.org")
    make_patient("Otto", user=otto)
    browser = Client()
    browser.post(ride(plan), RIDE)
    sign_in(browser, otto)

    answer = browser.get(ride(plan))
    assert answer.status_code == 404
    assert "Grace" not in answer.content.decode()


def test_somebody_who_may_open_the_page_finds_nothing_of_who_was_signed_out(plan: CarePlan) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = Client()
        sign_in(browser, plan.patient.user)
        browser.get(ride(plan))
        clock.shift(timedelta(minutes=31))
        browser.post(ride(plan), RIDE)
        sign_in(browser, make_user("desk@example.org", "front_desk"))

        assert "Grace" not in browser.get(ride(plan)).content.decode()


def test_it_can_be_thrown_away(plan: CarePlan) -> None:
    browser = Client()
    browser.post(ride(plan), RIDE)
    sign_in(browser, plan.patient.user)

    assert browser.post("/account/forget/", {"page": ride(plan)})["Location"] == ride(plan)
    assert "still here" not in browser.get(ride(plan)).content.decode()
    assert browser.post("/account/forget/", {"page": "//evil.example"})["Location"] == "/"


def test_an_address_that_only_takes_forms_leads_back_to_its_page(plan: CarePlan) -> None:
    browser, page = Client(), f"/courses/{plan.pk}/"
    away = browser.post(
        page + "pause/", {"reason": "hard"}, headers={"Referer": f"http://testserver{page}"}
    )

    assert away["Location"] == f"/accounts/login/?next={page.replace('/', '%2F')}"
    sign_in(browser, plan.patient.user)
    assert browser.get(page).context["action"] == page + "pause/"


def test_answers_a_page_sends_by_itself_are_gathered_for_its_form(plan: CarePlan) -> None:
    browser, page = Client(), f"/courses/{plan.pk}/screening/"
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    for sent in ({"heart": "no"}, {"liver": "yes"}, {"heart": "unsure"}):
        away = browser.post(page + "answer/", sent, headers=headers)
        assert away.status_code == 204
        assert away["HX-Redirect"].startswith("/accounts/login/?next=%2Fcourses%2F")
    sign_in(browser, plan.patient.user)
    prove(browser, plan.patient.user)

    offered = browser.get(page)
    browser.post(offered.context["action"], dict(offered.context["fields"]))

    assert Screening.objects.get().answers == {"heart": "unsure", "liver": "yes"}


def test_a_page_that_asks_for_more_proof_keeps_what_was_typed(plan: CarePlan) -> None:
    browser, page = Client(), f"/courses/{plan.pk}/consent/"
    sign_in(browser, plan.patient.user)
    away = browser.post(page, {"name": "Ada Byron", "agree": "on", "shown": "x"})
    assert away["Location"].startswith("/account/stronger/")
    prove(browser, plan.patient.user)

    assert ["name", "Ada Byron"] in browser.get(page).context["fields"]


@pytest.mark.parametrize(
    ("site", "kept"), [("same-origin", True), ("cross-site", False), ("", False)]
)
def test_an_old_page_after_signing_in_again_is_asked_about_never_acted_on(
    plan: CarePlan, site: str, *, kept: bool
) -> None:
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, plan.patient.user)
    headers = {"Sec-Fetch-Site": site} if site else {}

    answer = browser.post(ride(plan), RIDE, headers=headers)

    assert answer.status_code == (302 if kept else 403)
    assert Gate.objects.get().status == "open"
    assert ("still here" in browser.get(ride(plan)).content.decode()) == kept


@pytest.mark.parametrize("path", ["/accounts/login/", "/account/mail/", "/admin/login/"])
def test_what_is_typed_to_sign_in_is_never_kept(path: str) -> None:
    browser = Client()
    browser.post(path, {"login": "ada@example.org", "password": "correct horse battery"})

    assert "kept_forms" not in browser.session


def test_a_flood_is_not_kept(plan: CarePlan) -> None:
    browser = Client()
    browser.post(ride(plan), {"name": "x" * 70_000})
    for number in range(5):
        browser.post(f"/courses/{number:0>8}-0000-0000-0000-000000000000/pause/", {"reason": "x"})

    assert len(browser.session["kept_forms"]) == 3
