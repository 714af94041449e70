"""What is kept changes the moment something it shows does, in every process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from education.models import Edition, Page, Source, Term
from education.operations.publish import mark_of, publish_page
from education.web import serve
from scheduling.models import Service
from scheduling.operations.actor import Actor
from tests import databases
from tests.factories import NOW, make_site, make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("kept_library"),
]


def text(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def publish(old: str, new: str) -> None:
    page = Page.objects.select_related("published").get(slug="depression", language="en")
    publish_page(
        actor=Actor.of(make_user("", "manager")),
        language="en",
        slug="depression",
        text=page.published.text.replace(old, new),  # type: ignore[union-attr]
        seen=mark_of(page),
        today=date(2026, 11, 23),
        now=NOW,
    )


def test_a_page_changes_the_moment_it_is_published(client: Client) -> None:
    before = client.get("/learn/en/depression/")
    publish("55 in 100", "56 in 100")
    after = client.get("/learn/en/depression/", headers={"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert "56 in 100" in after.content.decode()
    assert after["ETag"] != before["ETag"]


def test_a_drawing_changes_with_the_clinic(client: Client) -> None:
    call_command("load_protocols", verbosity=0)
    before = text(client, "/learn/en/your-first-day/")
    infusion = Service.objects.get(slug="infusion")
    infusion.definition["phases"]["recover"] = 90
    infusion.save()
    after = text(client, "/learn/en/your-first-day/")

    assert "130 minutes from start to end" in before
    assert "160 minutes from start to end" in after


@pytest.mark.parametrize(
    ("change", "address"),
    [
        (lambda: publish("55 in 100", "56 in 100"), "/learn/en/depression/"),
        (lambda: Source.objects.filter(key="Ana23").update(citation="Anand"),
         "/learn/en/depression/"),
        (lambda: Term.objects.filter(term="response").update(definition="Better by half."),
         "/learn/en/depression/"),
        (lambda: Page.objects.filter(slug="depression").update(published=None), "/learn/en/"),
        (lambda: call_command("load_protocols", verbosity=0), "/learn/en/your-first-day/"),
    ],
)  # fmt: skip
def test_whatever_a_page_shows_changes_it(
    change: Callable[[], object], address: str, client: Client
) -> None:
    before = client.get(address)
    assert client.get(address)["ETag"] == before["ETag"]
    change()
    assert client.get(address)["ETag"] != before["ETag"]


def test_without_the_mark_an_old_page_would_be_sent(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the mark that ends what is kept."""
    before = client.get("/learn/en/depression/")
    mark = serve.current_mark()
    monkeypatch.setattr(serve, "current_mark", lambda: mark)
    publish("55 in 100", "56 in 100")

    assert client.get("/learn/en/depression/").content == before.content


def test_what_pages_do_not_show_leaves_them_kept(client: Client) -> None:
    before = Edition.objects.get().mark
    make_user("someone@example.org")
    make_site()

    assert Edition.objects.get().mark == before


def test_a_connection_that_was_lost_is_made_anew(client: Client) -> None:
    before = client.get("/learn/en/depression/")
    connection.ensure_connection()
    with databases.administrator() as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    assert client.get("/learn/en/depression/").content == before.content
