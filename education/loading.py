"""Reads the folder of pages, sources and glossaries. Every mistake is told with file and line."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from education.markup.check import mistakes_of
from education.markup.document import Document, read_document
from education.markup.shelf import Shelf, SourceEntry, TermEntry
from scheduling.protocols.parsing import Line, ProtocolError, parse

FOLDER = pathlib.Path(__file__).parent / "content"
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A source as its file tells it; `seen` is how much of it was looked at."""

    entry: SourceEntry
    seen: str


@dataclass(frozen=True, slots=True)
class Library:
    """Everything the folder holds. Texts and documents by (language, slug); terms by language."""

    sources: Mapping[str, SourceFile]
    terms: Mapping[str, tuple[TermEntry, ...]]
    texts: Mapping[tuple[str, str], str]
    documents: Mapping[tuple[str, str], Document]

    def shelf(self, language: str) -> Shelf:
        """What stands around the pages of one language."""
        return Shelf(
            language,
            {key: source.entry for key, source in self.sources.items()},
            {term.term.casefold(): term for term in self.terms.get(language, ())},
            {slug: one.title for (code, slug), one in self.documents.items() if code == language},
        )


def load_library(folder: pathlib.Path = FOLDER) -> Library:
    """All that the folder holds, checked. Raises ProtocolError with every mistake."""
    problems: list[Line] = []
    sources = _sources(folder / "sources.yaml", problems)
    terms = {
        code: _terms(folder / f"glossary.{code}.yaml", sources, problems) for code in LANGUAGES
    }
    texts: dict[tuple[str, str], str] = {}
    documents: dict[tuple[str, str], Document] = {}
    for code in LANGUAGES:
        for file in sorted((folder / code).glob("*.md")):
            text = file.read_text(encoding="utf-8")
            try:
                documents[code, file.stem] = read_document(text, f"{code}/{file.name}")
                texts[code, file.stem] = text
            except ProtocolError as error:
                problems += error.problems
    library = Library(sources, terms, texts, documents)
    for (code, slug), document in documents.items():
        problems += mistakes_of(document, library.shelf(code), f"{code}/{slug}.md")
    if problems:
        raise ProtocolError(problems)
    return library


def _sources(file: pathlib.Path, problems: list[Line]) -> dict[str, SourceFile]:
    found = {}
    for key, value, line in _entries(file, problems):
        doi, url = value.get("doi"), value.get("url")
        citation, seen = value.get("citation"), value.get("seen", "")
        unknown = set(value) - {"citation", "doi", "url", "from_memory", "seen"}
        if unknown or not isinstance(citation, str) or not isinstance(seen, str):
            problems.append(Line(file.name, line, f"{key}: a citation, doi or url, and no more"))
            continue
        address = f"https://doi.org/{doi}" if doi else str(url or "")
        entry = SourceEntry(citation, address, bool(value.get("from_memory")))
        found[key] = SourceFile(entry, seen)
    return found


def _terms(
    file: pathlib.Path, sources: Mapping[str, SourceFile], problems: list[Line]
) -> tuple[TermEntry, ...]:
    found = []
    for term, value, line in _entries(file, problems):
        words, cited = value.get("definition"), value.get("sources", [])
        if not isinstance(words, str) or not isinstance(cited, list):
            problems.append(Line(file.name, line, f"{term}: a definition, and a list of sources"))
            continue
        for one in cited:
            if one not in sources:
                problems.append(Line(file.name, line, f"{term}: unknown source {one}"))
        found.append(TermEntry(term, " ".join(words.split()), tuple(cited)))
    return tuple(found)


def _entries(file: pathlib.Path, problems: list[Line]) -> list[tuple[str, dict[str, Any], int]]:
    """The mappings of a file by name, each with its line; a bare text is its definition."""
    try:
        values, lines = parse(file.read_text(encoding="utf-8"), file.name)
    except ProtocolError as error:
        problems += error.problems
        return []
    entries = []
    for name, value in (values or {}).items():
        line = lines.get((name,), 1)
        if isinstance(value, str):
            entries.append((name, {"definition": value}, line))
        elif isinstance(value, dict):
            entries.append((name, value, line))
        else:
            problems.append(Line(file.name, line, f"{name}: expected a mapping"))
    return entries
