"""What a proposal looks like to a reader: five answers that differ at first sight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from scheduling import wording
from scheduling.core import walltime
from scheduling.core.plan import Proposal
from scheduling.models import Site
from scheduling.selectors.course_search import SearchResult
from scheduling.web import words
from scheduling.web.glance import glance
from scheduling.web.patient.marks import mark_of

NOON = 12
MANY = 0.7
"""From this share of its sessions on a plan is "mostly" something."""


def cards(result: SearchResult, site: Site) -> list[dict[str, Any]]:
    """One dictionary for each proposal, best first, each with a label of its own."""
    rows = [card(result, proposal, site) for proposal in result.answer.proposals]
    for row, label in zip(rows, labels(rows), strict=True):
        row["label"] = label
    common = shared(rows)
    for row in rows:
        row["reasons"] = [reason for reason in row["reasons"] if reason not in common]
    return rows


def shared(rows: list[dict[str, Any]]) -> list[str]:
    """The reasons that hold for every one of several proposals: they tell none apart."""
    if len(rows) < 2:
        return []
    return [
        reason for reason in rows[0]["reasons"] if all(reason in row["reasons"] for row in rows)
    ]


def card(result: SearchResult, proposal: Proposal, site: Site) -> dict[str, Any]:
    """Everything that is said about one proposal, its sessions by time."""
    ordered = sorted(proposal.sessions, key=lambda session: (session.start, session.step))
    name = words.in_search(result)
    sessions: list[dict[str, Any]] = []
    for one in ordered:
        start = datetime.fromtimestamp(one.start, UTC)
        local = walltime.local(start, site.timezone)
        sessions.append(
            {
                "step": one.step,
                "start": start,
                "day": local.date(),
                "morning": local.hour < NOON,
                "minutes": (one.end - one.start) // 60,
                "name": name(one.step),
                "practitioner": result.practitioner(one) if site.names_people else "",
                "mark": mark_of(result.course.step(one.step).service),
            }
        )
    return {
        "id": result.token(proposal),
        "starts_on": proposal.starts_on,
        "ends_on": proposal.ends_on,
        "trips": proposal.trips,
        "weeks": (proposal.ends_on - proposal.starts_on).days // 7 + 1,
        "mornings": sum(session["morning"] for session in sessions),
        "weekdays": weekdays(session["day"] for session in sessions),
        "people": sorted({session["practitioner"] for session in sessions} - {""}),
        "reasons": [
            wording.reason_sentence(reason.code, reason.facts, site.timezone)
            for reason in proposal.reasons
        ],
        "sessions": sessions,
        "glance": glance((session["day"], session["mark"]) for session in sessions),
    }


def labels(rows: list[dict[str, Any]]) -> list[str]:
    """A different label for each, made of what is true of it alone, or of it first."""
    chosen: list[str] = []
    for row in rows:
        label = next(
            (claim for claim, holds in _claims(row, rows) if holds and claim not in chosen), ""
        )
        chosen.append(label or _("Another choice (%(number)s)") % {"number": len(chosen) + 1})
    return chosen


def _claims(row: dict[str, Any], rows: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """What could be said of a proposal, most telling first, and whether it is so."""
    first = rows[0]
    share = row["mornings"] / len(row["sessions"])
    others = [name for name in row["people"] if name not in first["people"]]
    return [
        (_("Finishes soonest"), _alone(row, rows, lambda one: one["ends_on"].toordinal())),
        (_("Fewest trips"), _alone(row, rows, lambda one: one["trips"])),
        (_("Mostly mornings"), _alone(row, rows, lambda one: -one["mornings"]) and share >= MANY),
        (
            _("Mostly afternoons"),
            _alone(row, rows, lambda one: one["mornings"]) and 1 - share >= MANY,
        ),
        (_("Best match"), row is first),
        (_("With %(name)s") % {"name": ", ".join(others)}, bool(others)),
        (_("Starts later"), _alone(row, rows, lambda one: -one["starts_on"].toordinal())),
        (
            _("Mostly %(days)s") % {"days": row["weekdays"]},
            row["weekdays"] != first["weekdays"],
        ),
        (_("Finishes sooner"), row["ends_on"] < first["ends_on"]),
        (_("Fewer trips"), row["trips"] < first["trips"]),
        (_("More mornings"), row["mornings"] > first["mornings"]),
        (_("More afternoons"), row["mornings"] < first["mornings"]),
    ]


def _alone(
    row: dict[str, Any], rows: list[dict[str, Any]], value: Callable[[dict[str, Any]], int]
) -> bool:
    """Whether its value is the lowest, and no other's is as low."""
    return all(value(row) < value(other) for other in rows if other is not row)


def weekdays(days: Any) -> str:
    """The two days of the week on which most sessions are, in short."""
    counted = Counter(day.isoweekday() for day in days)
    most = sorted(day for day, _count in counted.most_common(2))
    monday = date(2024, 1, 1)
    names = [formats.date_format(monday + timedelta(days=day - 1), "D") for day in most]
    return ", ".join(names)
