"""A page's text: its front matter, and the line of every mistake in it."""

from __future__ import annotations

import pytest

from education.markup.document import Strength, Topic, read_document
from scheduling.protocols.parsing import ProtocolError
from tests.education.conftest import FOLDER

SAFETY = (FOLDER / "en/safety-and-side-effects.md").read_text()
DEPRESSION = (FOLDER / "en/depression.md").read_text()


def problems(text: str) -> list[str]:
    with pytest.raises(ProtocolError) as caught:
        read_document(text, "page.md")
    return [str(problem) for problem in caught.value.problems]


def test_a_page_is_read() -> None:
    page = read_document(DEPRESSION, "page.md")

    assert (page.title, page.topic, page.order) == ("Ketamine and depression", Topic.CONDITIONS, 1)
    assert page.evidence is not None
    assert (page.evidence.strength, page.evidence.people) == (Strength.MODERATE, 365)
    assert (page.reviewed, page.questions, page.related) == (
        None,
        (),
        ("safety-and-side-effects",),
    )
    assert page.body.lstrip().startswith("## In short")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    odd = "\ufeff" + DEPRESSION.replace("\n", "\r\n")
    assert read_document(odd, "page.md") == read_document(DEPRESSION, "page.md")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("topic: safety", "topic: saftey", "page.md:4: 'saftey' must be one of basics, conditions"),
        ("order: 1", "odrer: 1", "page.md:5: unknown key odrer"),
        ("updated: 2026-11-20", "updated: soon", "page.md:6: updated must be a date"),
        ("reviewed: null", "reviewed: 2026-11-20", "page.md:7: no date goes with"),
        ("summary: Freq", f"summary: {'x' * 160} Freq", "page.md:3: summary is longer than 160"),
        ("related: [depression]", "related: [De pression]",
         "page.md:10: 'De pression' is no name of a page"),
        ("right: true, explain: \"Sleep", "right: false, explain: \"Sleep",
         "page.md:13: of two or more answers exactly one is right"),
        ("title: Safety and side effects\n", "", "page.md:2: title is missing"),
    ],
)  # fmt: skip
def test_each_mistake_points_at_its_line(old: str, new: str, told: str) -> None:
    assert SAFETY.count(old) == 1
    assert any(problem.startswith(told) for problem in problems(SAFETY.replace(old, new)))


def test_there_are_three_questions_or_none() -> None:
    text = SAFETY[: SAFETY.index("  - ask: May")] + SAFETY[SAFETY.index("---\n\n##") :]
    assert problems(text) == ["page.md:11: there are three questions, or none"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "page.md:1: a page begins with front matter"),
        ("# Only Markdown\n", "page.md:1: a page begins with front matter"),
        ("---\ntitle: [\n---\n", "page.md:2: expected the node content"),
        ("---\n- a\n---\n", "page.md:2: expected a mapping"),
        ("---\ntitle: &x a\nsummary: *x\n---\n", "page.md:3: aliases are not used here"),
        (f"---\ntitle: x\n---\n{'x' * 60_001}", "page.md:1: longer than 60000 characters"),
    ],
)
def test_what_is_no_page_at_all(text: str, told: str) -> None:
    assert problems(text)[0].startswith(told)
