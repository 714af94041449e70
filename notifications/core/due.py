"""When a message is due, and whether it still helps. Wall times are the site's."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from notifications.core.kinds import AHEAD, RULES, Kind, Reason
from scheduling.core.walltime import local, to_instant

QUIET_FROM, QUIET_TO = time(21), time(8)
LAST_SEND = time(20, 30)
"""What would fall into quiet hours goes out before them, with room for a slow evening."""
LEAST_NOTICE = timedelta(hours=2)
"""Nearer to the session a reminder helps nobody any more. The clinic's own default."""
APART = timedelta(hours=12)
"""A late reminder so shortly before the next one only repeats it. The clinic's own default."""
FOLLOW_UP_AT = time(10)
SETTLING = timedelta(minutes=2)
"""A desk that moves a session often moves it again: its news waits that long."""
NEAR = timedelta(hours=24)
"""A visit so near that nothing about it waits."""


def reminder_due(kind: Kind, start: datetime, zone: str) -> datetime:
    """The instant at which a message with a lead is due: as many local days before the session, at
    the same wall time, or the evening before where that is a quiet hour."""
    lead = RULES[kind].lead
    if lead is None:
        raise ValueError(f"{kind} has no lead")
    there = local(start, zone)
    return before_quiet(to_instant(there.date() - lead, there.time(), zone), zone)


def follow_up_due(end: datetime, zone: str) -> datetime:
    """The morning after a session that ended at `end`."""
    return to_instant(local(end, zone).date() + timedelta(days=1), FOLLOW_UP_AT, zone)


def news_due(now: datetime, start: datetime | None, *, by_patient: bool) -> datetime:
    """When news about a change goes out. `start`: of the nearest session it is about."""
    near = start is not None and start - now < NEAR
    return now if by_patient or near else now + SETTLING


def is_quiet(at: datetime, zone: str) -> bool:
    """Whether people sleep."""
    clock = local(at, zone).time()
    return clock >= QUIET_FROM or clock < QUIET_TO


def before_quiet(at: datetime, zone: str) -> datetime:
    """`at`, or the last moment for sending before the quiet hours around it."""
    there = local(at, zone)
    if there.time() >= QUIET_FROM:
        return to_instant(there.date(), LAST_SEND, zone)
    if there.time() < QUIET_TO:
        return to_instant(there.date() - timedelta(days=1), LAST_SEND, zone)
    return at


def after_quiet(at: datetime, zone: str) -> datetime:
    """`at`, or the end of the quiet hours around it."""
    there = local(at, zone)
    if there.time() >= QUIET_FROM:
        return to_instant(there.date() + timedelta(days=1), QUIET_TO, zone)
    if there.time() < QUIET_TO:
        return to_instant(there.date(), QUIET_TO, zone)
    return at


def useless(kind: Kind, start: datetime, at: datetime, zone: str) -> Reason | None:
    """Why a message ahead of a session that would go out `at` that time helps nobody any more;
    None where it does. After an outage the nearest reminder goes out, once."""
    if kind not in AHEAD:
        return None
    later = AHEAD[AHEAD.index(kind) + 1 :]
    if start - at < LEAST_NOTICE:
        return Reason.TOO_LATE
    if any(reminder_due(other, start, zone) <= at + APART for other in later):
        return Reason.SUPERSEDED
    return None


def plan_ahead(
    kind: Kind, start: datetime, told_at: datetime, now: datetime, zone: str
) -> tuple[datetime, Reason | None]:
    """When to send a message ahead of a session, and why not to. `told_at`: when its time was
    settled; whoever booked or moved it since the message was due knows already."""
    due = reminder_due(kind, start, zone)
    if told_at >= due:
        return due, Reason.TOLD_WHEN_BOOKED
    at = due if due >= now else after_quiet(now, zone)
    return at, useless(kind, start, at, zone)
