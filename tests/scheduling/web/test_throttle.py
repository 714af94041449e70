"""Who looks for times without end is asked to wait; nobody else notices."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from redis import Redis

from scheduling.web.patient.keys import key
from scheduling.web.patient.throttle import PageSearchThrottle
from tests.factories import make_clinic, make_service, make_user

pytestmark = pytest.mark.django_db
PAGE = f"/visits/{key('evaluation')}/"


@pytest.fixture(autouse=True)
def two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    caches["default"].clear()
    monkeypatch.setattr(PageSearchThrottle, "rate", "2/min", raising=False)
    make_clinic()
    make_service("evaluation")


def statuses(browser: Client, times: int) -> list[int]:
    return [browser.get(PAGE).status_code for _ in range(times)]


def test_the_third_look_is_answered_calmly_and_says_when_to_come_back() -> None:
    visitor = Client()
    assert statuses(visitor, 3) == [200, 200, 429]

    answer = visitor.get(PAGE)

    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "Please wait a minute" in answer.content.decode()
    assert "/book/call/" in answer.content.decode()


def test_emptying_redis_forgives_nothing() -> None:
    visitor = Client()
    statuses(visitor, 2)

    Redis.from_url(settings.REDIS_URL).flushall()

    assert statuses(visitor, 1) == [429]


def test_a_new_browser_at_the_same_address_is_the_same_visitor() -> None:
    statuses(Client(), 2)

    assert statuses(Client(), 1) == [429]
    assert statuses(Client(REMOTE_ADDR="192.0.2.7"), 1) == [200]


def test_whoever_signed_in_is_counted_apart() -> None:
    statuses(Client(), 2)
    browser = Client()
    browser.force_login(make_user("ada@example.org"))

    assert statuses(browser, 3) == [200, 200, 429]


@pytest.mark.parametrize(
    "path", ["/book/plans/nothing/", "/book/plan/nothing/", "/book/plan/nothing/1/"]
)
def test_every_page_that_searches_counts(path: str) -> None:
    visitor = Client()
    statuses(visitor, 2)

    assert visitor.get(path).status_code == 429


def test_pages_that_search_nothing_stay_open() -> None:
    visitor = Client()
    statuses(visitor, 3)

    assert visitor.get("/book/").status_code == 200
    assert visitor.get("/book/call/").status_code == 200


def test_too_many_sign_in_attempts_read_as_calmly() -> None:
    answers = [
        Client().post("/accounts/signup/", {"email": f"ada{number}@example.org"})
        for number in range(21)
    ]

    assert answers[-1].status_code == 429
    assert "Please wait a minute" in answers[-1].content.decode()
