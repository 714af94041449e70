"""How the clinic runs, counted from what happened. Plain rows in, plain tables out.

Shares are between 0 and 1; None where there is nothing to share. Times are POSIX seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from scheduling.core.intervals import Periods, intersect, union
from scheduling.core.reasons import Cancelled

DAY = 24 * 3600
LEADS = ((0, 2), (2, 8), (8, 15), (15, 29), (29, None))
"""Days from booking to visit, half-open: how far ahead people book."""
ON_TIME = 10 * 60
"""A session that begins so many seconds after its time is on time. The clinic's own default."""

OUR_DOING = frozenset(
    {Cancelled.CLINIC, Cancelled.NOT_CLEARED, Cancelled.COURSE_PAUSED, Cancelled.COURSE_ENDED}
)
"""Reasons of a cancellation that say nothing about whether patients come."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment that was booked: its outcome, and when it was to be, was booked and began.

    `first`: care begins with it, as the first of its course or outside of one (`alone`).
    """

    status: str
    late: bool
    start: int
    booked: int
    began: int | None = None
    reason: str = ""
    first: bool = False
    alone: bool = False

    @property
    def lead_days(self) -> int:
        return max(0, (self.start - self.booked) // DAY)


@dataclass(frozen=True, slots=True)
class Attendance:
    """What became of the visits that were booked so far ahead (days, half-open)."""

    lead: tuple[int, int | None]
    visits: int
    came: int
    noshow: int
    late_cancelled: int
    cancelled: int

    @property
    def missed(self) -> float | None:
        """The share that was missed or given up too late, of those to which somebody came or
        should have come: not of what lies ahead, was cancelled in time or by the clinic."""
        lost = self.noshow + self.late_cancelled
        return share(lost, self.came + lost)


@dataclass(frozen=True, slots=True)
class Wait:
    """How many waited for a first session, and how many days from booking to it."""

    visits: int
    median_days: float | None
    longest_days: float | None


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How many sessions began, how many of them on time, and the median delay in minutes."""

    began: int
    on_time: int
    median_minutes: int | None


def share(part: float, whole: float) -> float | None:
    """`part` of `whole`; None of nothing."""
    return part / whole if whole else None


def utilisation(opens: Periods, taken: Sequence[tuple[int, int]], lanes: int) -> float | None:
    """The share of its open time that a unit was taken for; each lane counts by itself. What was
    taken outside of its hours does not count."""
    available = lanes * sum(high - low for low, high in opens)
    used = sum(high - low for one in taken for low, high in intersect(union([], [one]), opens))
    return share(used, available)


def attendance(visits: Iterable[Visit]) -> list[Attendance]:
    """By how far ahead they were booked, in the order of `LEADS`."""
    by_lead: dict[tuple[int, int | None], Counter[str]] = {lead: Counter() for lead in LEADS}
    for visit in visits:
        lead = next(one for one in LEADS if one[1] is None or visit.lead_days < one[1])
        by_lead[lead]["visits"] += 1
        by_lead[lead][_outcome(visit)] += 1
    return [
        Attendance(
            lead,
            count["visits"],
            count["came"],
            count["noshow"],
            count["late_cancelled"],
            count["cancelled"],
        )
        for lead, count in by_lead.items()
    ]


def wait(visits: Iterable[Visit]) -> Wait:
    """Of the visits with which care begins; those cancelled are left out."""
    days = [
        max(0.0, round((visit.start - visit.booked) / DAY, 1))
        for visit in visits
        if visit.first and visit.status != "cancelled"
    ]
    return Wait(len(days), median(days) if days else None, max(days, default=None))


def punctuality(visits: Iterable[Visit]) -> Punctuality:
    """Of the sessions that began."""
    delays = [visit.began - visit.start for visit in visits if visit.began is not None]
    return Punctuality(
        began=len(delays),
        on_time=sum(delay <= ON_TIME for delay in delays),
        median_minutes=round(median(delays) / 60) if delays else None,
    )


def _outcome(visit: Visit) -> str:
    if visit.status == "cancelled":
        late = visit.late and visit.reason not in OUR_DOING
        return "late_cancelled" if late else "cancelled"
    if visit.status == "noshow":
        return "noshow"
    return "came" if visit.status in ("fulfilled", "stopped", "not_treated") else "open"
