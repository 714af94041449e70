"""Bring pages, sources and glossaries in line with their files.

May run any number of times. A page whose text is new gets a version more, which is published; a
text that some version has already changes nothing, so what the clinic has published since is not
overruled by a file that has not changed. What left the files is no longer published; nothing is
deleted that a reader has read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from accounts.models import User
from education.finding import describe, refresh_words
from education.loading import Library
from education.markup.document import Document, read_document
from education.models import Page, PageVersion, Source, Term


def store(library: Library, now: datetime) -> list[str]:
    """Write everything, all or nothing; return what was done, one line each."""
    with transaction.atomic():
        wait_for_other_writers()
        done = [*_store_sources(library), *_store_terms(library), *_store_pages(library, now)]
        if any(not line.startswith("source") for line in done):
            for language in {code for code, _slug in library.texts}:
                refresh_words(language)
        return done


def wait_for_other_writers() -> None:
    """Two deployments, or an editor and a deployment, must not both number a version 2."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('load_pages'))")


def fingerprint(text: str) -> str:
    """SHA-256 of a text as it is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def add_version(page: Page, text: str, *, by: User | None = None) -> PageVersion:
    """Write a version that was not there; whoever calls has made others wait."""
    newest = page.versions.order_by("-number").first()
    number = newest.number + 1 if newest else 1
    return PageVersion.objects.create(
        page=page, number=number, text=text, fingerprint=fingerprint(text), created_by=by
    )


def put_out(page: Page, version: PageVersion, document: Document, now: datetime) -> None:
    """Let the public read that version."""
    page.published, page.published_at = version, now
    page.title, page.summary = document.title, document.summary
    page.topic, page.order = document.topic.value, document.order
    page.save()
    describe(page, document)


def _store_pages(library: Library, now: datetime) -> list[str]:
    done = []
    for (language, slug), text in library.texts.items():
        page, _ = Page.objects.get_or_create(language=language, slug=slug)
        known = page.versions.filter(fingerprint=fingerprint(text)).first()
        if known is not None:
            continue
        version = add_version(page, text)
        put_out(page, version, read_document(text, slug), now)
        done.append(f"page {language}/{slug}: version {version.number}")
    return [*done, *_take_in_absent(library)]


def _take_in_absent(library: Library) -> list[str]:
    """Pages that came with an earlier release and are in none of the files now."""
    done = []
    for page in Page.objects.exclude(published=None).select_related("published"):
        ours = page.published is not None and page.published.created_by_id is None
        if ours and (page.language, page.slug) not in library.texts:
            page.published = None
            page.save(update_fields=["published"])
            done.append(f"page {page}: taken in")
    return done


def _store_sources(library: Library) -> list[str]:
    rows = Source.objects.in_bulk()
    done = []
    for key, source in library.sources.items():
        fields = {
            "citation": source.entry.citation,
            "address": source.entry.address,
            "from_memory": source.entry.from_memory,
            "seen": source.seen,
        }
        row = rows.get(key)
        if row is None:
            Source.objects.create(key=key, **fields)
            done.append(f"source {key}: added")
        elif not row.edited and _differs(row, fields):
            Source.objects.filter(pk=key).update(**fields)
            done.append(f"source {key}: changed")
    return done


def _store_terms(library: Library) -> list[str]:
    done = []
    for language, terms in library.terms.items():
        rows = {row.term.casefold(): row for row in Term.objects.filter(language=language)}
        for entry in terms:
            fields = {
                "term": entry.term,
                "definition": entry.definition,
                "sources": list(entry.sources),
            }
            row = rows.pop(entry.term.casefold(), None)
            if row is None:
                Term.objects.create(language=language, **fields)
                done.append(f"term {language}/{entry.term}: added")
            elif not row.edited and _differs(row, fields):
                Term.objects.filter(pk=row.pk).update(**fields)
                done.append(f"term {language}/{entry.term}: changed")
        for row in rows.values():
            if not row.edited:
                row.delete()
                done.append(f"term {language}/{row.term}: gone")
    return done


def _differs(row: Source | Term, fields: Mapping[str, object]) -> bool:
    return any(getattr(row, name) != value for name, value in fields.items())
