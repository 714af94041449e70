"""A plan is looked into and changed before it is held."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from scheduling.models import Appointment, CarePlan
from tests.factories import NOW
from tests.scheduling.web.looking import clock, offered, search, visitor

__all__ = ["clock", "visitor"]

pytestmark = pytest.mark.django_db


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
