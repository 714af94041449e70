"""The looks of a mail, in its tags: mail programs keep attributes and drop style sheets.

The rules of `config/styles/mail.css` are applied once, when a template is compiled; a message then
costs no more than its words.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from css_inline import CSSInliner
from django import template
from django.template.base import Parser, TextNode, Token

register = template.Library()
STYLES = Path(__file__).resolve().parent.parent / "styles"
STYLE = re.compile(r'style="([^"]*)"')


@register.tag
def look(parser: Parser, token: Token) -> TextNode:
    """`<p{% look "text" %}>` becomes `<p class="text" style="…">`. Raises TemplateSyntaxError for a
    look that `mail.css` does not have."""
    parts = token.split_contents()
    if len(parts) != 2:
        raise template.TemplateSyntaxError('Say which one: {% look "text" %}')
    return TextNode(dressed(parts[1].strip("\"'")))


@register.tag
def mail_media(parser: Parser, token: Token) -> TextNode:
    """The one style sheet of a mail: what attributes cannot say."""
    rules = (STYLES / "mail-media.css").read_text(encoding="utf-8")
    return TextNode(f"<style>\n{rules}</style>")


@cache
def dressed(name: str) -> str:
    """The attributes of whoever wears that class."""
    made = _inliner().inline_fragment(f'<div class="{name}"></div>', css="")
    found = STYLE.search(made)
    if found is None:
        raise template.TemplateSyntaxError(f"mail.css has no look named {name!r}")
    return f' class="{name}" style="{found[1].rstrip(";")}"'


@cache
def _inliner() -> CSSInliner:
    rules = (STYLES / "mail.css").read_text(encoding="utf-8")
    return CSSInliner(extra_css=rules, load_remote_stylesheets=False)
