"""The reading of one course: which pages, what is for now, and what has been read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from education.due import Due, reading_of
from education.library import document_of
from education.models import Page, Reading
from scheduling.models import CarePlan
from scheduling.selectors.courses import standing
from scheduling.selectors.protocols import definition_of

AHEAD = ("booked", "arrived")


@dataclass(frozen=True, slots=True)
class Item:
    """A page for a course. `read`: the patient has read it; `clear`: nothing is left to do."""

    page: Page
    by: datetime | None
    now: bool
    questions: bool
    read: bool
    clear: bool
    talk: bool


def items_of(care_plan: CarePlan, language: str, now: datetime) -> list[Item]:
    """The pages that exist, in the reader's language where there are any, else in the project's
    own. Three queries. The protocol version should be loaded."""
    ahead = standing(care_plan).filter(status__in=AHEAD, start__gte=now)
    dues = reading_of(
        definition_of(care_plan.protocol_version), ahead.values_list("step", "start"), now
    )
    pages = pages_of((due.slug for due in dues), language)
    done = {one.slug: one for one in Reading.objects.filter(care_plan=care_plan)}
    return [_item(due, pages[due.slug], done.get(due.slug)) for due in dues if due.slug in pages]


def pages_of(slugs: Iterable[str], language: str) -> dict[str, Page]:
    """Published pages by slug. One query."""
    rows = (
        Page.objects.select_related("published")
        .filter(slug__in=list(slugs), language__in={language, settings.LANGUAGE_CODE})
        .exclude(published=None)
    )
    return {page.slug: page for page in sorted(rows, key=lambda page: page.language == language)}


def _item(due: Due, page: Page, done: Reading | None) -> Item:
    return Item(
        page=page,
        by=due.by,
        now=due.now,
        questions=bool(document_of(page).questions),
        read=done is not None,
        clear=done is not None and done.clear_at is not None,
        talk=done is not None and done.talk_at is not None,
    )
