"""Whoever leaves the screen is signed out; whoever is there is asked first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from tests.factories import make_patient, make_user

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 12, 1, 16, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def browser_of(*roles: str) -> Client:
    user = make_user("ada@example.org", *roles)
    if not roles:
        make_patient(user=user)
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.mark.parametrize(("roles", "minutes"), [((), 30), (("front_desk",), 60)])
def test_after_a_while_of_nothing_the_next_page_asks_to_sign_in(
    roles: tuple[str, ...], minutes: int
) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = browser_of(*roles)
        browser.get("/account/")
        clock.shift(minutes * MINUTE - timedelta(seconds=1))
        assert browser.get("/account/").status_code == 200
        clock.shift(minutes * MINUTE)

        assert browser.get("/account/")["Location"] == "/accounts/login/?next=/account/"


def test_whoever_does_something_stays() -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = browser_of()
        for _ in range(5):
            clock.shift(20 * MINUTE)
            assert browser.post("/account/stay/").status_code == 204


def test_what_a_page_asks_by_itself_is_nothing() -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = browser_of()
        browser.get("/account/")
        for _ in range(2):
            clock.shift(14 * MINUTE)
            assert browser.get("/account/", headers={"HX-Request": "true"}).status_code == 200
        clock.shift(2 * MINUTE)

        assert browser.post("/account/stay/").status_code == 401


def test_activity_is_written_once_a_minute(django_assert_num_queries: object) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = browser_of()
        browser.get("/account/")
        seen = browser.session["seen_at"]
        clock.shift(timedelta(seconds=30))
        browser.get("/account/")
        assert browser.session["seen_at"] == seen
        clock.shift(timedelta(seconds=30))
        browser.get("/account/")
        assert browser.session["seen_at"] == seen + 60


def test_the_page_knows_when_to_ask() -> None:
    page = browser_of().get("/account/").content.decode()

    assert 'data-ask-after="1680" data-over-after="1800"' in page
    assert "idle" not in Client().get("/accounts/login/").content.decode()
