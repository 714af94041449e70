"""No statement without a source, no link that leads nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from education.loading import load_library
from education.markup.check import mistakes_of, sentences
from education.markup.document import Document
from education.markup.shelf import Shelf
from tests.education.conftest import FOLDER

LIBRARY = load_library(FOLDER)
SHELF = LIBRARY.shelf("en")
PAGE = LIBRARY.documents["en", "safety-and-side-effects"]


def found(body: str, *, sources: tuple[str, ...] = ("clinic",), shelf: Shelf = SHELF) -> list[str]:
    page: Document = replace(PAGE, body=body, sources=sources, related=(), body_line=1)
    return [f"{one.line}: {one.text}" for one in mistakes_of(page, shelf, "page.md")]


def test_what_is_sound_has_no_mistakes() -> None:
    assert found("## One\n\nIt is so. [@clinic] And so [@clinic].\n\n{plain} Call us.\n") == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("It is so.\n\nBut this. [@clinic]", "1: a source is missing: “It is so.”"),
        ("It is so. [@clinic] This is not.", "1: a source is missing: “This is not.”"),
        ("- One. [@clinic]\n- Two.", "2: a source is missing: “Two.”"),
        ("{plain} Fine.\n\nOn 3.5 of them. Yes? [@clinic]",
         "3: a source is missing: “On 3.5 of them.”"),
        ("| a |\n|---|\n| b |\n\nSo. [@clinic]", "3: a row of a table needs a source: [@id]"),
        ("So. [@clinic; @Nobody]", "1: unknown source Nobody"),
        ("So. [@clinic] And. [@Ana23]", "1: Ana23 is cited but not listed under `sources`"),
        ("{plain} So.", "1: clinic is listed under `sources` but never cited"),
        ("So. [@clinic]\n\n{plain} [[sedation]]", "3: the glossary does not explain sedation"),
        ("So. [@clinic]\n\n{plain} [a](page:b)", "3: there is no page b"),
        ("So. [@clinic]\n\n{plain} [a](http://b.org)",
         "3: http://b.org is neither page:name nor an https address"),
        ("So. [@clinic]\n\n{plain} [a](/desk/)",
         "3: /desk/ is neither page:name nor an https address"),
        ("# One\n\nSo. [@clinic]", "1: a heading of level 1 does not follow level 1"),
        ("## One\n\n#### Two\n\nSo. [@clinic]", "3: a heading of level 4 does not follow level 2"),
        ("So. [@clinic]\n\n::figure bars", "3: unknown figure bars"),
        ("So. [@clinic]\n\n::figure evidence", "3: the figure evidence needs `evidence` above"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(body: str, told: str) -> None:
    assert told in found(body)


def test_nothing_rests_on_memory_alone() -> None:
    alone = found("So. [@Guess]", sources=("Guess",))
    beside = found("So. [@Guess; @clinic]", sources=("Guess", "clinic"))

    assert alone == ["1: rests only on what nobody looked up: Guess"]
    assert beside == []


def test_a_related_page_exists() -> None:
    page = replace(PAGE, related=("nowhere",))
    (told,) = mistakes_of(page, SHELF, "page.md")
    assert told.text == "related: there is no page nowhere"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. [@a] Two. [@b; @c]", ["One\x01.", "Two\x01."]),
        ("Wait one to 2.5 hours [@a]. Then go?", ["Wait one to 2.5 hours \x01.", "Then go?"]),
        ("He said “no.” [@a] She left! [@b]", ["He said “no\x01.”", "She left\x01!"]),
        ("Two marks. [@a] [@b]", ["Two marks\x01."]),
    ],
)
def test_a_marker_belongs_to_the_sentence_before_it(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts
