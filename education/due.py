"""What of a course's reading is for now, and what for later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.core.protocol import ProtocolDefinition

AHEAD = timedelta(days=7)
"""How long before a session its pages are shown as due. The clinic's own default."""


@dataclass(frozen=True, slots=True)
class Due:
    """A page, the start of the first session ahead that it is for (None: the course as a whole, or
    nothing ahead), and whether it is for now."""

    slug: str
    by: datetime | None
    now: bool


def reading_of(
    protocol: ProtocolDefinition, ahead: Iterable[tuple[str, datetime]], now: datetime
) -> list[Due]:
    """The pages of a course, each once, in the order in which they are wanted.

    `ahead` are the steps (`inf.2`) of the sessions still to come, with their starts. What tells of
    the course as a whole is for now from the day of booking; what a session asks for, a week before
    it, or at once where it is the next one.
    """
    pages = {step.id: step.read for step in protocol.steps()}
    coming = sorted(ahead, key=lambda session: session[1])
    following = next((start for step, start in coming if pages.get(_template(step))), None)
    found: dict[str, Due] = {}
    for slug in protocol.reading:
        found[slug] = Due(slug, None, True)
    for step, start in coming:
        soon = start - now <= AHEAD or start == following
        for slug in pages.get(_template(step), ()):
            found.setdefault(slug, Due(slug, start, soon))
    for slug in (slug for step in protocol.core for slug in step.read):
        found.setdefault(slug, Due(slug, None, False))
    return list(found.values())


def asked_by(protocol: ProtocolDefinition, step: str) -> tuple[str, ...]:
    """The pages that a session of that step asks for."""
    return next((one.read for one in protocol.steps() if one.id == _template(step)), ())


def _template(step: str) -> str:
    return step.rpartition(".")[0]
