"""A page as its author writes it: front matter in YAML between two lines of ---, then Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scheduling.core.mistakes import Mistake
from scheduling.core.validate import PAGE
from scheduling.protocols.fields import Fields
from scheduling.protocols.parsing import Line, ProtocolError, parse, raise_mistakes

UNSIGNED = "awaiting clinical review"
MAX_SUMMARY = 160
"""Longer ones are cut off by whoever shows them as a result of a search."""
MAX_BYTES = 60_000
FENCE = "---\n"


class Topic(StrEnum):
    """The closed list, in the order in which a library shows them."""

    BASICS = "basics"
    CONDITIONS = "conditions"
    TOGETHER = "together"
    VISIT = "visit"
    SAFETY = "safety"
    PRACTICAL = "practical"
    HELP = "help"


class Strength(StrEnum):
    """How well studied a use is, from most to least."""

    STRONG = "strong"
    MODERATE = "moderate"
    MIXED = "mixed"
    SMALL = "small"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """`people` took part in the main trials, None where no trial says; `one_line` is what they
    found."""

    strength: Strength
    people: int | None
    one_line: str


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    right: bool
    explain: str


@dataclass(frozen=True, slots=True)
class Question:
    """One of three by which a reader sees whether a page was clear. Exactly one answer is right."""

    ask: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`reviewed` is null, and `reviewer_role` says `UNSIGNED`, until a clinician has signed."""

    title: str
    summary: str
    topic: Topic
    order: int
    updated: date | None
    reviewed: date | None
    reviewer_role: str
    sources: tuple[str, ...]
    related: tuple[str, ...]
    evidence: Evidence | None
    questions: tuple[Question, ...]
    body: str
    body_line: int


class DocumentError(ProtocolError):
    """The text is no page; `problems` are all the reasons, each with its line."""


class _Fields(Fields):
    """Knows dates and null as well."""

    def nothing(self, key: str) -> bool:
        """Whether the key is there and says null."""
        return self.has(key) and self.peek(key) is None and self._unread.pop(key, None) is None

    def part(self, key: str) -> _Fields:
        return _Fields(self._take(key, None) or {}, (*self.path, key), self.mistakes)

    def day(self, key: str, *, optional: bool = False) -> date | None:
        if optional and self.nothing(key):
            return None
        value = self._take(key, None)
        if isinstance(value, date):
            return value
        if value is not None:
            self.mistake((key,), f"{key} must be a date: 2026-11-30")
        return None


def read_document(text: str, name: str) -> Document:
    """The page in a text; `name` is the file named in errors. Raises DocumentError."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff")
    front, end, body = text.removeprefix(FENCE).partition(f"\n{FENCE}")
    if not text.startswith(FENCE) or not end:
        raise DocumentError([Line(name, 1, "a page begins with front matter between two ---")])
    if len(text) > MAX_BYTES:
        raise DocumentError([Line(name, 1, f"longer than {MAX_BYTES} characters")])
    try:
        values, lines = parse(front, name)
        mistakes: list[Mistake] = []
        body_line = front.count("\n") + 4
        document = _document(_Fields(values, (), mistakes), body, body_line)
        raise_mistakes(mistakes, name, lines)
    except ProtocolError as error:
        moved = [Line(one.file, one.line + 1, one.text) for one in error.problems]
        raise DocumentError(moved) from None
    return document


def _document(fields: _Fields, body: str, body_line: int) -> Document:
    document = Document(
        title=fields.text("title"),
        summary=fields.text("summary"),
        topic=fields.choice("topic", Topic),
        order=fields.number("order"),
        updated=fields.day("updated"),
        reviewed=fields.day("reviewed", optional=True),
        reviewer_role=fields.text("reviewer_role"),
        sources=fields.words("sources"),
        related=fields.words("related"),
        evidence=_evidence(fields.part("evidence")) if fields.has("evidence") else None,
        questions=tuple(_question(item) for item in fields.each("questions")),
        body=body,
        body_line=body_line,
    )
    if len(document.title) > 120:
        fields.mistake(("title",), "title is longer than 120 characters")
    if len(document.summary) > MAX_SUMMARY:
        fields.mistake(("summary",), f"summary is longer than {MAX_SUMMARY} characters")
    if (document.reviewed is None) != (document.reviewer_role == UNSIGNED):
        fields.mistake(("reviewed",), f"no date goes with `{UNSIGNED}`, and a date with a role")
    if document.questions and len(document.questions) != 3:
        fields.mistake(("questions",), "there are three questions, or none")
    for index, slug in enumerate(document.related):
        if not PAGE.fullmatch(slug):
            fields.mistake(("related", index), f"{slug!r} is no name of a page")
    fields.close()
    return document


def _evidence(fields: _Fields) -> Evidence:
    evidence = Evidence(
        strength=fields.choice("strength", Strength),
        people=None if fields.nothing("people") else fields.number("people"),
        one_line=fields.text("one_line"),
    )
    fields.close()
    return evidence


def _question(fields: Fields) -> Question:
    question = Question(
        ask=fields.text("ask"), answers=tuple(_answer(item) for item in fields.each("answers"))
    )
    if sum(answer.right for answer in question.answers) != 1 or len(question.answers) < 2:
        fields.mistake(("answers",), "of two or more answers exactly one is right")
    fields.close()
    return question


def _answer(fields: Fields) -> Answer:
    answer = Answer(
        text=fields.text("text"), right=fields.flag("right"), explain=fields.text("explain")
    )
    fields.close()
    return answer
