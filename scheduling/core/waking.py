"""Time that counts only while people are awake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from scheduling.core.walltime import local_date, to_instant


@dataclass(frozen=True, slots=True)
class Waking:
    """From when to when people are awake, by the clocks of `zone` (IANA), within one local day."""

    zone: str
    since: time
    until: time

    def awake(self, now: datetime) -> bool:
        """Whether `now` (aware) lies in waking hours."""
        day = local_date(now, self.zone)
        return (
            to_instant(day, self.since, self.zone) <= now < to_instant(day, self.until, self.zone)
        )

    def after(self, now: datetime, span: timedelta) -> datetime:
        """The instant (UTC) at which `span` of waking time has passed since `now`."""
        day, left = local_date(now, self.zone), span
        while True:
            begin = max(now, to_instant(day, self.since, self.zone))
            end = to_instant(day, self.until, self.zone)
            if begin + left <= end:
                return begin + left
            left -= max(timedelta(0), end - begin)
            day += timedelta(days=1)
