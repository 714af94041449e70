"""Every page and method, for every kind of person. Made from the URLconf: a new page that is not
classified here fails."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from accounts.models import User
from scheduling.models import (
    Appointment,
    CarePlan,
    Event,
    Gate,
    QuestionnaireResponse,
    Reservation,
    WaitlistEntry,
    WaitlistOffer,
)
from scheduling.web.patient import visitor
from scheduling.web.urls import urlpatterns
from tests.factories import make_appointment, make_patient, make_service, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion

pytestmark = pytest.mark.django_db

PUBLIC, SIGNED_IN, HOLDER = "public", "signed in", "holder"
BASELINE = "phq9/1/inf.1/1"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")

# Whom a page is for, and the methods it knows. HOLDER: whoever signed in, or holds the course in
# this browser; all that belong to a person ask on top of it whose it is.
PAGES: dict[str, tuple[str, set[str]]] = {
    "": (PUBLIC, {"get"}),
    "book/": (PUBLIC, {"get"}),
    "book/hold/": (PUBLIC, {"post"}),
    "book/call/": (PUBLIC, {"get", "post"}),
    "book/look/": (PUBLIC, {"post"}),
    "book/plans/<slug:search>/": (PUBLIC, {"get"}),
    "book/plan/<slug:name>/": (PUBLIC, {"get"}),
    "book/plan/<slug:name>/<int:number>/": (PUBLIC, {"get", "post"}),
    "book/<slug:key>/": (PUBLIC, {"get"}),
    "book/<slug:key>/when/": (PUBLIC, {"get", "post"}),
    "visits/<slug:key>/": (PUBLIC, {"get", "post"}),
    "visits/held/<uuid:appointment_id>/": (HOLDER, {"get"}),
    "visits/held/<uuid:appointment_id>/book/": (HOLDER, {"post"}),
    "visits/held/<uuid:appointment_id>/extend/": (HOLDER, {"post"}),
    "visits/held/<uuid:appointment_id>/release/": (HOLDER, {"post"}),
    "waitlist/offers/<uuid:offer_id>/": (SIGNED_IN, {"get"}),
    "waitlist/offers/<uuid:offer_id>/answer/": (SIGNED_IN, {"post"}),
    "waitlist/<uuid:entry_id>/leave/": (SIGNED_IN, {"post"}),
    "waitlist/session/<uuid:appointment_id>/": (SIGNED_IN, {"get", "post"}),
    "waitlist/visit/<slug:key>/": (SIGNED_IN, {"get", "post"}),
    "waitlist/course/<slug:search>/": (SIGNED_IN, {"get", "post"}),
    "invitation/": (PUBLIC, {"get", "post"}),
    "invitation/<slug:secret>/": (PUBLIC, {"get"}),
    "recover/": (PUBLIC, {"get", "post"}),
    "recover/new/": (SIGNED_IN, {"get"}),
    "courses/": (SIGNED_IN, {"get"}),
    "courses/<uuid:plan_id>/": (HOLDER, {"get"}),
    "courses/<uuid:plan_id>/confirm/": (HOLDER, {"post"}),
    "courses/<uuid:plan_id>/extend/": (HOLDER, {"post"}),
    "courses/<uuid:plan_id>/release/": (HOLDER, {"post"}),
    "courses/<uuid:plan_id>/retake/": (HOLDER, {"post"}),
    "courses/<uuid:plan_id>/pause/": (SIGNED_IN, {"post"}),
    "courses/<uuid:plan_id>/times/": (SIGNED_IN, {"get", "post"}),
    "courses/<uuid:plan_id>/history/": (SIGNED_IN, {"get"}),
    "courses/<uuid:plan_id>/screening/": (SIGNED_IN, {"get", "post"}),
    "courses/<uuid:plan_id>/screening/answer/": (SIGNED_IN, {"post"}),
    "courses/<uuid:plan_id>/consent/": (SIGNED_IN, {"get", "post"}),
    "courses/<uuid:plan_id>/consent/copy/": (SIGNED_IN, {"get"}),
    "courses/<uuid:plan_id>/progress/": (SIGNED_IN, {"get"}),
    "courses/<uuid:plan_id>/questions/<uuid:form_id>/": (SIGNED_IN, {"get", "post"}),
    "courses/<uuid:plan_id>/questions/<uuid:form_id>/answer/": (SIGNED_IN, {"post"}),
    "sessions/<uuid:appointment_id>/move/": (SIGNED_IN, {"get", "post"}),
    "sessions/<uuid:appointment_id>/attendance/": (SIGNED_IN, {"post"}),
    "sessions/<uuid:appointment_id>/cancel/": (SIGNED_IN, {"get", "post"}),
    "sessions/<uuid:appointment_id>/again/": (SIGNED_IN, {"get", "post"}),
    "sessions/<uuid:appointment_id>/undo/": (SIGNED_IN, {"post"}),
    "sessions/<uuid:appointment_id>/ride/": (SIGNED_IN, {"get", "post"}),
    "sessions/<uuid:appointment_id>/history/": (SIGNED_IN, {"get"}),
    "changes/<uuid:key>/": (SIGNED_IN, {"get", "post"}),
}
PERSONAL = [route for route in PAGES if "<uuid:" in route]
STAFF = ["front_desk", "nurse", "clinician", "prescriber", "manager"]
OUTSIDERS = ["anonymous", "otto", "visitor", "left"]
OWN_ONLY = {
    "changes/<uuid:key>/",
    "courses/<uuid:plan_id>/pause/",
    "courses/<uuid:plan_id>/screening/",
    "courses/<uuid:plan_id>/screening/answer/",
    "courses/<uuid:plan_id>/consent/",
    "courses/<uuid:plan_id>/consent/copy/",
    "courses/<uuid:plan_id>/progress/",
    "courses/<uuid:plan_id>/questions/<uuid:form_id>/",
    "courses/<uuid:plan_id>/questions/<uuid:form_id>/answer/",
}
"""What only the patient sends: staff do the same elsewhere, under their own rules."""


@pytest.fixture(scope="module")
def kept(module_rows: pytest.FixtureRequest) -> UUID:
    with module_rows.unblock():
        return make_plan().pk


@pytest.fixture
def plan(kept: UUID, db: None) -> CarePlan:
    return CarePlan.objects.get(pk=kept)


def make_plan() -> CarePlan:
    """Ada's course with one infusion ahead that asks for a ride, and a visit outside it."""
    clinic = load_clinic()
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
    infusion = make_infusion(plan, clinic, "inf.1", start)
    Gate.objects.create(appointment=infusion, code="ride")
    alone = make_service("evaluation")
    make_appointment(
        plan.patient, alone, clinic.site, start - timedelta(days=3), [clinic.prescriber]
    )
    offer_something(plan, start)
    return plan


def offer_something(plan: CarePlan, start: datetime) -> None:
    """Ada waits for a visit, and one is on offer."""
    now = timezone.now()
    entry = WaitlistEntry.objects.create(
        site=plan.site,
        patient=plan.patient,
        service=make_service("evaluation"),
        want="earlier",
        earliest=now.date(),
        turn=now,
    )
    offer = WaitlistOffer.objects.create(
        entry=entry,
        start=start,
        end=start + timedelta(hours=1),
        made_at=now,
        expires_at=now + timedelta(hours=1),
    )
    Reservation.objects.create(
        resource=plan.site.resources.get(name="Dr Pell"),
        lane=0,
        during=DateTimeTZRange(start, offer.end),
        role="prescriber",
        offer=offer,
        expires_at=offer.expires_at,
    )


def browser_of(person: str) -> Client:
    """A browser in which that person signed in; `otto` is another patient, `left` has worked here,
    and a visitor has begun something in this browser without signing in."""
    browser = Client()
    if person == "visitor":
        session = browser.session
        session[visitor.SESSION_KEY] = "secret"
        session.save()
        make_patient("", "", visitor_key=sha256(b"secret").hexdigest())
        return browser
    if person == "left":
        browser.force_login(make_user("left@example.org", "manager"))
        User.objects.filter(email="left@example.org").update(is_active=False)
        return browser
    if person == "otto":
        otto = make_user("otto@example.org")
        make_patient("Otto", "Olsen", user=otto)
        browser.force_login(otto)
    elif person != "anonymous":
        browser.force_login(make_user(f"{person}@example.org", person))
    return browser


def send(browser: Client, method: str, route: str, plan: CarePlan | None) -> HttpResponse:
    """A well-formed request about the plan and its session, or about what never was."""
    course = None if route.startswith("visits/") else plan
    session = Appointment.objects.get(care_plan=course) if plan else None
    path = route.replace("<uuid:plan_id>", str(plan.pk if plan else uuid4()))
    path = path.replace("<uuid:key>", str(plan.pk if plan else uuid4()))
    path = path.replace("<uuid:appointment_id>", str(session.pk if session else uuid4()))
    entry = WaitlistEntry.objects.first() if plan else None
    offer = WaitlistOffer.objects.first() if plan else None
    path = path.replace("<uuid:entry_id>", str(entry.pk if entry else uuid4()))
    path = path.replace("<uuid:offer_id>", str(offer.pk if offer else uuid4()))
    form = QuestionnaireResponse.key_of(plan, BASELINE) if plan else uuid4()
    path = path.replace("<uuid:form_id>", str(form))
    path = re.sub("<slug:[a-z]+>", "a1b2c3d4", path).replace("<int:number>", "1")
    said = {"version": str(session.version if session else 1), "reason": "unwell"}
    if "/ride/" in path:
        said |= {"name": "Grace Hopper", "phone": "303 555 0101"}
    sent = getattr(browser, method)
    return sent(f"/{path}", said) if method == "post" else sent(f"/{path}")


def test_every_page_is_classified() -> None:
    assert sorted(PAGES) == sorted(
        str(pattern.pattern) for pattern in urlpatterns if isinstance(pattern, URLPattern)
    )


@pytest.mark.parametrize("route", PAGES)
def test_a_page_refuses_the_methods_it_does_not_know(plan: CarePlan, route: str) -> None:
    browser = Client()
    browser.force_login(plan.patient.user)

    for method in METHODS:
        if ("get" if method == "head" else method) not in PAGES[route][1]:
            assert send(browser, method, route, plan).status_code == 405, method


@pytest.mark.parametrize("person", OUTSIDERS)
@pytest.mark.parametrize(
    ("route", "method"),
    [(route, method) for route in PERSONAL for method in sorted(PAGES[route][1])],
)
def test_what_is_anothers_and_what_never_was_look_alike(
    plan: CarePlan, route: str, method: str, person: str
) -> None:
    browser = browser_of(person)

    foreign = send(browser, method, route, plan)
    absent = send(browser, method, route, None)

    asks_to_sign_in = person != "otto" and PAGES[route][0] == SIGNED_IN
    assert foreign.status_code == absent.status_code == (302 if asks_to_sign_in else 404)
    if asks_to_sign_in:
        assert foreign["Location"].startswith("/accounts/login/?next=")
    assert scrubbed(foreign) == scrubbed(absent)
    assert set(Appointment.objects.values_list("status", flat=True)) == {"booked"}
    assert Gate.objects.get().status == "open"
    assert not Event.objects.exists()


def scrubbed(answer: HttpResponse) -> str:
    """The page without the token against forged requests, which is never the same twice."""
    lines = answer.content.decode().splitlines()
    return "\n".join(line for line in lines if "csrfmiddlewaretoken" not in line)


@pytest.mark.parametrize("route", PERSONAL)
def test_the_owner_finds_each_page(plan: CarePlan, route: str) -> None:
    browser = Client()
    browser.force_login(plan.patient.user)

    for method in sorted(PAGES[route][1]):
        assert send(browser, method, route, plan).status_code in {200, 302}


@pytest.mark.parametrize("person", STAFF)
@pytest.mark.parametrize(
    ("route", "method"),
    [(route, method) for route in PERSONAL for method in sorted(PAGES[route][1])],
)
def test_everybody_who_works_here_acts_on_a_patients_pages_but_where_it_is_the_patients_own(
    plan: CarePlan, route: str, method: str, person: str
) -> None:
    answer = send(browser_of(person), method, route, plan)

    assert answer.status_code in ({403} if route in OWN_ONLY else {200, 302})
    signs_in = answer.status_code == 302 and "/login/" in answer["Location"]
    assert not signs_in
    if answer.status_code == 403:
        assert not Event.objects.exists()


@pytest.mark.parametrize("route", PERSONAL)
def test_a_browser_that_was_signed_out_knows_nothing_of_the_course(
    plan: CarePlan, route: str
) -> None:
    browser = Client()
    browser.force_login(plan.patient.user)
    browser.logout()

    for method in sorted(PAGES[route][1]):
        answer = send(browser, method, route, plan)
        assert answer.status_code == (302 if PAGES[route][0] == SIGNED_IN else 404)
        assert str(plan.pk) not in answer.content.decode()


@pytest.mark.parametrize("person", [*STAFF, "otto"])
def test_my_courses_are_nobody_elses(plan: CarePlan, person: str) -> None:
    page = browser_of(person).get("/courses/").content.decode()

    assert str(plan.pk) not in page
    assert "You have no course yet." in page
