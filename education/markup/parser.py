"""Markdown as pages use it: CommonMark with tables, without HTML or pictures, and four marks more.

`[@Ana23; @clinic]` cites, `[[term|shown]]` explains a word, `::figure name` on a line of its own
stands for a drawing, and a block that begins with `{plain}` makes no statement of fact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

CITATION = re.compile(r"\[@([A-Za-z0-9-]+(?:;\s*@[A-Za-z0-9-]+)*)\]")
TERM = re.compile(r"\[\[([^\]|\n]+)(?:\|([^\]\n]+))?\]\]")
FIGURE = re.compile(r"::figure ([a-z-]+)\s*")
PLAIN = "{plain}"


def parse(body: str) -> Sequence[Token]:
    """The tokens of a body. `token.map` counts its lines from 0."""
    return _MARKDOWN.parse(body)


def cited(token: Token) -> list[str]:
    """The ids of the sources that a token of type `citation` names."""
    return [one.strip().lstrip("@") for one in token.content.split(";")]


def heading_text(inline: Token) -> str:
    """The words of a heading."""
    return "".join(one.content for one in inline.children or () if one.type in ("text", "term"))


def _citation(state: StateInline, silent: bool) -> bool:
    found = CITATION.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("citation", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _term(state: StateInline, silent: bool) -> bool:
    found = TERM.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("term", "", 0)
        token.content = (found[2] or found[1]).strip()
        token.meta = {"term": found[1].strip()}
    state.pos = found.end()
    return True


def _figure(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    found = FIGURE.fullmatch(line)
    if found is None:
        return False
    if not silent:
        token = state.push("figure", "", 0)
        token.content, token.map = found[1], [start, start + 1]
        state.line = start + 1
    return True


def _plain(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and token.content.startswith(PLAIN):
            token.content = token.content.removeprefix(PLAIN).lstrip()
            token.meta["plain"] = True


def _make() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.disable(["image", "html_block", "html_inline", "reference"])
    markdown.inline.ruler.before("link", "citation", _citation)
    markdown.inline.ruler.before("link", "term", _term)
    markdown.block.ruler.before("paragraph", "figure", _figure, {"alt": ["paragraph", "list"]})
    markdown.core.ruler.before("inline", "plain", _plain)
    return markdown


_MARKDOWN = _make()
