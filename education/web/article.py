"""A page as its templates show it: to everybody, to a patient, and to whoever edits it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from education.figures.draw import evidence_bar, figures_of
from education.library import Entry
from education.markup.document import UNSIGNED, Document, Topic
from education.markup.render import Rendered, render
from education.markup.shelf import CLINIC, Shelf
from scheduling.core.protocol import ProtocolDefinition

TOPICS: dict[str, Promise] = {
    Topic.BASICS: _("The basics"),
    Topic.CONDITIONS: _("Conditions and evidence"),
    Topic.TOGETHER: _("What goes with it"),
    Topic.VISIT: _("Your visits"),
    Topic.SAFETY: _("Safety"),
    Topic.PRACTICAL: _("Practical questions"),
    Topic.HELP: _("Help now"),
}
ROLES: dict[str, Promise] = {
    UNSIGNED: _("awaiting clinical review"),
    "clinician": _("a clinician of this clinic"),
    "prescriber": _("a prescriber of this clinic"),
    "nurse": _("a nurse of this clinic"),
}
OWN = _("This clinic’s own practice or default. Not a published finding.")
CONTENTS_FROM = 3
"""Fewer headings need no table of contents."""


def article(
    document: Document,
    shelf: Shelf,
    *,
    address: Callable[[str], str],
    protocol: ProtocolDefinition | None = None,
    paper: bool = False,
) -> dict[str, Any]:
    """What the templates need of a page. `paper`: words are explained at its end."""
    figures = figures_of(document, shelf.language, protocol)
    rendered = render(document, shelf, address=address, figures=figures, inline_terms=not paper)
    placed = "::figure evidence\n" in f"{document.body}\n"
    return {
        "document": document,
        "body": mark_safe(rendered.html),  # noqa: S308 - cleaned by `render`
        "contents": rendered.contents if len(rendered.contents) >= CONTENTS_FROM else (),
        "sources": sources_of(rendered, shelf),
        "terms": [shelf.terms[key] for key in rendered.terms] if paper else (),
        "evidence": evidence_bar(document.evidence)
        if document.evidence is not None and not placed
        else "",
        "reviewer": ROLES.get(document.reviewer_role, document.reviewer_role),
        "signed": document.reviewed is not None,
        "rendered": rendered,
    }


def sources_of(rendered: Rendered, shelf: Shelf) -> list[dict[str, Any]]:
    """The numbered list under a page."""
    rows = []
    for number, key in enumerate(rendered.sources, start=1):
        entry = shelf.sources.get(key)
        if entry is not None:
            citation = OWN if key == CLINIC else entry.citation
            rows.append(
                {
                    "number": number,
                    "citation": citation,
                    "address": entry.address,
                    "from_memory": entry.from_memory,
                }
            )
    return rows


def related(document: Document, listed: list[Entry], slug: str) -> list[Entry]:
    """The pages that the author names, then others of the topic, five at most."""
    known = {entry.slug: entry for entry in listed}
    named = [known[one] for one in document.related if one in known]
    same = [one for one in listed if one.topic == document.topic and one not in named]
    return [one for one in (*named, *same) if one.slug != slug][:5]


def public_address(language: str) -> Callable[[str], str]:
    """Where other pages are, for readers of the public ones."""
    return lambda slug: reverse("learn-page", args=[language, slug])
