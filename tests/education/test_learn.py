"""The public pages: the same for everybody, kept until something changes, and easy to find."""

from __future__ import annotations

import gzip
import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from education.models import Page
from education.operations.publish import mark_of, publish_page
from education.web import serve
from scheduling.operations.actor import Actor
from tests.factories import NOW, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]

ADDRESSES = [
    "/learn/en/",
    "/learn/es/",
    "/learn/en/topics/conditions/",
    "/learn/en/depression/",
    "/learn/en/depression/print/",
    "/learn/es/depression/",
    "/learn/en/glossary/",
    "/learn/en/search/?q=depression",
]


def text(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


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


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_is_known_there(address: str, client: Client) -> None:
    anonymous = client.get(address)
    known = Client()
    known.force_login(make_user("ada@example.org"))
    answer = known.get(address)

    assert answer.content == anonymous.content
    for one in (anonymous, answer):
        assert one.status_code == 200
        assert not one.cookies
        assert "Cookie" not in one.get("Vary", "")
        assert one["X-Frame-Options"] == "DENY"
        assert "script-src 'self'" in one["Content-Security-Policy"]
    assert "ada@" not in answer.content.decode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_asks_anything_of_anybody_else(address: str, client: Client) -> None:
    page = text(client, address)
    asked = re.findall(r'(?:<script[^>]*src|<img[^>]*src|<link[^>]*href)="([^"]+)"', page)
    ours = ("/", "http://testserver/")

    assert asked
    assert [one for one in asked if not one.startswith(ours)] == []
    assert "<img" not in page
    assert "style=" not in page


def test_the_language_is_that_of_the_address(client: Client) -> None:
    client.cookies["django_language"] = "en"
    page = client.get("/learn/es/depression/", headers={"Accept-Language": "en"})

    assert page["Content-Language"] == "es"
    assert '<html lang="es"' in page.content.decode()
    assert "Ketamina y depresión" in page.content.decode()


def test_a_page_travels_packed_to_whoever_unpacks_it(client: Client) -> None:
    plain = client.get("/learn/en/depression/")
    packed = client.get("/learn/en/depression/", headers={"Accept-Encoding": "br, gzip"})

    assert gzip.decompress(packed.content) == plain.content
    assert (packed["Content-Encoding"], packed["Vary"]) == ("gzip", "Accept-Encoding")
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) / 2
    assert packed["ETag"] != plain["ETag"], "strong tags tell other bytes apart"
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]}
    assert client.get("/learn/en/depression/", headers=again).status_code == 304
    crossed = {"If-None-Match": packed["ETag"]}
    assert client.get("/learn/en/depression/", headers=crossed).status_code == 200


def test_the_door_leads_to_the_browsers_language(client: Client) -> None:
    for asked, language in (("es-MX,es;q=0.9", "es"), ("de", "en"), ("", "en")):
        answer = client.get("/learn/", headers={"Accept-Language": asked})
        assert (answer.status_code, answer["Location"]) == (302, f"/learn/{language}/")
        assert "Accept-Language" in answer["Vary"]


def test_what_a_reader_has_already_is_not_sent_again(client: Client) -> None:
    first = client.get("/learn/en/depression/")
    again = client.get("/learn/en/depression/", headers={"If-None-Match": first["ETag"]})
    weak = client.get("/learn/en/depression/", headers={"If-None-Match": f"W/{first['ETag']}"})
    other = client.get("/learn/en/depression/", headers={"If-None-Match": '"other"'})

    assert first["Cache-Control"] == "public, max-age=0, stale-if-error=604800"
    assert first["ETag"].startswith('"'), "strong"
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert weak.status_code == 304
    assert (other.status_code, other.content) == (200, first.content)


def test_a_page_that_is_kept_costs_one_query(
    client: Client, django_assert_num_queries: Any
) -> None:
    client.get("/learn/en/depression/")
    with django_assert_num_queries(1):
        client.get("/learn/en/depression/")


def test_a_page_costs_the_same_however_many_there_are(
    client: Client, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(address: str, queries: int) -> None:
        monkeypatch.setattr(serve, "_memory", (None, {}))  # nothing is kept
        with django_assert_num_queries(queries):
            client.get(address)

    asked("/learn/en/depression/", 6)
    asked("/learn/en/", 2)
    Page.objects.exclude(slug="depression").update(published=None)
    asked("/learn/en/depression/", 6)
    asked("/learn/en/", 2)


def test_what_a_page_says_of_itself(client: Client) -> None:
    page = text(client, "/learn/en/depression/")

    for words in (
        '<link rel="canonical" href="http://testserver/learn/en/depression/">',
        '<link rel="alternate" hreflang="es" href="http://testserver/learn/es/depression/">',
        '<link rel="alternate" hreflang="x-default" href="http://testserver/learn/en/depression/">',
        '<meta name="description" content="Studied best, and still off-label.">',
        '<meta property="og:image" content="http://testserver/static/img/card.png">',
        '<meta property="og:title" content="Ketamine and depression">',
        "Written on 20 November 2026; awaiting clinical review.",
        '<a href="/learn/es/depression/" lang="es" hreflang="es">Español</a>',
    ):
        assert words in page
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    said = json.loads(data)
    assert (said["@type"], said["inLanguage"]) == ("MedicalWebPage", "en")
    assert said["citation"][0]["url"] == "https://doi.org/10.1056/NEJMoa2302399"
    assert "lastReviewed" not in said


def test_a_page_in_one_language_names_no_other(client: Client) -> None:
    page = text(client, "/learn/en/your-first-day/")
    assert 'hreflang="es"' not in page


def test_no_title_leaves_the_data_block(client: Client) -> None:
    publish("title: Ketamine and depression", 'title: "</script><b>x & y"')
    page = text(client, "/learn/en/depression/")
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert json.loads(data)["name"] == "</script><b>x & y"
    assert "</script><b>" not in page


def test_the_evidence_looks_the_same_on_every_condition(client: Client) -> None:
    page = text(client, "/learn/en/depression/")

    assert "How strong is the evidence?" in page
    assert "Moderate" in page
    assert page.count("fig-full") == 4
    assert page.count("fig-empty") == 1
    assert "365 people took part in the main trials." in page


def test_paper_explains_words_at_the_end_and_asks_for_nothing(client: Client) -> None:
    page = text(client, "/learn/en/depression/print/")

    assert "popover" not in page
    assert "<dt>response</dt><dd>Symptoms fell by half or more.</dd>" in page
    assert '<meta name="robots" content="noindex">' in page
    assert '<link rel="canonical" href="http://testserver/learn/en/depression/">' in page


def test_two_taps_from_the_front_door(client: Client) -> None:
    door = text(client, "/")

    for first in (
        "/learn/en/your-first-day/",
        "/learn/en/safety-and-side-effects/",
        "/learn/en/topics/conditions/",
    ):
        assert f'href="{first}"' in door
        assert client.get(first).status_code == 200
    assert 'href="/learn/en/depression/"' in text(client, "/learn/en/topics/conditions/")
    assert 'href="tel:988"' in text(client, "/learn/en/depression/")


@pytest.mark.parametrize(
    "address",
    [
        "/learn/en/nothing/",
        "/learn/xx/",
        "/learn/en/topics/nothing/",
        "/learn/en/a/b/c/",
        "/learn/x",
    ],
)
def test_what_is_not_there_is_answered_calmly(address: str, client: Client) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert "We could not find this page" in answer.content.decode()
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_a_slash_that_is_missing_is_added(client: Client) -> None:
    for address in ("/learn", "/learn/en", "/learn/en/depression"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (301, f"{address}/")


def test_nothing_can_be_sent_there(client: Client) -> None:
    for address in ADDRESSES:
        assert client.post(address).status_code == 405


def test_search_engines_find_every_page(client: Client) -> None:
    sitemap = text(client, "/learn/sitemap.xml")
    robots = text(client, "/robots.txt")

    assert sitemap.count("<url>") == 4
    assert (
        "<loc>http://testserver/learn/es/depression/</loc><lastmod>2026-11-23</lastmod>" in sitemap
    )
    assert 'hreflang="en" href="http://testserver/learn/en/depression/"' in sitemap
    assert "Sitemap: http://testserver/learn/sitemap.xml" in robots
    assert "Disallow: /my/" in robots
    assert "Disallow: /learn" not in robots
