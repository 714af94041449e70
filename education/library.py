"""Pages as they are read from the database: what stands around them, and one of them whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.http import Http404

from education.markup.document import Document, Evidence, Topic, read_document
from education.markup.shelf import Shelf, SourceEntry, TermEntry
from education.models import Page, Source, Term

WAYS_IN = {
    "first_day": "your-first-day",
    "risks": "safety-and-side-effects",
    "evidence": "evidence-by-condition",
    "crisis": "crisis-help",
}
"""The pages that other pages lead to by what a reader wants to know."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A published page in a list."""

    slug: str
    title: str
    summary: str
    topic: str


def shelf_of(language: str, listed: Iterable[Entry] | None = None) -> Shelf:
    """Sources, glossary and published pages. Three queries, or two with the pages `listed`."""
    return Shelf(
        language,
        {
            row.key: SourceEntry(row.citation, row.address, row.from_memory)
            for row in Source.objects.all()
        },
        {
            row.term.casefold(): TermEntry(row.term, row.definition, tuple(row.sources))
            for row in Term.objects.filter(language=language)
        },
        {one.slug: one.title for one in (entries(language) if listed is None else listed)},
    )


def entries(language: str, **which: object) -> list[Entry]:
    """Published pages in the library's order. One query."""
    rows = Page.objects.filter(language=language, **which).exclude(published=None)
    topics = list(Topic)
    found = rows.order_by("order", "slug").values_list("slug", "title", "summary", "topic")
    return sorted((Entry(*row) for row in found), key=lambda one: topics.index(Topic(one.topic)))


def by_topic(listed: Iterable[Entry]) -> list[tuple[Topic, list[Entry]]]:
    """The topics that have pages, each with them."""
    listed = list(listed)
    groups = ((topic, [one for one in listed if one.topic == topic]) for topic in Topic)
    return [(topic, pages) for topic, pages in groups if pages]


def published(language: str, slug: str) -> Page:
    """The page with its wording. One query. Raises Http404."""
    rows = Page.objects.select_related("published").exclude(published=None)
    page = rows.filter(language=language, slug=slug).first()
    if page is None:
        raise Http404
    return page


def document_of(page: Page) -> Document:
    """The published wording of a page, read. Once in this process: a wording never changes."""
    return _read(page.published.text)  # type: ignore[union-attr]


@lru_cache(maxsize=200)
def _read(text: str) -> Document:
    return read_document(text, "page")


def evidence_by_page(language: str) -> list[tuple[Entry, Evidence]]:
    """The strength of the evidence on every page that states one, in the library's order. One
    query."""
    rows = Page.objects.filter(language=language, topic=Topic.CONDITIONS).exclude(published=None)
    found = []
    for page in rows.select_related("published").order_by("order", "slug"):
        evidence = document_of(page).evidence
        if evidence is not None:
            entry = Entry(page.slug, page.title, page.summary, page.topic)
            found.append((entry, evidence))
    return found


def languages_of(slug: str) -> list[str]:
    """The languages in which the page is published. One query."""
    rows = Page.objects.filter(slug=slug).exclude(published=None)
    return list(rows.order_by("language").values_list("language", flat=True))
