"""Where things stand on a day drawn in rows of five minutes. Numbers in and out, no database.

A row is a CSS class (`r13`), and so is a length (`h26`): pages carry no style of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ROW = timedelta(minutes=5)
HOUR = timedelta(hours=1)
MOST = 288
"""Rows of a day that is drawn whole."""


@dataclass(frozen=True, slots=True)
class Block:
    """From row `row` on (the first is 1), `span` rows long."""

    row: int
    span: int


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a day that is drawn, `[start, end)`, on whole hours."""

    start: datetime
    end: datetime

    @property
    def rows(self) -> int:
        return max(1, (self.end - self.start) // ROW)

    def on(self, later: timedelta) -> Window:
        """The same part of a later day."""
        return Window(self.start + later, self.end + later)

    def block(self, start: datetime, end: datetime) -> Block | None:
        """Where `[start, end)` is drawn; None outside. Off the rows it is drawn a little larger."""
        low, high = max(start, self.start), min(end, self.end)
        if low >= high:
            return None
        first = (low - self.start) // ROW
        last = -((self.start - high) // ROW)
        return Block(first + 1, last - first)

    def row_of(self, now: datetime) -> int | None:
        """The row in which `now` is; None outside."""
        if not self.start <= now < self.end:
            return None
        return (now - self.start) // ROW + 1

    def hours(self) -> list[datetime]:
        """Every full hour that is drawn."""
        return [self.start + HOUR * n for n in range((self.end - self.start) // HOUR)]


def window_of(
    day_start: datetime, day_end: datetime, spans: Iterable[Sequence[datetime]]
) -> Window:
    """From the hour before the first of `spans` begins to the hour after the last has ended, inside
    the day; eight to five where nothing is open."""
    inside = [
        (max(low, day_start), min(high, day_end))
        for low, high in spans
        if low < day_end and high > day_start
    ]
    if not inside:
        return Window(day_start + 8 * HOUR, day_start + 17 * HOUR)
    first = min(low for low, _ in inside) - day_start
    last = max(high for _, high in inside) - day_start
    return Window(day_start + first // HOUR * HOUR, day_start - (-last // HOUR) * HOUR)


def closed(window: Window, hours: Iterable[tuple[datetime, datetime]]) -> list[Block]:
    """What is left of the window between the hours."""
    blocks, at = [], window.start
    for low, high in sorted(hours):
        gap = window.block(at, low) if at < low else None
        if gap:
            blocks.append(gap)
        at = max(at, high)
    rest = window.block(at, window.end) if at < window.end else None
    return [*blocks, rest] if rest else blocks
