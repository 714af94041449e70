"""From choosing a course to reserving it, over plain requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Patient
from scheduling.models import Appointment, CarePlan, StaffTask
from scheduling.web.patient.keys import key
from scheduling.web.patient.visitor import own_record
from tests.factories import NOW, make_clinic, make_patient, make_protocol_version, make_user

pytestmark = pytest.mark.django_db
COURSE = key("trd_iv6")
ANSWERS = {
    "earliest": "2026-11-24",
    "weekdays": ["1", "2", "3", "4", "5"],
    "day_parts": ["morning", "afternoon", "evening"],
    "mode": "in_person",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday noon in Denver, and stays so until a test says otherwise."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visitor() -> Client:
    """A visitor of a small clinic with one course, nothing booked."""
    make_clinic()
    make_protocol_version()
    return Client()


def search(visitor: Client, **changed: object) -> str:
    """Answer the form; the address of the plans."""
    answer = visitor.post(f"/book/{COURSE}/when/", ANSWERS | changed)
    assert answer.status_code == 302, answer.context["form"].errors
    return answer["Location"]


def offered(visitor: Client, address: str) -> list[dict[str, object]]:
    return visitor.get(address).context["proposals"]


def held(visitor: Client) -> CarePlan:
    """Hold the first plan that is offered."""
    address = search(visitor)
    token = offered(visitor, address)[0]["id"]
    visitor.post("/book/hold/", {"proposal": token, "search": address.split("/")[-2]})
    return CarePlan.objects.get()


# --- Choosing ----------------------------------------------------------------------------------


def test_the_list_leads_to_the_course_and_the_course_to_the_form(visitor: Client) -> None:
    assert f"/book/{COURSE}/" in visitor.get("/book/").content.decode()
    assert f"/book/{COURSE}/when/" in visitor.get(f"/book/{COURSE}/").content.decode()


def test_a_course_says_what_it_is_how_long_and_what_is_known(visitor: Client) -> None:
    said = visitor.get(f"/book/{COURSE}/").content.decode()

    assert "14" in said  # visits
    assert "about 20" in said  # hours
    assert "Off-label: the FDA has not approved ketamine for depression." in said
    assert "Anand et al. 2023, N Engl J Med" in said
    assert "$" not in said


def test_addresses_say_nothing_about_the_course(visitor: Client) -> None:
    address = search(visitor)

    assert "trd" not in address
    assert "trd" not in visitor.get("/book/").content.decode()


def test_an_unknown_course_is_not_found(visitor: Client) -> None:
    assert visitor.get("/book/ffffffff/").status_code == 404
    assert visitor.get("/book/ffffffff/when/").status_code == 404


def test_a_course_for_staff_alone_is_not_found(visitor: Client) -> None:
    make_protocol_version("crps_10day")

    assert visitor.get(f"/book/{key('crps_10day')}/").status_code == 404


# --- Searching ---------------------------------------------------------------------------------


def test_plans_can_be_looked_at_again_and_in_two_tabs(visitor: Client) -> None:
    first, second = search(visitor), search(visitor, weekdays=["2", "4"])

    assert len(offered(visitor, first)) == len(offered(visitor, first)) > 1
    days = {session["day"].isoweekday() for session in offered(visitor, second)[0]["sessions"]}
    assert days <= {2, 4}


def test_each_plan_has_a_label_of_its_own(visitor: Client) -> None:
    labels = [plan["label"] for plan in offered(visitor, search(visitor))]

    assert len(labels) == len(set(labels))


def test_answers_come_back_to_be_changed(visitor: Client) -> None:
    address = search(visitor, weekdays=["2", "4"])

    form = visitor.get(f"/book/{COURSE}/when/?from={address.split('/')[-2]}").context["form"]

    assert form["weekdays"].value() == ["2", "4"]


def test_an_answer_that_needs_another_look_keeps_the_others(visitor: Client) -> None:
    answer = visitor.post(
        f"/book/{COURSE}/when/", ANSWERS | {"earliest": "2020-01-01", "weekdays": ["2"]}
    )

    assert "This day has passed" in answer.content.decode()
    assert answer.context["form"]["weekdays"].value() == ["2"]


def test_a_search_of_another_browser_or_long_ago_starts_again(visitor: Client) -> None:
    address = search(visitor)

    answer = Client().get(address, follow=True)

    assert answer.redirect_chain == [("/book/", 302)]
    assert "That search is over" in answer.content.decode()


def test_only_the_latest_searches_are_kept(visitor: Client) -> None:
    first = search(visitor)
    for _ in range(5):
        search(visitor)

    assert visitor.get(first).status_code == 302


def test_a_day_that_has_passed_since_is_asked_for_again(
    visitor: Client, clock: time_machine.Traveller
) -> None:
    address = search(visitor, earliest="2026-11-23")
    clock.move_to(NOW + timedelta(hours=13))

    assert "This day has passed" in visitor.get(address).content.decode()


def test_where_nothing_fits_one_tap_changes_what_would_help(visitor: Client) -> None:
    answer = visitor.get(search(visitor, weekdays=["6"]))
    [way] = [way for way in answer.context["ways"] if "every day" in str(way["label"])]
    said: dict[str, list[str]] = {}
    for name, value in way["said"]:
        said.setdefault(name, []).append(value)

    again = visitor.post(f"/book/{COURSE}/when/", said)

    assert offered(visitor, again["Location"])


def test_a_call_can_be_asked_for_and_is_one_task(visitor: Client) -> None:
    said = {"name": "أدا 🌿 " + "x" * 290, "phone": "303 555 0101"}
    visitor.post("/book/call/", said)
    visitor.post("/book/call/", said | {"phone": "303 555 0102"})

    task = StaffTask.objects.get()
    assert (task.kind, task.role) == ("call_wanted", "front_desk")
    assert task.facts == {"name": said["name"], "phone": "303 555 0102"}


# --- Changing a plan before it is held -----------------------------------------------------------


def draft(visitor: Client) -> str:
    """The address of the first plan that is offered, opened."""
    address = search(visitor)
    token = offered(visitor, address)[0]["id"]
    answer = visitor.post("/book/look/", {"proposal": token, "search": address.split("/")[-2]})
    return answer["Location"]


def infusion(visitor: Client, address: str, number: int) -> dict[str, object]:
    sessions = visitor.get(address).context["card"]["sessions"]
    return next(
        one | {"number": place}
        for place, one in enumerate(sessions, start=1)
        if one["step"] == f"inf.{number}"
    )


def other_start(visitor: Client, address: str, session: dict[str, object]) -> datetime:
    """A start on the last free day of the month that the page shows first."""
    page = f"{address}{session['number']}/"
    weeks = visitor.get(page).context["month"]["weeks"]
    free = [day["date"] for week in weeks for day in week if day["inside"] and day["free"]]
    starts = visitor.get(page, {"day": free[-1].isoformat()}).context["month"]["starts"]
    return starts[0]


def test_a_session_is_changed_and_the_rest_follows(visitor: Client) -> None:
    address = draft(visitor)
    third = infusion(visitor, address, 3)
    start = other_start(visitor, address, third)

    changed = visitor.post(f"{address}{third['number']}/", {"start": start.isoformat()})

    page = visitor.get(changed["Location"])
    assert infusion(visitor, changed["Location"], 3)["start"] == start
    assert "inf.3" in {change["step"] for change in page.context["changes"]}
    assert infusion(visitor, address, 3)["start"] == third["start"]  # the back button


def test_a_changed_plan_is_held_as_it_was_shown(visitor: Client) -> None:
    address = draft(visitor)
    third = infusion(visitor, address, 3)
    start = other_start(visitor, address, third)
    changed = visitor.post(f"{address}{third['number']}/", {"start": start.isoformat()})
    token = visitor.get(changed["Location"]).context["token"]

    visitor.post("/book/hold/", {"proposal": token})

    assert Appointment.objects.get(step="inf.3").start == start
    assert CarePlan.objects.get().status == "held"


def test_a_start_that_breaks_a_rule_is_refused_in_words(visitor: Client) -> None:
    address = draft(visitor)
    third = infusion(visitor, address, 3)

    answer = visitor.post(
        f"{address}{third['number']}/", {"start": (NOW + timedelta(hours=1)).isoformat()}
    )

    assert "Please choose another" in answer.content.decode()


@pytest.mark.parametrize("start", ["", "soon", "2026-12-01T09:00", "9999-12-31T23:59:59Z"])
def test_a_start_that_is_none_asks_again(visitor: Client, start: str) -> None:
    address = draft(visitor)

    assert visitor.post(f"{address}1/", {"start": start}).status_code == 200


def test_a_number_that_no_session_has_leads_back(visitor: Client) -> None:
    address = draft(visitor)

    assert visitor.get(f"{address}99/")["Location"] == address


def test_an_old_draft_looks_for_times_again(visitor: Client, clock: time_machine.Traveller) -> None:
    address = draft(visitor)
    clock.move_to(NOW + timedelta(minutes=31))

    answer = visitor.get(address, follow=True)

    assert "We looked for times again" in answer.content.decode()
    assert answer.context["proposals"]


def test_a_draft_of_another_browser_is_not_open(visitor: Client) -> None:
    answer = Client().get(draft(visitor), follow=True)

    assert "That plan is not open any more" in answer.content.decode()


@pytest.mark.parametrize("name", ["", "a/b", "../..", "x" * 300, "né\x00"])
def test_a_search_that_never_was_leads_to_the_courses(visitor: Client, name: str) -> None:
    token = offered(visitor, search(visitor))[0]["id"]

    forged = visitor.post("/book/hold/", {"proposal": "forged", "search": name})
    look = visitor.post("/book/look/", {"proposal": token, "search": name})

    assert forged["Location"] == "/book/"
    assert visitor.get(look["Location"]).status_code == 200


# --- Holding -----------------------------------------------------------------------------------


def test_the_time_left_is_the_servers(visitor: Client, clock: time_machine.Traveller) -> None:
    plan = held(visitor)
    clock.move_to(NOW + timedelta(minutes=4, seconds=30))

    assert visitor.get(f"/courses/{plan.pk}/").context["seconds_left"] == 10 * 60 + 30


def test_a_second_tap_holds_one_plan(visitor: Client) -> None:
    address = search(visitor)
    token = offered(visitor, address)[0]["id"]
    for _ in range(2):
        answer = visitor.post("/book/hold/", {"proposal": token})

    assert CarePlan.objects.filter(status="held").count() == 1
    assert visitor.get(answer["Location"]).context["over"] is False


def test_times_one_holds_oneself_are_offered_again(visitor: Client) -> None:
    address = search(visitor)
    first = offered(visitor, address)[0]
    visitor.post("/book/hold/", {"proposal": first["id"]})

    again = offered(visitor, address)[0]

    assert [one["start"] for one in again["sessions"]] == [
        one["start"] for one in first["sessions"]
    ]


def test_the_older_hold_says_that_it_was_given_back(visitor: Client) -> None:
    first = held(visitor)
    token = offered(visitor, search(visitor))[1]["id"]
    visitor.post("/book/hold/", {"proposal": token})

    said = visitor.get(f"/courses/{first.pk}/").content.decode()

    assert "These times were given back" in said
    assert "Hold the same times again" in said


def test_more_time_is_given_once(visitor: Client, clock: time_machine.Traveller) -> None:
    plan = held(visitor)
    clock.move_to(NOW + timedelta(minutes=10))
    visitor.post(f"/courses/{plan.pk}/extend/")
    assert visitor.get(f"/courses/{plan.pk}/").context["seconds_left"] == 15 * 60

    answer = visitor.post(f"/courses/{plan.pk}/extend/", follow=True)

    assert "I need more time" not in answer.content.decode()


def test_an_ended_hold_is_taken_again(visitor: Client, clock: time_machine.Traveller) -> None:
    plan = held(visitor)
    starts = set(plan.appointments.values_list("step", "start"))
    clock.move_to(NOW + timedelta(minutes=16))
    assert "The hold has ended" in visitor.get(f"/courses/{plan.pk}/").content.decode()

    answer = visitor.post(f"/courses/{plan.pk}/retake/", follow=True)

    assert "They are held again" in answer.content.decode()
    again = CarePlan.objects.get(status="held", expires_at__gt=NOW + timedelta(minutes=16))
    assert set(again.appointments.values_list("step", "start")) == starts


def test_times_taken_since_are_named_and_lead_on(
    visitor: Client, clock: time_machine.Traveller
) -> None:
    plan = held(visitor)
    first = plan.appointments.order_by("start").first()
    clock.move_to(NOW + timedelta(minutes=16))
    other = Client()
    address = search(other)
    token = offered(other, address)[0]["id"]
    other.post("/book/hold/", {"proposal": token})
    assert Appointment.objects.filter(start=first.start, status="held").exists()

    answer = visitor.post(f"/courses/{plan.pk}/retake/", follow=True)

    assert "has just taken this time" in answer.content.decode()
    assert "Choose again" in answer.content.decode()


def test_a_plan_taken_while_choosing_ends_in_words_and_new_plans(visitor: Client) -> None:
    address = search(visitor)
    name = address.split("/")[-2]
    token = offered(visitor, address)[0]["id"]
    held(Client())

    answer = visitor.post("/book/hold/", {"proposal": token, "search": name}, follow=True)

    assert "has just taken this time" in answer.content.decode()
    assert answer.context["proposals"]


# --- Reserving ---------------------------------------------------------------------------------


def signed_in(visitor: Client) -> None:
    """The visitor of that browser signs in as Ada, who has a record here."""
    ada = make_user("ada@example.org")
    make_patient(user=ada)
    visitor.force_login(ada)


def test_a_course_is_reserved_with_a_yes_to_mails(visitor: Client) -> None:
    plan = held(visitor)
    signed_in(visitor)
    plan.refresh_from_db()

    version = visitor.get(f"/courses/{plan.pk}/").context["plan"].version
    answer = visitor.post(
        f"/courses/{plan.pk}/confirm/", {"version": version, "email_ok": "1"}, follow=True
    )

    plan.refresh_from_db()
    assert plan.status == "active"
    assert "Your course is reserved" in answer.content.decode()
    assert "until a prescriber has seen you" in answer.content.decode()
    consent = plan.patient.contact_consents.get()
    assert (consent.purpose, consent.address) == ("email_appointments", "ada@example.org")


def test_saying_nothing_about_mails_is_a_no_and_books_all_the_same(visitor: Client) -> None:
    plan = held(visitor)
    signed_in(visitor)
    version = visitor.get(f"/courses/{plan.pk}/").context["plan"].version

    visitor.post(f"/courses/{plan.pk}/confirm/", {"version": version})
    visitor.post(f"/courses/{plan.pk}/confirm/", {"version": version})  # a second tap

    plan.refresh_from_db()
    assert plan.status == "active"
    assert not plan.patient.contact_consents.exists()


def test_an_ended_hold_is_not_reserved(visitor: Client, clock: time_machine.Traveller) -> None:
    plan = held(visitor)
    signed_in(visitor)
    version = visitor.get(f"/courses/{plan.pk}/").context["plan"].version
    clock.move_to(NOW + timedelta(minutes=16))

    answer = visitor.post(f"/courses/{plan.pk}/confirm/", {"version": version}, follow=True)

    assert "the hold has ended" in answer.content.decode()
    assert "Hold the same times again" in answer.content.decode()


def test_a_hold_that_ended_while_signing_in_can_be_taken_again(
    visitor: Client, clock: time_machine.Traveller
) -> None:
    plan = held(visitor)
    clock.move_to(NOW + timedelta(minutes=16))
    signed_in(visitor)
    assert "The hold has ended" in visitor.get(f"/courses/{plan.pk}/").content.decode()

    answer = visitor.post(f"/courses/{plan.pk}/retake/", follow=True)

    assert "They are held again" in answer.content.decode()
    assert answer.context["visitor"] is False


def test_somebody_who_signed_up_first_holds_as_themselves(visitor: Client) -> None:
    newcomer = make_user("new@example.org")
    visitor.force_login(newcomer)

    plan = held(visitor)

    assert (plan.patient.user, plan.patient.email) == (newcomer, "new@example.org")


def test_who_works_here_gets_no_record_by_looking_around() -> None:
    assert own_record(make_user("desk@example.org", "front_desk")) is None
    assert own_record(make_user("new@example.org")) == Patient.objects.get()
