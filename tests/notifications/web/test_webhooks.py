"""Managers, and nobody else, say which programs hear of changes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.web.urls import urlpatterns
from scheduling.models import Event
from tests.factories import make_site
from tests.scheduling.web.test_page_access import STAFF, browser_of

pytestmark = pytest.mark.django_db
LIST = "/desk/setup/webhooks/"
SAID = {
    "url": "https://hooks.example/in",
    "description": "Front of house",
    "types": ["appointment.booked", "appointment.noshow"],
}


@pytest.fixture
def manager() -> Client:
    make_site()
    return browser_of("manager")


def added(manager: Client, **changed: object) -> tuple[WebhookEndpoint, str]:
    """The endpoint, and the page that shows its secret."""
    answer = manager.post(LIST, SAID | changed, follow=True)
    return WebhookEndpoint.objects.latest("created_at"), answer.content.decode()


def secrets_in(page: str) -> list[str]:
    return re.findall(r"whsec_[\w+/=]+", page)


def test_the_secret_is_shown_once(manager: Client) -> None:
    endpoint, page = added(manager)

    assert secrets_in(page) == [endpoint.secret]
    assert secrets_in(manager.get(f"{LIST}{endpoint.pk}/").content.decode()) == []
    assert "Front of house" in manager.get(LIST).content.decode()
    assert endpoint.types == ["appointment.booked", "appointment.noshow"]
    event = Event.objects.get(verb="webhook_added")
    assert "whsec_" not in str(event.facts)


def test_a_new_secret_is_shown_once_too(manager: Client) -> None:
    endpoint, _page = added(manager)
    page = manager.post(f"{LIST}{endpoint.pk}/rotate/", follow=True).content.decode()
    before = endpoint.secret
    endpoint.refresh_from_db()
    assert secrets_in(page) == [endpoint.secret] != [before]
    assert "The secret before signs too until" in page
    assert endpoint.old_secret == before


def test_a_test_waits_and_is_shown(manager: Client) -> None:
    endpoint, _page = added(manager)
    page = manager.post(f"{LIST}{endpoint.pk}/test/", follow=True).content.decode()
    assert "The test is on its way." in page
    assert WebhookDelivery.objects.get().type == "webhook.test"


def test_switch_off_and_on(manager: Client) -> None:
    endpoint, _page = added(manager)
    manager.post(f"{LIST}{endpoint.pk}/test/")
    page = manager.post(f"{LIST}{endpoint.pk}/switch/", follow=True).content.decode()
    assert "Switched off." in page
    assert "not sent: switched off" in page
    manager.post(f"{LIST}{endpoint.pk}/test/")
    assert WebhookDelivery.objects.count() == 1
    manager.post(f"{LIST}{endpoint.pk}/switch/", {"on": "1"})
    endpoint.refresh_from_db()
    assert endpoint.active


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https://ada:secret@hooks.example/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://hooks.example/" + "x" * 500,
        "javascript:alert(1)",
        "https://hooks.example/\r\nX: 1",
    ],
)
def test_what_cannot_be_called_is_refused_and_nothing_is_lost(manager: Client, url: str) -> None:
    answer = manager.post(LIST, SAID | {"url": url})
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"url"}
    assert "Front of house" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_only_what_is_known_can_be_chosen(manager: Client) -> None:
    for types in ([], ["patient.named"]):
        answer = manager.post(LIST, SAID | {"types": types})
        assert answer.context["form"].errors.keys() == {"types"}


def test_loopback_is_for_tests_and_demos(manager: Client, settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    endpoint, _page = added(manager, url="http://127.0.0.1:9000/in")
    assert endpoint.url == "http://127.0.0.1:9000/in"


PAGES = [str(one.pattern) for one in urlpatterns if "webhooks" in str(one.pattern)]
POSTED = ("rotate/", "switch/", "test/")


@pytest.mark.parametrize("route", PAGES)
def test_managers_alone(manager: Client, route: str) -> None:
    endpoint, _page = added(manager)
    path = "/" + route.replace("<uuid:endpoint_id>", str(endpoint.pk))
    before = (WebhookEndpoint.objects.values().get(), WebhookDelivery.objects.count())
    for person in ("anonymous", "visitor", "left", "otto", *STAFF):
        if person == "manager":
            continue
        browser = browser_of(person)
        expected = 302 if person in ("anonymous", "visitor", "left") else 403
        assert browser.post(path, SAID).status_code == expected, person
        assert browser.get(path).status_code in (expected, 405), person
    assert (WebhookEndpoint.objects.values().get(), WebhookDelivery.objects.count()) == before
    assert manager.get(path).status_code == (405 if path.endswith(POSTED) else 200)


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_same_however_much_there_is(
    manager: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(rows):
        endpoint, _page = added(manager)
        for _test in range(rows):
            manager.post(f"{LIST}{endpoint.pk}/test/")
    manager.get(LIST)
    with django_assert_num_queries(6):
        manager.get(LIST)
    with django_assert_num_queries(7):
        manager.get(f"{LIST}{endpoint.pk}/")


def test_an_old_secret_is_not_spoken_of_for_ever(manager: Client) -> None:
    endpoint, _page = added(manager)
    manager.post(f"{LIST}{endpoint.pk}/rotate/")
    WebhookEndpoint.objects.update(old_secret_until=timezone.now() - timedelta(hours=1))
    assert "signs too until" not in manager.get(f"{LIST}{endpoint.pk}/").content.decode()
