"""A calendar program as the standard has it: what one person's calendar shows after their mail.

It folds calendar parts, oldest message first, by RFC 5546: of one UID the highest SEQUENCE counts,
and among equals the newest DTSTAMP (section 2.1.5). A REQUEST adds or replaces, a CANCEL marks, and
what is older than what is known changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from config.dev.invitations import Entry, entries

CANCEL, REQUEST = "CANCEL", "REQUEST"


class Effect(StrEnum):
    """What a part did to the calendar."""

    ADDED = "added"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    REPEATED = "seen before"
    IGNORED = "older than what is known"
    UNKNOWN = "cancels what was never there"


@dataclass(slots=True)
class CalendarClient:
    """`shown`: the event of each UID, as it stands now; cancelled ones stay, marked."""

    shown: dict[str, Entry] = field(default_factory=dict)

    def receive(self, parts: Iterable[tuple[str, str]]) -> list[tuple[Entry, Effect]]:
        """Take in one message's parts (method and content), and say what each event did. Files to
        be opened by hand (PUBLISH) do nothing by themselves. Raises ValueError for a part that is
        no calendar."""
        return [
            (entry, self._take(method, entry))
            for method, content in parts
            if method in (REQUEST, CANCEL)
            for entry in entries(content)
        ]

    def in_order(self) -> list[Entry]:
        """Everything in it, by time."""
        return sorted(self.shown.values(), key=lambda one: (_instant(one.start), one.uid))

    def _take(self, method: str, entry: Entry) -> Effect:
        known = self.shown.get(entry.uid)
        if known is None and method == CANCEL:
            return Effect.UNKNOWN
        if known is not None and _revision(entry) <= _revision(known):
            return Effect.REPEATED if _revision(entry) == _revision(known) else Effect.IGNORED
        if method == CANCEL:
            self.shown[entry.uid] = replace(entry, status="CANCELLED")
            return Effect.CANCELLED
        self.shown[entry.uid] = entry
        return Effect.ADDED if known is None else Effect.CHANGED


def _revision(entry: Entry) -> tuple[int, float]:
    return entry.sequence, _instant(entry.stamp)


def _instant(at: object) -> float:
    return at.timestamp() if isinstance(at, datetime) else 0.0
