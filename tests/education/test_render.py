"""Pages as HTML: what authors may write, and what never gets through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from education.loading import load_library
from education.markup.render import Rendered, plain_text, render
from tests.education.conftest import FOLDER

LIBRARY = load_library(FOLDER)
PAGE = LIBRARY.documents["en", "depression"]


def shown(body: str, **figures: str) -> Rendered:
    return render(
        replace(PAGE, body=body),
        LIBRARY.shelf("en"),
        address=lambda slug: f"/learn/en/{slug}/",
        figures=figures,
    )


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b onclick=alert(1)>x</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://tracker.example/x.png)",
        "[[<script>alert(1)</script>]]",
        "[[response|<img src=x onerror=alert(1)>]]",
        '::figure x"><script>alert(1)</script>',
        "## <script>alert(1)</script>",
        "<a href='https://x.example' style='position:fixed'>x</a>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_no_text_becomes_a_script_a_picture_or_a_handler(body: str) -> None:
    html = shown(body).html
    for bad in ("<script", "<img", "<b ", 'javascript:alert(1)"', 'href="data:', "<a style"):
        assert bad not in html.lower()
    assert "onerror=" not in html.replace("onerror=alert(1)&gt;", "")


def test_sources_are_numbered_in_their_order_and_a_second_mention_keeps_its_number() -> None:
    page = shown("One. [@clinic] Two. [@Ana23; @clinic]")

    assert page.sources == ("clinic", "Ana23")
    assert '<a href="#source-1" role="doc-noteref">1</a></sup> Two.' in page.html
    assert '>2</a> <a href="#source-1" role="doc-noteref">1</a></sup>' in page.html


def test_a_word_is_explained_where_it_stands_first() -> None:
    page = shown("A [[response]] and a [[response|second]], [[off-label|off label]], [[unknown]].")

    assert page.html.count("popovertarget=") == 2
    assert '<button type="button" class="term" popovertarget="term-response">response' in page.html
    assert 'id="term-response" popover=""><strong>response</strong>: Symptoms fell' in page.html
    assert "and a second" in page.html
    assert ">off label</button>" in page.html
    assert page.html.count('class="term"') == 2
    assert page.terms == ("response", "off-label")


def test_headings_have_addresses_of_their_own() -> None:
    page = shown("## Day one\n\n## Day one\n\n### ¿Y después?\n")

    assert page.contents == (("day-one", "Day one"), ("day-one-2", "Day one"))
    assert '<h3 id="y-despues">¿Y después?</h3>' in page.html


def test_links_lead_to_pages_and_out() -> None:
    page = shown("[a](page:depression#in-short) [b](https://doi.org/10) [c](tel:988)")

    assert '<a href="/learn/en/depression/#in-short">a</a>' in page.html
    assert '<a href="https://doi.org/10" rel="noopener noreferrer">b</a>' in page.html
    assert '<a href="tel:988" rel="noopener noreferrer">c</a>' in page.html


def test_a_drawing_stands_in_its_place_and_a_missing_one_leaves_none() -> None:
    page = shown("::figure evidence\n\n::figure course-timeline\n", evidence="<svg></svg>")

    assert page.html.strip() == "<svg></svg>"


def test_plain_is_a_mark_and_no_word() -> None:
    assert shown("{plain} Call us.\n\n- {plain} Rest.").html.count("{plain}") == 0


def test_what_is_searched_are_words_alone() -> None:
    text = plain_text(PAGE)

    assert text.splitlines()[:2] == [
        "In short",
        "In one trial, 55 in 100 had a response. A response is not a cure. It is off label.",
    ]
    assert "Ana23" not in text
