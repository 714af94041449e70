"""A patient lives with a course: what it shows, and what they may change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Patient
from scheduling.models import Appointment, CarePlan, Event, Gate, StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.clear import clear
from scheduling.operations.finish_task import finish
from scheduling.web.patient.keys import key
from scheduling.web.patient.rows import session_row
from tests.factories import Clinic, at, make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion, make_talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    """Three infusions a week apart, the first of them a week ago, and a talk tomorrow."""
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number, days in enumerate((-7, 7, 14), start=1):
        make_infusion(plan, clinic, f"inf.{number}", hour + timedelta(days=days))
    Appointment.objects.filter(step="inf.1").update(status="fulfilled")
    make_talk(plan, clinic, "integ.1", hour + timedelta(hours=25))
    return plan


@pytest.fixture
def ada(plan: CarePlan) -> Client:
    browser = Client()
    browser.force_login(plan.patient.user)
    return browser


def session(step: str) -> Appointment:
    return Appointment.objects.get(step=step)


def cancel(browser: Client, one: Appointment, **sent: object) -> str:
    said = {"reason": "unwell", "version": one.version} | sent
    return browser.post(f"/sessions/{one.pk}/cancel/", said, follow=True).content.decode()


def test_before_another_course_is_booked_the_one_under_way_is_named(
    ada: Client, plan: CarePlan
) -> None:
    for path in (f"/book/{key('trd_iv6')}/", f"/book/{key('trd_iv6')}/when/"):
        said = "You have a course already"
        assert said not in Client().get(path).content.decode()
        page = ada.get(path).content.decode()
        assert said in page
        assert f'href="/courses/{plan.pk}/"' in page
        CarePlan.objects.update(status="completed")
        assert said not in ada.get(path).content.decode()
        CarePlan.objects.update(status="active")


def test_the_course_numbers_its_sessions_and_marks_today(ada: Client, plan: CarePlan) -> None:
    page = ada.get(f"/courses/{plan.pk}/")

    rows = [row for week in page.context["weeks"] for row in week["sessions"]]
    assert [row["name"] for row in rows] == [
        "Ketamine infusion 1 of 3",
        "Therapy session",
        "Ketamine infusion 2 of 3",
        "Ketamine infusion 3 of 3",
    ]
    assert [row["state"] for row in rows] == ["done", "confirmed", "confirmed", "confirmed"]
    assert page.context["next"]["name"] == "Therapy session"
    assert page.content.decode().count('aria-current="date"') == 1
    assert "1 of 4 sessions is done" in page.content.decode()


def test_sessions_of_one_service_are_counted_through_the_course(
    ada: Client, clinic: Clinic, plan: CarePlan
) -> None:
    make_talk(plan, clinic, "prep.1", session("inf.1").start - timedelta(days=1))
    cancel(ada, session("inf.2"))
    make_infusion(plan, clinic, "inf.2", session("inf.3").start + timedelta(days=7))

    page = ada.get(f"/courses/{plan.pk}/")

    rows = [row for week in page.context["weeks"] for row in week["sessions"]]
    assert [(row["step"], row["name"]) for row in rows] == [
        ("prep.1", "Therapy session 1 of 2"),
        ("inf.1", "Ketamine infusion 1 of 3"),
        ("integ.1", "Therapy session 2 of 2"),
        ("inf.2", "Ketamine infusion 2 of 3"),
        ("inf.3", "Ketamine infusion 3 of 3"),
        ("inf.2", "Ketamine infusion 2 of 3"),
    ]
    assert page.context["total"] == 5


def test_the_course_shows_what_is_missing_before_the_next_session(
    ada: Client, plan: CarePlan
) -> None:
    due = timezone.now() - timedelta(hours=1)
    Gate.objects.create(care_plan=plan, code="consent", due_at=due)
    Gate.objects.create(care_plan=plan, code="clearance", status="closed")
    Gate.objects.create(appointment=session("inf.3"), code="ride")

    page = ada.get(f"/courses/{plan.pk}/")

    missing = [(gate["code"], gate["over"]) for gate in page.context["missing"]]
    assert missing == [("consent", True)], "closed gates and those of later sessions are not shown"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("inf.2", "at least 48 hours before. You are in time."),
        ("integ.1", "at least 24 hours before. You are in time."),
    ],
)
def test_the_policy_is_said_before_a_session_is_cancelled(
    ada: Client, step: str, words: str
) -> None:
    said = ada.get(f"/sessions/{session(step).pk}/cancel/").content.decode()

    assert words in " ".join(said.split())


@pytest.mark.parametrize(("step", "asked"), [("inf.2", True), ("integ.1", False)])
def test_only_after_a_treatment_somebody_drives_them_home(
    ada: Client, plan: CarePlan, step: str, asked: bool
) -> None:
    page = ada.get(f"/sessions/{session(step).pk}/cancel/").content.decode()

    assert ("I have nobody to take me home" in page) is asked


def test_a_session_is_cancelled_with_its_reason(ada: Client, plan: CarePlan) -> None:
    said = cancel(ada, session("inf.2"))

    cancelled = session("inf.2")
    assert (cancelled.status, cancelled.reason, cancelled.late) == ("cancelled", "unwell", False)
    assert "Cancelled. The rest of your course stays as it is." in said
    assert "Ketamine infusion 3 of 3" in said, "the others keep their numbers"
    assert StaffTask.objects.get().kind == "step_cancelled"
    assert Event.objects.get(verb="cancelled").actor == plan.patient.user


def only(plan: CarePlan, step: str) -> Appointment:
    """Leaves that session as the last one ahead."""
    others = plan.appointments.filter(status="booked").exclude(step=step)
    others.update(status="fulfilled")
    return session(step)


def test_the_last_session_says_that_the_course_ends_with_it(ada: Client, plan: CarePlan) -> None:
    last = only(plan, "inf.3")

    asked = ada.get(f"/sessions/{last.pk}/cancel/").content.decode()
    said = cancel(ada, last)

    assert "the course ends with it" in asked
    assert "All other sessions stay" not in asked
    assert "Cancelled. Your course has ended with it." in said
    assert CarePlan.objects.get().status == "completed"


def test_a_course_in_which_nothing_took_place_does_not_end_unseen(clinic: Clinic) -> None:
    plan = make_course(make_patient(user=make_user("joan@example.org")), clinic)
    make_talk(plan, clinic, "prep.1", timezone.now() + timedelta(days=3))
    joan = Client()
    joan.force_login(plan.patient.user)

    asked = joan.get(f"/sessions/{session('prep.1').pk}/cancel/").content.decode()
    cancel(joan, session("prep.1"))

    assert "Nothing else of your course is planned after that" in asked
    assert "find out with you how to go on" in asked
    assert CarePlan.objects.get().status == "active"


def test_a_late_cancellation_is_possible_and_says_so(ada: Client, clinic: Clinic) -> None:
    clinic.site.late_cancel_hours = 48
    clinic.site.save()

    assert (
        "You can still cancel"
        in ada.get(f"/sessions/{session('integ.1').pk}/cancel/").content.decode()
    )
    assert "noted as late" in cancel(ada, session("integ.1"))
    assert session("integ.1").late


@pytest.mark.parametrize("reason", ["", "clinic", "course_ended"])
def test_a_reason_that_is_not_the_patients_changes_nothing(ada: Client, reason: str) -> None:
    said = cancel(ada, session("inf.2"), reason=reason)

    assert "Please choose a reason" in said
    assert session("inf.2").status == "booked"


def test_a_stale_page_changes_nothing(ada: Client) -> None:
    one = session("inf.2")
    Appointment.objects.filter(pk=one.pk).update(mode="video")  # another tab raised the version

    said = cancel(ada, one)

    assert 'class="note note-warn"' in said
    assert session("inf.2").status == "booked"


def test_a_second_click_cancels_once(ada: Client) -> None:
    one = session("inf.2")

    cancel(ada, one)
    said = cancel(ada, one)

    assert "can no longer be cancelled here" in said
    assert Event.objects.filter(verb="cancelled").count() == 1


def test_a_session_that_is_over_offers_no_cancel(ada: Client) -> None:
    said = ada.get(f"/sessions/{session('inf.1').pk}/cancel/").content.decode()

    assert "can no longer be cancelled here" in said


def test_a_ride_contact_closes_the_gate(ada: Client) -> None:
    gate = Gate.objects.create(appointment=session("inf.2"), code="ride")
    sent = {"name": "Grace Hopper", "phone": "303 555 0101", "version": session("inf.2").version}

    said = ada.post(f"/sessions/{gate.appointment_id}/ride/", sent, follow=True).content.decode()

    gate.refresh_from_db()
    assert (gate.status, gate.note) == ("closed", "Grace Hopper, 303 555 0101")
    assert "Your ride home is noted" in said


def test_a_ride_without_a_number_keeps_what_was_typed(ada: Client) -> None:
    gate = Gate.objects.create(appointment=session("inf.2"), code="ride")

    said = ada.post(
        f"/sessions/{gate.appointment_id}/ride/", {"name": "Grace", "phone": "soon"}
    ).content.decode()

    gate.refresh_from_db()
    assert gate.status == "open"
    assert 'value="Grace"' in said
    assert "Write the number with digits" in said


def test_a_talk_has_no_ride_page(ada: Client) -> None:
    assert ada.get(f"/sessions/{session('integ.1').pk}/ride/").status_code == 404


def test_one_tap_holds_the_next_treatments_back(
    ada: Client, clinic: Clinic, plan: CarePlan
) -> None:
    soon = session("inf.2").start - timedelta(days=5)
    make_infusion(plan, clinic, "inf.4", soon)
    page = ada.get(f"/courses/{plan.pk}/").content.decode()
    assert 'name="reason" value="talk_first">Talk to me first</button>' in page

    sent = {"reason": "talk_first", "version": plan.version}
    said = ada.post(f"/courses/{plan.pk}/pause/", sent, follow=True).content.decode()

    assert "A clinician will call you within one day" in said
    assert "We have no phone number of yours" in said
    assert "Your course is paused" in said
    assert "Talk to me first" not in said, "a paused course is not paused again"
    assert [session(step).status for step in ("inf.4", "inf.2")] == ["cancelled", "booked"]
    assert session("integ.1").status == "booked"


@pytest.mark.parametrize("reason", ["", "in_hospital"])
def test_a_pause_for_a_reason_that_is_not_the_patients_changes_nothing(
    ada: Client, plan: CarePlan, reason: str
) -> None:
    sent = {"reason": reason, "version": plan.version}
    said = ada.post(f"/courses/{plan.pk}/pause/", sent, follow=True).content.decode()

    assert "Please say why" in said
    assert CarePlan.objects.get().status == "active"


def test_somebody_who_can_be_called_is_not_asked_to_call(ada: Client, plan: CarePlan) -> None:
    Patient.objects.update(phone="303 555 0101")

    sent = {"reason": "talk_first", "version": plan.version}
    said = ada.post(f"/courses/{plan.pk}/pause/", sent, follow=True).content.decode()

    assert "no phone number" not in said


def test_a_second_tap_pauses_once(ada: Client, plan: CarePlan) -> None:
    sent = {"reason": "hard_session", "version": plan.version}
    ada.post(f"/courses/{plan.pk}/pause/", sent)

    said = ada.post(f"/courses/{plan.pk}/pause/", sent, follow=True).content.decode()

    assert "This was changed meanwhile" in said
    assert Event.objects.filter(verb="paused").count() == 1


def test_staff_do_not_pause_in_a_patients_name(plan: CarePlan) -> None:
    nurse = Client()
    nurse.force_login(make_user("quinn@example.org", "nurse"))

    sent = {"reason": "hard_session", "version": plan.version}
    answer = nurse.post(f"/courses/{plan.pk}/pause/", sent)

    assert answer.status_code == 403
    assert CarePlan.objects.get().status == "active"
    assert "Talk to me first" not in nurse.get(f"/courses/{plan.pk}/").content.decode()


def test_the_history_names_the_patient_and_staff_by_their_role(ada: Client, plan: CarePlan) -> None:
    cancel(ada, session("inf.2"))
    nurse = make_user("quinn@example.org", "nurse", name="Quinn Secret")
    for verb, actor in (("gate_closed", nurse), ("rebound", nurse), ("completed", None)):
        Event.objects.create(
            verb=verb,
            actor=actor,
            actor_label="user" if actor else "sweep",
            care_plan=plan,
            patient=plan.patient,
            reason="Grace Hopper, 303 555 0101",
        )

    page = ada.get(f"/courses/{plan.pk}/history/")

    assert [(str(one["did"]), str(one["by"])) for one in page.context["entries"]] == [
        ("Course completed", "the system"),
        ("Preparation completed", "a nurse"),
        ("Cancelled", "you"),
    ]
    assert "Ketamine infusion 2 of 3" in page.content.decode()
    assert "Secret" not in page.content.decode()
    assert "Hopper" not in page.content.decode()


def test_the_next_sessions_card_says_all_that_one_needs(ada: Client, plan: CarePlan) -> None:
    plan.appointments.filter(step="integ.1").update(status="fulfilled")
    Gate.objects.create(appointment=session("inf.2"), code="ride")
    page = " ".join(ada.get(f"/courses/{plan.pk}/").content.decode().split())

    for words in (
        "Ketamine infusion 2 of 3",
        "130 minutes, until",
        f"{plan.site.name}",
        "Nobody is noted yet",
        f'href="/sessions/{session("inf.2").pk}/ride/">Say who takes you home',
        "Eat and drink only as the clinic told you.",
    ):
        assert words in page

    Gate.objects.update(status="closed")
    assert "Somebody is noted" in ada.get(f"/courses/{plan.pk}/").content.decode()


def test_a_talk_asks_for_no_ride_and_no_fasting(ada: Client, plan: CarePlan) -> None:
    page = ada.get(f"/courses/{plan.pk}/")

    assert page.context["ride_noted"] is None
    assert "Come a few minutes early." in page.content.decode()
    assert "Eat and drink" not in page.content.decode()


def test_a_place_is_there_once_its_part_of_the_project_is(
    ada: Client, plan: CarePlan, settings: object
) -> None:
    settings.ROOT_URLCONF = "tests.scheduling.web.urls_alone"  # type: ignore[attr-defined]
    before = ada.get(f"/courses/{plan.pk}/").content.decode()
    settings.ROOT_URLCONF = "tests.scheduling.web.urls_with_reading"  # type: ignore[attr-defined]
    after = ada.get(f"/courses/{plan.pk}/").content.decode()

    assert "plan-reading" not in before, "nothing is loaded for places that are empty"
    assert after.count("hx-get") == before.count("hx-get") + 1
    assert f'hx-get="/reading/{plan.pk}/"' in after
    assert f'<a href="/reading/{plan.pk}/">Open: Reading for this time</a>' in after


def test_a_session_has_a_history_of_its_own_through_all_its_times(
    ada: Client, clinic: Clinic, plan: CarePlan
) -> None:
    lost = session("inf.2")
    cancel(ada, lost)
    cancel(ada, session("inf.3"))
    start = lost.start + timedelta(days=3)
    again = make_infusion(plan, clinic, "inf.2", start)
    Event.objects.create(
        verb="booked", actor_label="sweep", care_plan=plan, patient=plan.patient, appointment=again
    )

    page = ada.get(f"/sessions/{again.pk}/history/")

    assert [(str(one["did"]), one["session"]) for one in page.context["entries"]] == [
        ("Booked", "Ketamine infusion 2 of 3"),
        ("Cancelled", "Ketamine infusion 2 of 3"),
    ]
    assert (
        f'href="/sessions/{again.pk}/history/"' in ada.get(f"/courses/{plan.pk}/").content.decode()
    )


def test_what_happened_to_many_sessions_at_once_is_one_line_of_the_history(
    ada: Client, plan: CarePlan
) -> None:
    now = timezone.now()
    for one in plan.appointments.all():
        Event.objects.create(
            at=now,
            verb="booked",
            actor=plan.patient.user,
            actor_label="user",
            care_plan=plan,
            patient=plan.patient,
            appointment=one,
        )
    cancel(ada, session("inf.2"))

    entries = ada.get(f"/courses/{plan.pk}/history/").context["entries"]

    assert [(str(one["did"]), one["session"]) for one in entries] == [
        ("Cancelled", "Ketamine infusion 2 of 3"),
        ("Booked", "4 sessions"),
    ]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("completed", "This course is completed"),
        ("revoked", "This course has ended"),
        ("on_hold", "Your course is paused"),
    ],
)
def test_a_course_that_is_not_under_way_says_so(
    ada: Client, plan: CarePlan, status: str, words: str
) -> None:
    CarePlan.objects.update(status=status, clearance="pending")

    assert words in ada.get(f"/courses/{plan.pk}/").content.decode()


def test_a_decline_is_read_only_once_a_person_has_told_of_it(ada: Client, plan: CarePlan) -> None:
    prescriber = Actor.of(make_user("", "prescriber"))
    now = timezone.now()
    clear(actor=prescriber, care_plan=plan, decision="declined", now=now)
    paths = [f"/courses/{plan.pk}/", f"/courses/{plan.pk}/history/"]

    before = "".join(ada.get(path).content.decode() for path in paths)
    task = StaffTask.objects.get(kind="tell_decline")
    finish(actor=prescriber, task=task, outcome="told", now=now)
    after = "".join(ada.get(path).content.decode() for path in paths)

    assert "Treatment not agreed" not in before
    assert "reserved until a prescriber has seen you" in before
    assert "Treatment not agreed" in after
    assert "reserved until" not in after, "no treatment time is left"
    assert "A prescriber has to see you" not in after


@pytest.mark.parametrize(("names", "said"), [(True, True), (False, False)])
def test_people_are_named_as_the_clinic_chooses(
    ada: Client, clinic: Clinic, plan: CarePlan, names: bool, said: bool
) -> None:
    clinic.site.names_people = names
    clinic.site.save()

    page = ada.get(f"/courses/{plan.pk}/").content.decode()

    assert (clinic.therapists[0].name in page) == said


@pytest.mark.parametrize(
    ("names", "now", "room"),
    [
        (True, "2026-12-09 07:00", "Room 1"),
        (True, "2026-12-08 23:59", ""),  # it may be bound anew until the day
        (False, "2026-12-09 07:00", ""),
    ],
)
def test_rooms_are_named_on_the_day_as_the_clinic_chooses(
    clinic: Clinic, names: bool, now: str, room: str
) -> None:
    clinic.site.names_rooms = names
    plan = make_course(make_patient(), clinic)
    talk = make_talk(plan, clinic, "prep.1", at("2026-12-09 09:00"))

    assert session_row(plan, talk, at(now))["room"] == room


@pytest.mark.parametrize("sessions", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/courses/", 6),
        ("/courses/{plan}/", 13),
        ("/courses/{plan}/history/", 6),
        ("/sessions/{session}/history/", 7),
        ("/sessions/{session}/cancel/", 7),
        ("/sessions/{session}/ride/", 7),
    ],
)
def test_pages_ask_as_often_whatever_the_number_of_sessions(
    clinic: Clinic, path: str, queries: int, sessions: int
) -> None:
    plan = make_course(make_patient(user=make_user("joan@example.org")), clinic)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number in range(1, sessions + 1):
        one = make_infusion(plan, clinic, f"inf.{number}", hour + timedelta(days=7 * number))
        Gate.objects.create(appointment=one, code="ride")
        Event.objects.create(
            verb="booked",
            actor_label="sweep",
            care_plan=plan,
            patient=plan.patient,
            appointment=one,
        )
    joan = Client()
    joan.force_login(plan.patient.user)

    with CaptureQueriesContext(connection) as asked:
        answer = joan.get(path.format(plan=plan.pk, session=one.pk))

    assert answer.status_code == 200
    assert len(asked) == queries
