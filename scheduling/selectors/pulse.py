"""Has anything changed since somebody last looked? Asked every few seconds by every desk."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from accounts.models import User
from scheduling.querysets import staff_tasks_for

# The newest rows, added up: a row that commits late among them changes the sum all the same.
LATEST = """
SELECT (SELECT coalesce(sum(id), 0) FROM
           (SELECT id FROM scheduling_event ORDER BY id DESC LIMIT 200) e),
       (SELECT coalesce(sum(id), 0) FROM
           (SELECT id FROM scheduling_reservationchange ORDER BY id DESC LIMIT 200) c),
       (SELECT count(*) FROM scheduling_escalation WHERE ended_at IS NULL),
       (SELECT count(*) FROM ({tasks}) t)
"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """`mark` is another one after any change of a booking, of hours or of what a person has to do.
    `alerts` and `tasks` are how many are open for the reader."""

    mark: str
    alerts: int
    tasks: int


def pulse(user: User) -> Pulse:
    """One query, however much there is."""
    tasks = staff_tasks_for(user).filter(finished_at=None).order_by().values("pk")
    sql, params = tasks.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(LATEST.format(tasks=sql), params)
        events, changes, alerts, open_tasks = cursor.fetchone()
    return Pulse(f"{events}.{changes}.{alerts}.{open_tasks}", alerts, open_tasks)
