"""From choosing a course to the plans, over plain requests."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from scheduling.models import StaffTask
from scheduling.web.patient.keys import key
from tests.factories import NOW, make_protocol_version
from tests.scheduling.web.looking import ANSWERS, COURSE, clock, offered, search, visitor

__all__ = ["clock", "visitor"]

pytestmark = pytest.mark.django_db


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


ODD = ["", "\x00", "é", "9999-12-31", "-1", "2026-13-01", "<script>", "a" * 5000]
FIELDS = ("earliest", "weekdays", "day_parts", "mode", "therapist", "language", "not_before")


@pytest.mark.parametrize("odd", ODD)
def test_odd_answers_end_in_a_page(visitor: Client, odd: str) -> None:
    for field in FIELDS:
        answer = visitor.post(f"/book/{COURSE}/when/", ANSWERS | {field: odd}, follow=True)
        assert answer.status_code == 200, field
    assert visitor.get(f"/book/{COURSE}/when/", {"from": odd}).status_code == 200
    assert visitor.post("/book/call/", {"name": odd, "phone": odd}).status_code == 200
