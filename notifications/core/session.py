"""An appointment as messages and calendars know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Session:
    """One appointment: no treatment, nobody's name. Instants are UTC, `zone` is the site's.

    `uid` is RFC 5545's: the same through every move. `revised_at` is when the calendar revision
    `sequence` came to be. `was`: the start before the change that is told; None where nothing is
    known of one.
    """

    id: UUID
    uid: str
    sequence: int
    revised_at: datetime
    start: datetime
    end: datetime
    zone: str
    cancelled: bool
    mode: str
    title: str
    clinic: str
    address: str
    phone: str
    was: datetime | None = None

    @property
    def moved(self) -> bool:
        return self.was is not None and self.was != self.start and not self.cancelled

    @property
    def added(self) -> bool:
        return self.was is None and not self.cancelled
