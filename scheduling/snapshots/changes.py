"""What other transactions have changed since a reader last looked.

Every write to reservations and to the clinic leaves rows in `ReservationChange` with the number of
its transaction. Ids and times of rows say nothing about the order in which they become visible; a
transaction may write early and commit late. So a reader remembers the **horizon**: the oldest
transaction that was still running when it looked. All before it had ended, and were seen or never
will be. Next time the reader asks for everything from the horizon on, and passes over the rows it
knows already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.round_trip import Rows, ask

KEPT = "1 day"
"""How long changes are kept. A reader that has not looked for half as long loads anew."""

# A row comes back even where nothing has changed: the left join's.
SINCE = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       statement_timestamp(),
       pg_current_xact_id_if_assigned() IS NOT NULL,
       c.id, c.xid, c.resource, c.during
FROM (SELECT 1) AS always
LEFT JOIN scheduling_reservationchange c
    ON c.xid >= COALESCE(%(horizon)s, pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
"""

# Of the clinic itself: hours, closures, resources, groups or services.
CLINIC_SINCE = """
SELECT id FROM scheduling_reservationchange WHERE xid >= %(horizon)s AND resource IS NULL
"""

PRUNE = f"""
DELETE FROM scheduling_reservationchange
WHERE at < statement_timestamp() - interval '{KEPT}'
    AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""  # noqa: S608 - a constant of this module


@dataclass(frozen=True, slots=True)
class Change:
    """`resource` None: hours, closures, resources, groups or services changed."""

    id: int
    xid: int
    resource: UUID | None
    during: DateTimeTZRange | None


@dataclass(frozen=True, slots=True)
class News:
    """`asked_at` is the database's clock. `own_writes`: this very transaction has written, so what
    it sees may yet be rolled back and must not be remembered beyond it."""

    horizon: int
    asked_at: datetime
    own_writes: bool
    changes: tuple[Change, ...]


def since(
    horizon: int | None, then: Sequence[str] = (), values: Mapping[str, Any] | None = None
) -> tuple[News, list[Rows]]:
    """What changed since a look that ended with this horizon (None: a first look), and the rows of
    the statements `then`, which see at least as much. One round trip."""
    rows, *others = ask([SINCE, *then], {**(values or {}), "horizon": horizon})
    new_horizon, asked_at, own_writes = rows[0][:3]
    changes = tuple(Change(*row[3:]) for row in rows if row[3] is not None)
    return News(new_horizon, asked_at, own_writes, changes), others


def prune_changes() -> int:
    """Delete changes that no reader asks for any more; return how many. For the sweep."""
    with connection.cursor() as cursor:
        cursor.execute(PRUNE)
        return cursor.rowcount
