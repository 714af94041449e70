"""Staff publish a wording, go back to an earlier one, take a page in, and sign that it was
reviewed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from education.finding import refresh_words
from education.library import document_of, shelf_of
from education.markup.check import mistakes_of
from education.markup.document import FENCE, UNSIGNED, Document, read_document
from education.markup.parser import parse
from education.markup.shelf import Shelf
from education.models import Page, PageVersion
from education.store import add_version, fingerprint, put_out, wait_for_other_writers
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may
from scheduling.protocols.parsing import ProtocolError

Result = TypeVar("Result")


def mark_of(page: Page | None) -> str:
    """Another one once somebody has published, or gone back, since. One query."""
    newest = page.versions.order_by("-number").first() if page else None
    return f"{newest.number}-{page.published_id}" if page and newest else ""


def check_page(text: str, slug: str, shelf: Shelf) -> Document:
    """Read a page as its author wrote it. Raises ProtocolError, which names every line with a
    mistake: what cannot be read, a statement without a source, a link that leads nowhere."""
    document = read_document(text, slug)
    titles = {**shelf.titles, slug: document.title}
    around = Shelf(shelf.language, shelf.sources, shelf.terms, titles)
    problems = mistakes_of(document, around, slug)
    if problems:
        raise ProtocolError(problems)
    return document


def publish_page(
    *, actor: Actor, language: str, slug: str, text: str, seen: str, today: date, now: datetime
) -> PageVersion:
    """A new wording, read by everybody from now on. It waits for review again, whatever its front
    matter says: only `sign_page` says that a page was reviewed. `today` becomes its date.

    `seen` is the `mark_of` the page when the change was begun. Raises
    Refused (NOT_ALLOWED, STALE, WRONG_STATE where nothing has changed) and ProtocolError.
    """
    fields = {"updated": today.isoformat(), "reviewed": "null", "reviewer_role": UNSIGNED}

    def work() -> PageVersion:
        page = _look(language, slug, seen)
        current = page.published.text if page.published else ""
        if _unsigned(current) == _unsigned(text) and page.published is not None:
            raise Refused([refuse(Code.WRONG_STATE, state="unchanged", action="publish")])
        return _put(actor, page, with_front(text, **fields), "page_published", now)

    return _do(actor, Action.EDIT_PAGES, work)


def sign_page(
    *, actor: Actor, language: str, slug: str, seen: str, today: date, now: datetime
) -> PageVersion:
    """A clinician has reviewed what is published. Raises Refused as `publish_page` does."""
    role = Role.PRESCRIBER if actor.has(Role.PRESCRIBER) else Role.CLINICIAN
    fields = {"reviewed": today.isoformat(), "reviewer_role": role.value}

    def work() -> PageVersion:
        page = _look(language, slug, seen)
        if page.published is None:
            raise Refused([refuse(Code.WRONG_STATE, state="unpublished", action="sign")])
        return _put(actor, page, with_front(page.published.text, **fields), "page_signed", now)

    return _do(actor, Action.SIGN_PAGES, work)


def roll_back(*, actor: Actor, version: PageVersion, seen: str, now: datetime) -> None:
    """Publish an earlier wording as it was, with its review. Raises Refused as `publish_page`
    does, and ProtocolError where its links or sources are no longer there."""

    def work() -> None:
        page = _look(version.page.language, version.page.slug, seen)
        if page.published_id == version.pk:
            raise Refused([refuse(Code.WRONG_STATE, state="unchanged", action="publish")])
        document = check_page(version.text, page.slug, shelf_of(page.language))
        put_out(page, version, document, now)
        _note(actor, page, "page_rolled_back", version.number, now)

    _do(actor, Action.EDIT_PAGES, work)


def take_in(*, actor: Actor, language: str, slug: str, seen: str, now: datetime) -> None:
    """Nobody reads the page any more. Raises Refused: WRONG_STATE naming the pages that lead to
    it, for they would lead nowhere."""

    def work() -> None:
        page = _look(language, slug, seen)
        leading = leading_to(language, slug)
        if page.published is None or leading:
            state = "linked from " + ", ".join(leading) if leading else "unpublished"
            raise Refused([refuse(Code.WRONG_STATE, state=state, action="take_in")])
        number = page.published.number
        page.published = None
        page.save(update_fields=["published"])
        _note(actor, page, "page_taken_in", number, now)

    _do(actor, Action.EDIT_PAGES, work)


def leading_to(language: str, slug: str) -> list[str]:
    """The published pages that link to a page. One query."""
    rows = Page.objects.filter(language=language).exclude(published=None).exclude(slug=slug)
    found = []
    for page in rows.select_related("published"):
        document = document_of(page)
        targets = {
            str(child.attrGet("href")).removeprefix("page:").partition("#")[0]
            for token in parse(document.body)
            for child in token.children or ()
            if child.type == "link_open"
        }
        if slug in targets or slug in document.related:
            found.append(page.slug)
    return found


def with_front(text: str, **fields: str) -> str:
    """The text with other values in lines of its front matter, added where they are missing."""
    text = text.replace("\r\n", "\n")
    front, end, body = text.removeprefix(FENCE).partition(f"\n{FENCE}")
    for name, value in fields.items():
        line = f"{name}: {value}"
        front, count = re.subn(rf"(?m)^{name}:.*$", line, front)
        front = front if count else f"{front}\n{line}"
    return f"{FENCE}{front}{end}{body}"


def _unsigned(text: str) -> str:
    fields = {"updated": "", "reviewed": "null", "reviewer_role": UNSIGNED}
    return with_front(text, **fields).strip() if text else ""


def _do(actor: Actor, action: Action, work: Callable[[], Result]) -> Result:
    if actor.user is None or not may(actor.user, action):
        role = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=action.value, role=role)])
    return atomic.run(work)


def _look(language: str, slug: str, seen: str) -> Page:
    """The page, while other writers wait."""
    wait_for_other_writers()
    page, _ = Page.objects.select_related("published").get_or_create(language=language, slug=slug)
    if mark_of(page) != seen:
        raise Refused([refuse(Code.STALE)])
    return page


def _put(actor: Actor, page: Page, text: str, verb: str, now: datetime) -> PageVersion:
    document = check_page(text, page.slug, shelf_of(page.language))
    known = page.versions.filter(fingerprint=fingerprint(text)).first()
    version = known or add_version(page, text, by=actor.user)
    put_out(page, version, document, now)
    _note(actor, page, verb, version.number, now)
    return version


def _note(actor: Actor, page: Page, verb: str, number: int, now: datetime) -> None:
    refresh_words(page.language)
    facts = {"page": str(page), "version": number}
    events.append(actor=actor, verb=verb, facts=facts, now=now)
