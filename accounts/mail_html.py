"""Mails that are written as text alone, in the dress of all others."""

from __future__ import annotations

import re

from django.template.loader import render_to_string

ADDRESS = re.compile(r"https?://\S+")
PARAGRAPHS = re.compile(r"\n\s*\n")


def as_html(subject: str, text: str, *, code: str = "") -> str:
    """The same words as HTML: a paragraph for each, what is an address alone as a link, and the
    code so that it is found at a glance."""
    paragraphs = [
        {
            "text": one,
            "code": bool(code) and one == code,
            "link": ADDRESS.fullmatch(one) is not None,
        }
        for one in map(str.strip, PARAGRAPHS.split(text))
        if one
    ]
    return render_to_string("mail/words.html", {"subject": subject, "paragraphs": paragraphs})
