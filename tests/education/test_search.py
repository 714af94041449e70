"""What readers find, however they spell it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from education.finding import search
from education.models import Page, SearchWord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]


def slugs(language: str, typed: str) -> list[str]:
    return [hit.slug for hit in search(language, typed).hits]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("depression", "depression"),
        ("DEPRESSIONS", "depression"),
        ("side effects", "safety-and-side-effects"),
        ("drive home", "your-first-day"),
        ('"chest pain"', "safety-and-side-effects"),
        ("first day -safety", "your-first-day"),
    ],
)
def test_pages_are_found_by_their_words(typed: str, first: str) -> None:
    found = search("en", typed)
    assert (found.hits[0].slug, found.meant) == (first, ())


def test_titles_weigh_more_than_mentions() -> None:
    assert slugs("en", "depression")[:2] == ["depression", "safety-and-side-effects"]


@pytest.mark.parametrize(
    ("typed", "meant", "first"),
    [
        ("depresion", "depression", "depression"),
        ("deppression", "depression", "depression"),
        ("ketamin depresssion", "ketamine", "depression"),
        ("anxeity", "anxiety", "depression"),
        ("pian", "pain", None),
        ("saftey", "safety", "safety-and-side-effects"),
        ("dizy", "dizzy", "safety-and-side-effects"),
        ("depre", "depression", "depression"),
        ("sid efects", "side", "safety-and-side-effects"),
    ],
)
def test_a_mistyped_word_finds_what_was_meant(typed: str, meant: str, first: str | None) -> None:
    found = search("en", typed)

    assert found.hits
    assert meant in found.meant
    assert first is None or found.hits[0].slug == first


def test_without_the_words_of_the_pages_a_typing_mistake_finds_nothing() -> None:
    """The control: it is they that bear mistakes."""
    SearchWord.objects.all().delete()
    assert search("en", "depresion").hits == ()


def test_accents_may_be_there_or_not() -> None:
    for typed in ("depresión", "depresion", "DEPRESIÓN", "ketamína"):
        assert slugs("es", typed) == ["depression"]
    assert search("es", "depresion").meant == (), "without an accent it is no mistake"
    assert slugs("es", "mejoras") == ["depression"], "Spanish endings are Spanish"


def test_each_language_finds_its_own() -> None:
    assert slugs("es", "safety") == []
    assert slugs("en", "respuesta") == []


def test_what_was_found_is_marked_and_nothing_else_is_markup() -> None:
    Page.objects.filter(slug="depression", language="en").update(words="1 < 2 & depression")
    (hit,) = (one for one in search("en", "depression").hits if one.slug == "depression")

    assert "1 &lt; 2 &amp; <mark>depression</mark>" in hit.excerpt
    assert "<script" not in hit.excerpt


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "\0",
        "'",
        '"',
        "!&|()",
        ":*",
        "a" * 5000,
        "<b>",
        "%",
        "\\",
        "🌿",
        "zzzzzzzzqq",
        "-" * 50,
        "or " * 33,
        "((((" * 20,
        '"' * 99,
    ],
)
def test_whatever_is_typed_is_answered(typed: str, client: Client) -> None:
    assert search("en", typed).hits == ()
    assert client.get("/learn/en/search/", {"q": typed}).status_code == 200


def test_what_only_excludes_is_answered_too() -> None:
    assert len(slugs("en", "-q " * 33)) == 3


def test_a_page_that_is_not_published_is_not_found() -> None:
    Page.objects.filter(slug="depression", language="en").update(published=None)
    assert slugs("en", "depression") == ["safety-and-side-effects"]


def test_one_query_where_it_is_found(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        search("en", "depression")
    with django_assert_num_queries(3):  # type: ignore[operator]
        search("en", "depresion")


def test_the_page_says_what_it_looked_for(client: Client) -> None:
    page = client.get("/learn/en/search/", {"q": "depresion"})
    text = page.content.decode()

    assert "No page has “depresion”. These are for “depression”." in text
    assert "<mark>depression</mark>" in text.lower()
    assert '<meta name="robots" content="noindex">' in text
    assert "no-store" in page["Cache-Control"]
    assert (
        "Nothing was found for “qqqqqqq”"
        in client.get("/learn/en/search/?q=qqqqqqq").content.decode()
    )


def test_nobody_searches_without_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from education.web import throttle

    monkeypatch.setattr(throttle._LibraryThrottle, "THROTTLE_RATES", {"page_search": "2/min"})
    cache.clear()
    answers = [client.get("/learn/en/search/?q=sleep").status_code for _ in range(3)]

    assert answers == [200, 200, 429]
    assert client.get("/learn/en/search/").status_code == 200, "looking at the page is free"
    assert client.get("/learn/en/depression/").status_code == 200
