"""A page as HTML: only what stands on a closed list of elements, whoever wrote it.

Drawings are put in last, into their empty places: they are ours, and no author's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import nh3
from django.utils.text import slugify
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from education.markup.document import Document
from education.markup.parser import cited, heading_text, parse
from education.markup.shelf import Shelf

TAGS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "hr"),
    *("br", "a", "sup", "button", "span", "div", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href", "role", "rel"},
    "button": {"type", "class", "popovertarget"},
    "div": {"class", "id", "tabindex", "role"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "ol": {"start"},
    "span": {"class", "id", "popover"},
    "sup": {"class"},
}
SCHEMES = {"https", "tel", "sms", "mailto"}
_PLACE = re.compile(r'<div class="place" id="figure-([a-z-]+)"></div>')


@dataclass(frozen=True, slots=True)
class Rendered:
    """`contents` are the headings of level 2 (id, words); `sources` the ids in the order of their
    numbers; `terms` the words explained, in small letters."""

    html: str
    contents: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(slots=True)
class _Notes:
    """What is gathered on the way through the text."""

    shelf: Shelf
    address: Callable[[str], str]
    inline_terms: bool
    contents: list[tuple[str, str]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


def render(
    document: Document,
    shelf: Shelf,
    *,
    address: Callable[[str], str],
    figures: Mapping[str, str],
    inline_terms: bool = True,
) -> Rendered:
    """The body of a page. `address` gives the address of another page by its slug, `figures` the
    drawings by name; `inline_terms` False leaves words unexplained, for paper."""
    notes = _Notes(shelf, address, inline_terms)
    html = _Renderer().render(parse(document.body), OptionsDict({}), {"notes": notes})  # type: ignore[typeddict-item]
    safe = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)
    safe = _PLACE.sub(lambda found: figures.get(found[1], ""), safe)
    return Rendered(safe, tuple(notes.contents), tuple(notes.sources), tuple(notes.terms))


def plain_text(document: Document) -> str:
    """The words of a page, a paragraph to a line: what a search looks through."""
    lines = []
    for token in parse(document.body):
        if token.type == "inline":
            shown = [
                child.content if child.type in ("text", "term", "code_inline") else " "
                for child in token.children or ()
                if child.type not in ("citation", "link_open", "link_close")
                and not child.type.startswith(("strong", "em_"))
            ]
            words = " ".join("".join(shown).split())
            lines.append(re.sub(r" ([.,;:!?])", r"\1", words))
    return "\n".join(line for line in lines if line)


class _Renderer(RendererHTML):
    """Draws the marks that are ours; the rest is as the library does it."""

    def citation(
        self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: dict[str, Any]
    ) -> str:
        notes: _Notes = env["notes"]
        links = []
        for source in cited(tokens[index]):
            if source not in notes.sources:
                notes.sources.append(source)
            number = notes.sources.index(source) + 1
            links.append(f'<a href="#source-{number}" role="doc-noteref">{number}</a>')
        return f'<sup class="cites">{" ".join(links)}</sup>'

    def term(
        self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: dict[str, Any]
    ) -> str:
        notes: _Notes = env["notes"]
        token = tokens[index]
        shown, entry = escape(token.content), notes.shelf.term(token.meta["term"])
        inside = any(one.type == "link_open" for one in tokens[:index]) and not any(
            one.type == "link_close" for one in tokens[:index]
        )
        if entry is None or inside or entry.term.casefold() in notes.terms:
            return shown
        notes.terms.append(entry.term.casefold())
        if not notes.inline_terms:
            return shown
        key = f"term-{slugify(entry.term)}"
        words = f"<strong>{escape(entry.term)}</strong>: {escape(entry.definition)}"
        return (
            f'<button type="button" class="term" popovertarget="{key}">{shown}</button>'
            f'<span class="definition" id="{key}" popover>{words}</span>'
        )

    def figure(
        self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: dict[str, Any]
    ) -> str:
        return f'<div class="place" id="figure-{escape(tokens[index].content)}"></div>\n'

    def heading_open(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: dict[str, Any]
    ) -> str:
        notes: _Notes = env["notes"]
        token, words = tokens[index], heading_text(tokens[index + 1])
        key = base = slugify(words) or "part"
        number = 1
        while key in notes.ids:
            number += 1
            key = f"{base}-{number}"
        notes.ids.add(key)
        if token.tag == "h2":
            notes.contents.append((key, words))
        return f'<{token.tag} id="{key}">'

    def link_open(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: dict[str, Any]
    ) -> str:
        notes: _Notes = env["notes"]
        target = str(tokens[index].attrGet("href"))
        if target.startswith("page:"):
            slug, _, part = target.removeprefix("page:").partition("#")
            return f'<a href="{escape(notes.address(slug))}{escape("#" + part if part else "")}">'
        return f'<a href="{escape(target)}" rel="noopener noreferrer">'

    def table_open(
        self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: dict[str, Any]
    ) -> str:
        return '<div class="scroll" tabindex="0" role="group"><table>\n'

    def table_close(
        self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: dict[str, Any]
    ) -> str:
        return "</table></div>\n"
