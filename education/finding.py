"""Search: what a page is found by, and pages for what somebody types, however it is spelt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from django.db import connection

from education.markup.document import Document
from education.markup.render import plain_text
from education.models import Page, SearchWord, Term

AT_MOST = 10
LONGEST = 100
BARE_DASH = re.compile(r"(?<!\s)-|-(?!\w)")
"""Only a dash before a word excludes it; PostgreSQL gives up over many that exclude nothing."""
WORD = re.compile(r"[^\W\d_]{3,40}")
BEGIN, END = "\ue000", "\ue001"
"""Around a hit. Private characters: no text has them, so that a page cannot write a highlight."""

DESCRIBE = """
UPDATE education_page SET words = %(words)s, search =
    setweight(to_tsvector(%(config)s::regconfig, %(title)s), 'A') ||
    setweight(to_tsvector(%(config)s::regconfig, %(summary)s || ' ' || %(headings)s), 'B') ||
    setweight(to_tsvector(%(config)s::regconfig, %(words)s), 'D')
WHERE id = %(page)s
"""
# The best first; only what is shown is searched once more for its highlights.
FIND = """
SELECT slug, title, topic,
    ts_headline(%(config)s::regconfig, summary || E'\\n' || words, query, %(marks)s)
FROM (
    SELECT slug, title, topic, summary, words, query, ts_rank_cd(search, query, 1) AS rank
    FROM education_page, {read}(%(config)s::regconfig, %(query)s) AS query
    WHERE language = %(language)s AND published_id IS NOT NULL AND search @@ query
    ORDER BY rank DESC, "order", slug LIMIT %(limit)s
) AS best ORDER BY rank DESC, slug
"""
# Nearest by shared groups of three letters; a word whose letters only changed places shares few,
# so the same letters count as near as well. Beginnings of words are what is still being typed. A
# word that stands on a page is no mistake and meets itself alone.
NEAR = """
SELECT typed, near.word FROM unnest(%(words)s::text[], %(letters)s::text[])
    WITH ORDINALITY AS asked (typed, letters, place)
CROSS JOIN LATERAL (
    SELECT word, plain, plain LIKE typed || '%%' AS begins, similarity(plain, typed) AS alike
    FROM education_searchword
    WHERE language = %(language)s AND (
        plain %% typed OR plain LIKE typed || '%%'
        OR (length(plain) = length(typed) AND left(plain, 1) = left(typed, 1)
            AND (SELECT string_agg(letter, '' ORDER BY letter)
                 FROM regexp_split_to_table(plain, '') AS letter) = letters))
    ORDER BY plain = typed DESC, begins DESC, alike DESC, length(plain), plain
    LIMIT 3
) AS near
WHERE near.plain = typed OR NOT EXISTS (
    SELECT 1 FROM education_searchword WHERE language = %(language)s AND plain = typed)
ORDER BY place, near.plain = typed DESC, begins DESC, alike DESC, length(near.plain), near.plain
"""
MARKS = f"StartSel={BEGIN}, StopSel={END}, MaxFragments=2, MaxWords=22, MinWords=8"


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that was found; `excerpt` is HTML in which what was found stands in <mark>."""

    slug: str
    title: str
    topic: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Found:
    """`meant` is what was looked for instead, where what was typed stands on no page."""

    hits: tuple[Hit, ...]
    meant: tuple[str, ...] = ()


def search(language: str, typed: str) -> Found:
    """The best pages for what somebody typed: those with every word, else those with any of them or
    of what was meant. One query, and two more where it finds nothing."""
    typed = BARE_DASH.sub(" ", " " + typed.replace("\0", " ").strip()[:LONGEST]).strip()
    if not typed:
        return Found(())
    hits = _find(language, typed)
    if hits:
        return Found(hits)
    near = _near(language, [plain(word) for word in WORD.findall(typed)][:6])
    either = " | ".join(word for options in near.values() for word in options)
    hits = _find(language, either, "to_tsquery") if either else ()
    meant = tuple(options[0] for options in near.values())
    return Found(hits, meant if hits else ())


def describe(page: Page, document: Document) -> None:
    """Write down what the page is found by."""
    words = plain_text(document)
    headings = " ".join(
        line.lstrip("# ") for line in document.body.splitlines() if line.startswith("#")
    )
    values: dict[str, str | int] = {
        "config": f"pages_{page.language}",
        "title": document.title,
        "summary": document.summary,
        "headings": headings,
        "words": words,
        "page": page.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(DESCRIBE, values)


def refresh_words(language: str) -> None:
    """Gather anew what a mistyped word may have meant."""
    pages = Page.objects.filter(language=language).exclude(published=None)
    texts: Iterable[str] = [
        *(" ".join(row) for row in pages.values_list("title", "summary", "words")),
        *Term.objects.filter(language=language).values_list("term", flat=True),
    ]
    words = {plain(word): word.lower() for text in texts for word in WORD.findall(text)}
    SearchWord.objects.filter(language=language).delete()
    SearchWord.objects.bulk_create(
        SearchWord(language=language, plain=key, word=word) for key, word in sorted(words.items())
    )


def plain(word: str) -> str:
    """In small letters, without accents."""
    return "".join(
        one for one in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(one)
    )


def _find(language: str, query: str, read: str = "websearch_to_tsquery") -> tuple[Hit, ...]:
    """`read` is how PostgreSQL reads the query: as typed, or in its own notation."""
    values: dict[str, str | int] = {
        "config": f"pages_{language}",
        "language": language,
        "query": query,
        "marks": MARKS,
        "limit": AT_MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND.format(read=read), values)
        return tuple(
            Hit(slug, title, topic, _shown(headline))
            for slug, title, topic, headline in cursor.fetchall()
        )


def _near(language: str, words: list[str]) -> dict[str, list[str]]:
    """What each word may have meant, the nearest first; only words for which there is anything."""
    letters = ["".join(sorted(word)) for word in words]
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(NEAR, {"language": language, "words": words, "letters": letters})
        for typed, word in cursor.fetchall():
            found.setdefault(typed, []).append(word)
    return found


def _shown(headline: str) -> str:
    return "".join(_marked(escape(headline.replace("\n", " "))))


def _marked(text: str) -> Iterator[str]:
    for one in text:
        yield {BEGIN: "<mark>", END: "</mark>"}.get(one, one)
