"""A course that is lived with: what comes next, what is still to do, and every session of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from scheduling.core import walltime
from scheduling.models import CarePlan
from scheduling.operations.clear import HOLDS
from scheduling.operations.pause import PATIENT_PAUSE
from scheduling.selectors.courses import GONE
from scheduling.selectors.forms import PATIENT, State, forms_of
from scheduling.selectors.screening import screened
from scheduling.selectors.undo import undo_deadlines
from scheduling.web.glance import glance
from scheduling.web.patient import missing, prepare
from scheduling.web.patient.heal import needs_new_times
from scheduling.web.patient.pause import REASONS
from scheduling.web.patient.places import places
from scheduling.web.patient.rows import LIVE, session_rows, sessions_of, weeks


def overview(care_plan: CarePlan, now: datetime, *, own: bool) -> dict[str, Any]:
    """What the page of a course shows. `own`: its reader is the patient. Six queries, and two
    more where a session was cancelled."""
    sessions = sessions_of(care_plan)
    rows = session_rows(care_plan, sessions, now)
    if any(row["status"] == "cancelled" for row in rows):
        deadlines = undo_deadlines(care_plan, now)
        for row in rows:
            row["undo_until"] = deadlines.get(row["id"]) if row["lost"] else None
    marks = list(_marks(care_plan, rows))
    treated = any(row["ahead"] and row["treatment"] for row in rows)
    today = walltime.local_date(now, care_plan.site.timezone)
    context: dict[str, Any] = {
        "now": now,
        "weeks": weeks(care_plan, rows, now),
        "today": today,
        "glance": glance(marks) if marks else [],
        "done": sum(row["status"] == "fulfilled" for row in rows),
        "total": len({row["step"] for row in rows}),
    }
    if care_plan.status in LIVE:
        context |= _ahead(care_plan, rows, now, treated=treated)
        forms = forms_of(care_plan, now, who=PATIENT, sessions=sessions)
        context["forms"] = [one for one in forms if one.state == State.OPEN]
    if own and care_plan.status == "active":
        context |= {
            "heals": needs_new_times(care_plan, rows),
            "pause_reasons": REASONS.items() if treated else (),
            "pause_until": today + PATIENT_PAUSE,
        }
    return context


def _marks(care_plan: CarePlan, rows: list[dict[str, Any]]) -> Iterator[tuple[date, str]]:
    """Day and shape of each session that took place or stands; not of what was given up."""
    zone = care_plan.site.timezone
    for row in rows:
        if row["status"] not in GONE:
            yield walltime.local_date(row["start"], zone), row["mark"]


def _ahead(
    care_plan: CarePlan, rows: list[dict[str, Any]], now: datetime, *, treated: bool
) -> dict[str, Any]:
    """What lies ahead; `treated`: a treatment does."""
    following = next((row for row in rows if row["ahead"]), None)
    gates = missing.gates_of(care_plan, following)
    if not treated:
        gates = [gate for gate in gates if gate.appointment_id]  # the course's own are for these
    return {
        "next": following,
        "before": prepare.before(following) if following else (),
        "waiting_for_clearance": treated and care_plan.clearance not in HOLDS,
        "missing": missing.open_ones(gates, now),
        "asks_screening": treated and not screened(care_plan),
        "ride_noted": missing.ride_noted(gates),
        "places": places(care_plan),
    }
