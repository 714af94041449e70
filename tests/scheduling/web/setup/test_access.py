"""Setting up is for managers; leave and closures also for the front desk. Made from the URLconf."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from accounts.models import User
from scheduling.web.setup.urls import urlpatterns
from tests.factories import Clinic, make_closure, make_meeting, make_service, make_user
from tests.scheduling.operations.care import load_clinic
from tests.scheduling.web.test_page_access import METHODS, STAFF, browser_of

pytestmark = pytest.mark.django_db

MANAGER, DESK = {"manager"}, {"manager", "front_desk"}
PAGES: dict[str, tuple[set[str], set[str]]] = {
    "": (MANAGER, {"get"}),
    "hours/": (MANAGER, {"get", "post"}),
    "hours/<uuid:resource_id>/": (MANAGER, {"get", "post"}),
    "people-and-places/new/<slug:kind>/": (MANAGER, {"get", "post"}),
    "people-and-places/<uuid:resource_id>/": (MANAGER, {"get", "post"}),
    "closures/": (DESK, {"get", "post"}),
    "closures/holidays/": (MANAGER, {"get", "post"}),
    "closures/<uuid:closure_id>/": (DESK, {"get", "post"}),
    "closures/<uuid:closure_id>/reopen/": (DESK, {"post"}),
    "groups/": (MANAGER, {"get", "post"}),
    "groups/<uuid:meeting_id>/cancel/": (MANAGER, {"get", "post"}),
    "services/<slug:slug>/": (MANAGER, {"get", "post"}),
    "protocols/<slug:slug>/": (MANAGER, {"get", "post"}),
    "protocols/<slug:slug>/<int:number>/": (MANAGER, {"get"}),
    "roles/<uuid:user_id>/": (MANAGER, {"get", "post"}),
    "policies/": (MANAGER, {"get", "post"}),
}


@pytest.fixture
def clinic() -> Clinic:
    clinic = load_clinic()
    make_user("colleague@example.org", "nurse", "clinician")
    soon = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    make_closure(clinic.chairs[0], soon, soon + timedelta(hours=1))
    make_meeting(
        clinic.group, make_service("lifestyle_group"), clinic.coach, clinic.group_room, soon
    )
    return clinic


def send(browser: Client, method: str, route: str, clinic: Clinic | None) -> HttpResponse:
    closure = clinic.chairs[0].closures.first() if clinic else None
    meeting = clinic.group.group_sessions.get().pk if clinic else uuid4()
    colleague = User.objects.filter(email="colleague@example.org").first()
    path = (
        route.replace("<uuid:resource_id>", str(clinic.chairs[1].pk if clinic else uuid4()))
        .replace("<uuid:closure_id>", str(closure.pk if closure else uuid4()))
        .replace("<uuid:meeting_id>", str(meeting))
        .replace("<uuid:user_id>", str(colleague.pk if colleague else uuid4()))
        .replace("<slug:kind>", "person")
        .replace("<int:number>", "1")
        .replace("<slug:slug>", "therapy" if "services" in route else "trd_iv6")
    )
    return getattr(browser, method)(f"/desk/setup/{path}")


def test_every_page_is_classified() -> None:
    assert sorted(PAGES) == sorted(
        str(pattern.pattern) for pattern in urlpatterns if isinstance(pattern, URLPattern)
    )


EVERYBODY = ["anonymous", "visitor", "left", "otto", *STAFF]


@pytest.mark.parametrize("route", PAGES)
def test_a_page_opens_to_those_it_is_for_and_nobody_else(clinic: Clinic, route: str) -> None:
    people, methods = PAGES[route]
    for person in sorted(EVERYBODY, key=lambda one: one in people):  # what they do comes last
        browser = browser_of(person)
        for method in sorted(methods):
            answer = send(browser, method, route, clinic)
            if person not in people:
                asks_to_sign_in = person in {"anonymous", "visitor", "left"}
                assert answer.status_code == (302 if asks_to_sign_in else 403), person
            else:
                gone = "reopen" in route and person == "manager"  # the desk was quicker
                assert answer.status_code == 404 if gone else answer.status_code in {200, 302}
                assert not answer.get("Location", "").startswith("/accounts/")


@pytest.mark.parametrize("route", PAGES)
def test_a_page_refuses_the_methods_it_does_not_know(clinic: Clinic, route: str) -> None:
    browser = Client()
    browser.force_login(make_user("all@example.org", *STAFF))

    for method in METHODS:
        if ("get" if method == "head" else method) not in PAGES[route][1]:
            assert send(browser, method, route, clinic).status_code == 405, method
