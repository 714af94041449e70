"""Reads the YAML files of this folder. Every mistake is reported with its file and line."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from scheduling.core.mistakes import Mistake
from scheduling.protocols.fields import Fields
from scheduling.protocols.parsing import parse, raise_mistakes

FOLDER = pathlib.Path(__file__).parent
ORIGINAL = "en"


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentDocument:
    """One version of a consent in one language. `covers` names the services that ask for it.

    `asks_again`: whoever signed an earlier version signs this one before the next treatment.
    `approved`: somebody has read this translation; only then is it shown.
    """

    slug: str
    version: int
    language: str
    title: str
    covers: tuple[str, ...]
    sections: tuple[Section, ...]
    asks_again: bool
    approved: bool
    review: str

    def text(self) -> list[dict[str, Any]]:
        """The words as plain values, as they are shown and kept."""
        return [
            {
                "heading": section.heading,
                "paragraphs": list(section.paragraphs),
                "points": list(section.points),
            }
            for section in self.sections
        ]


@cache
def load_consents(folder: pathlib.Path = FOLDER) -> tuple[ConsentDocument, ...]:
    """Every document in every language. Raises ProtocolError."""
    return tuple(
        read_consent(file.read_text(encoding="utf-8"), file.name)
        for file in sorted(folder.glob("*.yaml"))
    )


def read_consent(text: str, name: str) -> ConsentDocument:
    """The document in a YAML text; `name` is the file named in errors. Raises ProtocolError."""
    content, lines = parse(text, name)
    mistakes: list[Mistake] = []
    fields = Fields(content, (), mistakes)
    document = ConsentDocument(
        slug=fields.slug("consent"),
        version=fields.number("version"),
        language=fields.text("language"),
        title=fields.text("title"),
        covers=fields.words("covers"),
        sections=tuple(_section(item) for item in fields.each("sections")),
        asks_again=fields.flag("asks_again"),
        approved=fields.flag("approved"),
        review=fields.text("review"),
    )
    if f"{document.slug}.{document.language}.yaml" != name and not mistakes:
        fields.mistake((), f"belongs in a file {document.slug}.{document.language}.yaml")
    if not document.sections:
        fields.mistake((), "a consent needs sections")
    if not document.covers:
        fields.mistake((), "covers must name the services that ask for this consent")
    fields.close()
    raise_mistakes(mistakes, name, lines)
    return document


def _section(fields: Fields) -> Section:
    section = Section(
        heading=fields.text("heading"),
        paragraphs=fields.words("paragraphs"),
        points=fields.words("points"),
    )
    fields.close()
    return section
