"""What keeps a page from being published: a statement without a source, a link that leads nowhere.

Sources are asked of every sentence, not of every page, so that a reader who doubts one finds where
it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from education.markup.document import Document
from education.markup.parser import CITATION, cited, parse
from education.markup.shelf import Shelf
from scheduling.protocols.parsing import Line

FIGURES = ("course-timeline", "session-minutes", "evidence", "evidence-all")
OUTSIDE = ("https://", "tel:", "sms:", "mailto:")
MARK = "\x01"
_AFTER_STOP = re.compile(rf"([.!?][”\"'’»)]*)\s*({MARK}+)")
_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][”\"'’»)]))\s+(?=\S)")


def mistakes_of(document: Document, shelf: Shelf, name: str) -> list[Line]:
    """Everything wrong with a page that can be read, in the order of its lines."""
    tokens = parse(document.body)
    found = [
        *_statements(tokens, shelf),
        *_sources(document, tokens, shelf),
        *_links(tokens, shelf),
        *_headings(tokens),
        *_figures(document, tokens),
    ]
    lines = [Line(name, line + document.body_line, text) for line, text in found]
    for slug in document.related:
        if slug not in shelf.titles:
            lines.append(Line(name, 1, f"related: there is no page {slug}"))
    return sorted(lines, key=lambda line: line.line)


def sentences(text: str) -> list[str]:
    """The sentences of a block; every marker counts as the last character of its sentence."""
    marked = _AFTER_STOP.sub(r"\2\1", CITATION.sub(MARK, text))
    return [one.strip() for one in _END.split(marked) if one.strip(f"{MARK} ")]


_Found = Iterator[tuple[int, str]]


def _statements(tokens: Sequence[Token], shelf: Shelf) -> _Found:
    """Sentences without a source, or with none that anybody has looked up."""
    inside: list[str] = []
    row: list[Token] = []
    for token in tokens:
        if token.nesting == 1:
            inside.append(token.type)
            row = [] if token.type == "tr_open" else row
        elif token.nesting == -1:
            inside.pop()
            if token.type == "tr_close" and "tbody_open" in inside and not _cites(row):
                yield _line(row), "a row of a table needs a source: [@id]"
        elif token.type == "inline" and "table_open" in inside:
            row.append(token)
        if token.type != "inline" or token.meta.get("plain") or "heading_open" in inside:
            continue
        if "table_open" not in inside:
            for sentence in sentences(token.content):
                if MARK not in sentence:
                    yield _line([token]), f"a source is missing: “{sentence[:80]}”"
        for child in token.children or ():
            if child.type == "citation":
                entries = [shelf.sources.get(one) for one in cited(child)]
                known = [entry for entry in entries if entry is not None]
                if known and all(entry.from_memory for entry in known):
                    yield _line([token]), f"rests only on what nobody looked up: {child.content}"


def _sources(document: Document, tokens: Sequence[Token], shelf: Shelf) -> _Found:
    used: dict[str, int] = {}
    for token in tokens:
        for child in token.children or ():
            if child.type == "citation":
                used |= {one: _line([token]) for one in cited(child) if one not in used}
    for source, line in used.items():
        if source not in shelf.sources:
            yield line, f"unknown source {source}"
        elif source not in document.sources:
            yield line, f"{source} is cited but not listed under `sources`"
    for source in document.sources:
        if source not in used:
            yield 0, f"{source} is listed under `sources` but never cited"


def _links(tokens: Sequence[Token], shelf: Shelf) -> _Found:
    for token in tokens:
        for child in token.children or ():
            if child.type == "term" and shelf.term(child.meta["term"]) is None:
                yield _line([token]), f"the glossary does not explain {child.meta['term']}"
            if child.type == "link_open":
                target = str(child.attrGet("href"))
                slug = target.removeprefix("page:").partition("#")[0]
                if target.startswith("page:") and slug not in shelf.titles:
                    yield _line([token]), f"there is no page {slug}"
                elif not target.startswith(("page:", *OUTSIDE)):
                    yield _line([token]), f"{target} is neither page:name nor an https address"


def _headings(tokens: Sequence[Token]) -> _Found:
    before = 1
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            if level < 2 or level > before + 1:
                yield _line([token]), f"a heading of level {level} does not follow level {before}"
            before = level


def _figures(document: Document, tokens: Sequence[Token]) -> _Found:
    for token in tokens:
        if token.type == "figure" and token.content not in FIGURES:
            yield _line([token]), f"unknown figure {token.content}"
        if token.type == "figure" and token.content == "evidence" and document.evidence is None:
            yield _line([token]), "the figure evidence needs `evidence` above"


def _cites(row: Sequence[Token]) -> bool:
    return any(child.type == "citation" for token in row for child in token.children or ())


def _line(tokens: Sequence[Token]) -> int:
    return next((token.map[0] for token in tokens if token.map), 0)
