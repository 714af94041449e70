"""Pages of the desk, for every kind of person. Made from the URLconf: a new page that is not
classified here fails."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Invitation, Patient
from scheduling.core.roles import Role
from scheduling.models import (
    Appointment,
    ConsentSignature,
    Disruption,
    Escalation,
    Event,
    OnCall,
    QuestionnaireResponse,
    Resource,
    Scenario,
    Screening,
    StaffTask,
    WaitlistEntry,
)
from scheduling.operations.actor import Actor
from scheduling.operations.disrupt import disrupt
from scheduling.operations.escalate import raise_alert
from scheduling.operations.invite import invite_patient
from scheduling.operations.merge_patients import MERGED, merge_patients
from scheduling.operations.staff_tasks import open_task
from scheduling.web.desk.urls import urlpatterns
from scheduling.web.patient import keys
from tests.factories import make_appointment, make_patient, make_service, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion
from tests.scheduling.web.test_page_access import METHODS, STAFF, browser_of, scrubbed

pytestmark = pytest.mark.django_db
RESULT = "asq/1/inf.1/1"
CLINICAL = {"nurse", "clinician", "prescriber"}
# Who may open each page, and the methods it knows.
DESK = {"front_desk", "manager"}
PAGES: dict[str, tuple[set[str], set[str]]] = {
    "": ({*STAFF}, {"get"}),
    "week/<uuid:resource_id>/": ({*STAFF}, {"get"}),
    "find/": ({*STAFF}, {"post"}),
    "visits/<uuid:appointment_id>/": ({*STAFF}, {"get"}),
    "visits/<uuid:appointment_id>/step/": ({*STAFF}, {"post"}),
    "visits/<uuid:appointment_id>/gate/": ({*STAFF}, {"post"}),
    "visits/<uuid:appointment_id>/late/": ({*STAFF}, {"post"}),
    "visits/<uuid:appointment_id>/slip/": ({*STAFF}, {"get", "post"}),
    "visits/<uuid:appointment_id>/undo/": ({*STAFF}, {"post"}),
    "visits/<uuid:appointment_id>/move/": ({*STAFF}, {"get", "post"}),
    "visits/<uuid:appointment_id>/cancel/": ({*STAFF}, {"get", "post"}),
    "patients/new/": ({*STAFF}, {"get", "post"}),
    "patients/<uuid:patient_id>/": ({*STAFF}, {"get"}),
    "patients/<uuid:patient_id>/identify/": ({*STAFF}, {"post"}),
    "patients/<uuid:patient_id>/edit/": ({*STAFF}, {"get", "post"}),
    "patients/<uuid:patient_id>/call-back/": ({*STAFF}, {"post"}),
    "patients/<uuid:patient_id>/merge/<uuid:other_id>/": (DESK, {"get", "post"}),
    "patients/<uuid:patient_id>/unmerge/<int:event_id>/": (DESK, {"post"}),
    "patients/<uuid:patient_id>/book/": ({*STAFF}, {"get"}),
    "patients/<uuid:patient_id>/book/hold/": ({*STAFF}, {"post"}),
    "patients/<uuid:patient_id>/book/course/<slug:key>/": ({*STAFF}, {"get", "post"}),
    "patients/<uuid:patient_id>/book/visit/<slug:key>/": ({*STAFF}, {"get", "post"}),
    "held/<uuid:appointment_id>/": ({*STAFF}, {"get"}),
    "held/<uuid:appointment_id>/settle/": ({*STAFF}, {"post"}),
    "courses/<uuid:plan_id>/": ({*STAFF}, {"get"}),
    "courses/<uuid:plan_id>/decide/": ({"prescriber"}, {"post"}),
    "courses/<uuid:plan_id>/prescribe/": ({"prescriber"}, {"post"}),
    "courses/<uuid:plan_id>/change/": ({*STAFF}, {"post"}),
    "courses/<uuid:plan_id>/settle/": ({*STAFF}, {"post"}),
    "inbox/": ({*STAFF}, {"get"}),
    "inbox/<uuid:task_id>/": (DESK, {"get"}),
    "inbox/<uuid:task_id>/take/": (DESK, {"post"}),
    "inbox/<uuid:task_id>/end/": (DESK, {"post"}),
    "away/": (DESK, {"get", "post"}),
    "repairs/<uuid:disruption_id>/": (DESK, {"get"}),
    "repairs/<uuid:disruption_id>/adjust/": (DESK, {"post"}),
    "repairs/<uuid:disruption_id>/option/": (DESK, {"post"}),
    "repairs/<uuid:disruption_id>/apply/": (DESK, {"post"}),
    "repairs/<uuid:disruption_id>/undo/": (DESK, {"post"}),
    "repairs/<uuid:disruption_id>/others/<uuid:appointment_id>/": (DESK, {"get"}),
    "waitlist/": (DESK, {"get"}),
    "waitlist/<uuid:entry_id>/": (DESK, {"get"}),
    "waitlist/<uuid:entry_id>/steer/": (DESK, {"post"}),
    "waitlist/<uuid:entry_id>/offer/": (DESK, {"post"}),
    "chairs/": ({*STAFF}, {"get"}),
    "my-day/": (CLINICAL, {"get"}),
    "print/": ({*STAFF}, {"get"}),
    "reports/": ({"manager"}, {"get"}),
    "reports/<slug:code>.csv": ({"manager"}, {"get"}),
    "what-if/": ({"manager"}, {"get", "post"}),
    "what-if/<uuid:scenario_id>/": ({"manager"}, {"get"}),
    "alerts/": ({*STAFF}, {"get"}),
    "alerts/<uuid:alert_id>/": ({*STAFF}, {"get", "post"}),
    "alerts/<uuid:alert_id>/acknowledge/": ({*STAFF}, {"post"}),
    "courses/<uuid:plan_id>/screening/": (CLINICAL, {"get"}),
    "courses/<uuid:plan_id>/consent/": (CLINICAL, {"get"}),
    "courses/<uuid:plan_id>/forms/": ({*STAFF}, {"get"}),
    "courses/<uuid:plan_id>/forms/<uuid:form_id>/": (CLINICAL, {"post"}),
    "people/invite/": ({"front_desk", "manager"}, {"get", "post"}),
    "people/invite/staff/": ({"manager"}, {"get", "post"}),
    "people/invite/<uuid:patient_id>/": ({"front_desk", "manager"}, {"get", "post"}),
    "people/invitations/<uuid:invitation_id>/revoke/": ({"front_desk", "manager"}, {"post"}),
    "people/recover/": ({"front_desk", "manager"}, {"get", "post"}),
    "people/recover/staff/": ({"manager"}, {"get", "post"}),
    "on-call/<slug:slug>/": ({"manager"}, {"get", "post"}),
}


@pytest.fixture(scope="module")
def kept(module_rows: pytest.FixtureRequest) -> UUID:
    with module_rows.unblock():
        return make_alert().pk


@pytest.fixture
def alert(kept: UUID, db: None) -> Escalation:
    return Escalation.objects.get(pk=kept)


def make_alert() -> Escalation:
    """Ada asked for help, in her answers. She was given a treatment today, and
    signed before. The desk has sent her a link to her record."""
    clinic = load_clinic()
    plan = make_course(make_patient("Ada", "Byron"), clinic)
    make_infusion(plan, clinic, "inf.1", timezone.now(), status="fulfilled")
    ConsentSignature.objects.create(
        care_plan=plan,
        document="treatment",
        version=1,
        language="en",
        title="Consent",
        text=[],
        fingerprint="f" * 64,
        name="Ada Byron",
        signed_by=make_user("signer@example.org"),
        signed_at=timezone.now(),
    )
    Scenario.objects.create(site=clinic.site, asked_at=timezone.now())
    WaitlistEntry.objects.create(
        site=clinic.site,
        patient=plan.patient,
        service=make_service("evaluation"),
        want="earlier",
        earliest=timezone.now().date(),
        turn=timezone.now(),
    )
    Screening.objects.create(care_plan=plan, answers={"medicines": "lithium", "heart": "yes"})
    desk = Actor.of(make_user("dana@example.org", "front_desk"))
    make_appointment(
        plan.patient,
        make_service("counselling"),
        clinic.site,
        timezone.now() + timedelta(days=1),
        [clinic.counsellor],
    )
    open_task(
        "call_back", Role.FRONT_DESK, site=clinic.site, patient=plan.patient, now=timezone.now()
    )
    joined = make_patient("Ada", "Byron")
    merge_patients(actor=desk, keep=plan.patient, duplicate=joined, now=timezone.now())
    make_patient("Ada", "Byron")
    invite_patient(actor=desk, patient=plan.patient, email="ada@example.org", now=timezone.now())
    return raise_alert(
        actor=Actor.sweep(),
        patient=plan.patient,
        site=plan.site,
        care_plan=plan,
        now=timezone.now(),
    )


def send(browser: Client, method: str, route: str, alert: Escalation | None) -> HttpResponse:
    path = route.replace("<uuid:alert_id>", str(alert.pk if alert else uuid4()))
    path = path.replace("<uuid:plan_id>", str(alert.care_plan_id if alert else uuid4()))
    form = QuestionnaireResponse.key_of(alert.care_plan, RESULT) if alert else uuid4()
    path = path.replace("<uuid:form_id>", str(form))
    path = path.replace("<uuid:patient_id>", str(alert.patient_id if alert else uuid4()))
    path = path.replace(
        "<uuid:invitation_id>", str(Invitation.objects.get().pk if alert else uuid4())
    )
    if "<uuid:disruption_id>" in path:
        path = path.replace("<uuid:disruption_id>", str(away().pk if alert else uuid4()))
    alone = route.startswith(("held/", "repairs/"))
    visits = Appointment.objects.filter(care_plan__isnull=alone)
    session = visits.first()
    path = path.replace("<uuid:appointment_id>", str(session.pk if alert and session else uuid4()))
    chair = Resource.objects.filter(kind="place").first()
    path = path.replace("<uuid:resource_id>", str(chair.pk if alert and chair else uuid4()))
    task = StaffTask.objects.filter(role="front_desk").first()
    path = path.replace("<uuid:task_id>", str(task.pk if alert and task else uuid4()))
    merged = Event.objects.filter(verb=MERGED).first()
    path = path.replace("<int:event_id>", str(merged.pk if merged else 1))
    twin = Patient.objects.filter(merged_into=None, care_plans=None).first()
    path = path.replace("<uuid:other_id>", str(twin.pk if alert and twin else uuid4()))
    waits = WaitlistEntry.objects.first()
    path = path.replace("<uuid:entry_id>", str(waits.pk if alert and waits else uuid4()))
    question = Scenario.objects.first()
    path = path.replace("<uuid:scenario_id>", str(question.pk if alert and question else uuid4()))
    key = keys.key("trd_iv6" if "/course/" in path else "counselling")
    path = path.replace("<slug:key>", key if alert else "nothing")
    path = path.replace("<slug:code>", "courses")
    path = re.sub("<slug:slug>", "main" if alert else "nowhere", path)
    said = {"action": "Called. Safe at home.", "q": "Byron", "result": "0"}
    sent = getattr(browser, method)
    return sent(f"/desk/{path}", said) if method == "post" else sent(f"/desk/{path}")


def away() -> Disruption:
    """The counsellor is out on the day of Ada's visit; made when it is first asked for."""
    visit = Appointment.objects.get(care_plan=None)
    return Disruption.objects.first() or disrupt(
        actor=Actor.of(make_user("", "front_desk")),
        resource=visit.reservations.get().resource,
        start=visit.start - timedelta(hours=1),
        end=visit.end,
        reason="ill",
        now=timezone.now(),
    )


def test_every_page_is_classified() -> None:
    assert sorted(PAGES) == sorted(
        str(pattern.pattern) for pattern in urlpatterns if isinstance(pattern, URLPattern)
    )


EVERYBODY = ["anonymous", "visitor", "left", "otto", *STAFF]


@pytest.mark.parametrize(
    ("route", "method", "person"),
    [
        (route, method, person)
        for route, (people, methods) in PAGES.items()
        for method in sorted(methods)
        for person in sorted(people)
    ],
)
def test_a_page_opens_to_those_it_is_for(
    alert: Escalation, route: str, method: str, person: str
) -> None:
    answer = send(browser_of(person), method, route, alert)

    assert answer.status_code in {200, 302}
    assert not answer.get("Location", "").startswith("/accounts/")


@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_closed_to_everybody_else(alert: Escalation, route: str) -> None:
    for person in [one for one in EVERYBODY if one not in PAGES[route][0]]:
        browser = browser_of(person)
        for method in sorted(PAGES[route][1]):
            answer = send(browser, method, route, alert)

            asks_to_sign_in = person in {"anonymous", "visitor", "left"}
            not_theirs = 404 if "inbox/<" in route and person in STAFF else 403
            assert answer.status_code == (302 if asks_to_sign_in else not_theirs), person
            assert "Byron" not in answer.content.decode()
            assert scrubbed(send(browser, method, route, None)) == scrubbed(answer)
    assert Escalation.objects.get().ended_at is None
    assert Invitation.objects.get().revoked_at is None


@pytest.mark.parametrize("route", PAGES)
def test_a_page_refuses_the_methods_it_does_not_know(alert: Escalation, route: str) -> None:
    browser = Client()
    browser.force_login(make_user("all@example.org", *STAFF))

    for method in METHODS:
        if ("get" if method == "head" else method) not in PAGES[route][1]:
            assert send(browser, method, route, alert).status_code == 405, method


def test_the_front_desk_sees_whom_to_call_and_no_answer(alert: Escalation) -> None:
    browser = browser_of("front_desk")

    page = send(browser, "get", "alerts/<uuid:alert_id>/", alert).content.decode()

    assert "Ada Byron" in page
    assert "Read the answers" not in page
    send(browser, "post", "alerts/<uuid:alert_id>/", alert)
    assert Escalation.objects.get().ended_at is None


def test_a_clinician_takes_it_on_reads_and_ends_it(alert: Escalation) -> None:
    browser = browser_of("clinician")

    send(browser, "post", "alerts/<uuid:alert_id>/acknowledge/", alert)
    answers = send(browser, "get", "courses/<uuid:plan_id>/screening/", alert).content.decode()
    assert "lithium" in answers
    send(browser, "post", "alerts/<uuid:alert_id>/", alert)

    ended = Escalation.objects.get()
    assert ended.action == "Called. Safe at home."
    assert ended.acknowledged_by == ended.ended_by


def test_a_manager_sets_the_order_and_each_person_once(alert: Escalation) -> None:
    browser = browser_of("manager")
    tess, quinn = make_user("tess@example.org", "nurse"), make_user("q@example.org", "clinician")

    browser.post("/desk/on-call/main/", {"place_1": quinn.pk, "place_3": tess.pk})
    assert [row.user for row in OnCall.objects.all()] == [quinn, tess]
    twice = browser.post("/desk/on-call/main/", {"place_1": quinn.pk, "place_2": quinn.pk})

    assert "Choose each person once." in twice.content.decode()
    assert OnCall.objects.count() == 2


@pytest.mark.parametrize("alerts", [1, 3])
def test_the_list_takes_as_many_queries_for_one_as_for_three(
    alert: Escalation, alerts: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(alerts - 1):
        raise_alert(
            actor=Actor.sweep(),
            patient=make_patient(f"Number {number}"),
            site=alert.site,
            now=timezone.now(),
        )
    browser = browser_of("nurse")
    with django_assert_num_queries(6):
        browser.get("/desk/alerts/")


def test_the_front_desk_sees_that_a_form_is_done_and_no_result(alert: Escalation) -> None:
    send(browser_of("nurse"), "post", "courses/<uuid:plan_id>/forms/<uuid:form_id>/", alert)
    route = "courses/<uuid:plan_id>/forms/"

    clinical = send(browser_of("clinician"), "get", route, alert).content.decode()
    front = send(browser_of("front_desk"), "get", route, alert).content.decode()

    assert QuestionnaireResponse.objects.get().score == 0
    assert "Done · 0 (negative)" in clinical
    assert "Done" in front
    assert "(negative)" not in front
    assert "/consent/" in clinical
    assert "/consent/" not in front


@pytest.mark.parametrize("results", [1, 3])
def test_the_forms_take_as_many_queries_for_one_as_for_three(
    alert: Escalation, results: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(results):
        QuestionnaireResponse.objects.create(
            id=uuid4(),
            care_plan=alert.care_plan,
            questionnaire="phq9",
            moment=str(number),
            score=number,
            completed_at=timezone.now(),
        )
    browser = browser_of("nurse")
    with django_assert_num_queries(9):
        browser.get(f"/desk/courses/{alert.care_plan_id}/forms/")
