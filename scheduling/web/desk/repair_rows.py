"""A proposed or applied repair in words: by patient, on the board, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduling import wording
from scheduling.core import walltime
from scheduling.core.grid import SLOT
from scheduling.core.refusals import Code, Refusal
from scheduling.core.repair import OTHER_PERSON, price_of_move
from scheduling.models import Appointment, Disruption, Reservation, Resource
from scheduling.operations.proposal import read, refusals_of
from scheduling.operations.write import instant
from scheduling.selectors.board import Board, Column, board
from scheduling.web import words
from scheduling.web.desk import blocks, timetable
from scheduling.web.desk.board import frame_of, lanes_of, window_of
from scheduling.web.desk.repair_options import badge_of, options_of, sites_named, waiting_for
from scheduling.web.desk.timetable import Window

Rows = Mapping[UUID, Appointment]
Units = Mapping[str, Resource]


def appointments_of(disruption: Disruption) -> dict[UUID, Appointment]:
    """Every appointment that the proposal names, as it is now. Two queries."""
    named = disruption.proposal
    keys = {
        *named["affected"],
        *named["depends"],
        *(one["appointment"] for one in named["changes"]),
    }
    found = Appointment.objects.filter(pk__in=keys).select_related("patient", "service")
    return {row.pk: row for row in found.prefetch_related("reservations__resource")}


def units_of(disruption: Disruption) -> dict[str, Resource]:
    """Everybody and everything at the site, by id as the proposal has it. One query."""
    return {str(one.pk): one for one in Resource.objects.filter(site=disruption.site_id)}


def changes_of(disruption: Disruption, rows: Rows, units: Units) -> list[dict[str, Any]]:
    """The patients whose sessions change, each with these, in order of the first one. Within the
    site's time."""
    patients: dict[UUID, dict[str, Any]] = {}
    for stored in disruption.proposal["changes"]:
        row = rows.get(UUID(stored["appointment"]))
        if row is None:
            continue
        entry = patients.setdefault(row.patient_id, {"patient": row.patient, "changes": []})
        entry["changes"].append(_change(row, stored, units, disruption))
    return list(patients.values())


def _change(
    row: Appointment,
    stored: Mapping[str, Any],
    units: Units,
    disruption: Disruption,
) -> dict[str, Any]:
    was = disruption.before.get(str(row.pk), {}).get("taken")
    before = (
        {one[1] for one in was}
        if was is not None
        else {str(one.resource_id) for one in row.reservations.all()}
    )
    after = dict.fromkeys(one[1] for one in stored["taken"] if one[4])
    return {
        "id": row.pk,
        "name": _(row.service.title),
        "before": instant(stored["from"]),
        "after": instant(stored["start"]),
        "same_time": stored["from"] == stored["start"],
        "with_new": [units[unit].name for unit in after if unit in units and unit not in before],
        "without": [units[unit].name for unit in units if unit in before and unit not in after],
        "pinned": stored["pinned"],
        "follows": stored["follows"],
        "allowed": badge_of(stored),
    }


def unplaced_of(
    disruption: Disruption, rows: Rows, units: Units, *, open_: bool
) -> list[dict[str, Any]]:
    """Sessions without a place: why, and what somebody can do, and how. Within the site's time. Two
    queries at most."""
    unplaced = disruption.proposal["unplaced"]
    waits = waiting_for(UUID(one["appointment"]) for one in unplaced) if unplaced else {}
    sites = sites_named(way for one in unplaced for way in one["options"])
    return [
        {
            "id": row.pk,
            "patient": row.patient,
            "name": _(row.service.title),
            "start": row.start,
            "reasons": [
                sentence
                for refusal in refusals_of(stored)
                for sentence in _why(refusal, disruption.site.timezone, _(row.service.title))
            ],
            "options": options_of(
                row, stored["options"], units, sites, waits.get(row.pk), open_=open_
            ),
        }
        for stored in unplaced
        if (row := rows.get(UUID(stored["appointment"]))) is not None
    ]


def _why(refusal: Refusal, zone: str, title: str) -> Iterable[str]:
    """Why there is no place, as the desk has to know it: the reader has asked for no days."""
    facts = refusal.facts
    if refusal.code == Code.NO_PLAN:
        yield _("The sessions before and after it in its course leave no day for it.")
    elif refusal.code != Code.NO_START:
        yield words.sentence(refusal, zone, lambda step: title)
    elif facts["role"] == "patient":
        yield _(
            "Its rules leave %(days)s. All that it needs is free together then, but not when this"
            " patient can have it: their days and hours, their other sessions or short notice are"
            " in the way."
        ) % {"days": _days(facts)}
    else:
        yield _(
            "Its rules leave %(days)s. Days with a free %(role)s then: %(open)s; with all that it"
            " needs at one time: %(joint)s."
        ) % {
            "days": _days(facts),
            "role": wording.ROLES.get(facts["role"], facts["role"]),
            "open": facts["days_open"],
            "joint": facts["days_joint"],
        }


def _days(facts: Mapping[str, Any]) -> str:
    first, last = (date_format(date.fromisoformat(facts[name]), "D j M") for name in ("from", "to"))
    if first == last:
        return first
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def costs_of(disruption: Disruption) -> list[str]:
    """What the repair costs patients, in words."""
    zone = disruption.site.timezone
    kinds: Counter[str] = Counter()
    for stored in disruption.proposal["changes"]:
        before, after = instant(stored["from"]), instant(stored["start"])
        if stored["follows"]:
            kinds["follows"] += 1
        elif before == after:
            kinds["same"] += 1
        elif walltime.local_date(before, zone) == walltime.local_date(after, zone):
            kinds["day"] += 1
        else:
            kinds["other"] += 1
    kinds["person"] = _other_persons(disruption)
    kinds["none"] = len(disruption.proposal["unplaced"])
    kinds["left"] = len(disruption.proposal["excluded"])
    told = (
        (ngettext("%(n)s keeps its time", "%(n)s keep their time", kinds["same"]), kinds["same"]),
        (
            ngettext("%(n)s moves within the day", "%(n)s move within the day", kinds["day"]),
            kinds["day"],
        ),
        (
            ngettext("%(n)s moves to another day", "%(n)s move to another day", kinds["other"]),
            kinds["other"],
        ),
        (
            ngettext(
                "%(n)s patient sees another therapist or counsellor",
                "%(n)s patients see another therapist or counsellor",
                kinds["person"],
            ),
            kinds["person"],
        ),
        (ngettext("%(n)s has no place", "%(n)s have no place", kinds["none"]), kinds["none"]),
        (
            ngettext("%(n)s is left to a person", "%(n)s are left to a person", kinds["left"]),
            kinds["left"],
        ),
        (
            ngettext(
                "%(n)s other session makes room", "%(n)s other sessions make room", kinds["follows"]
            ),
            kinds["follows"],
        ),
    )
    return [words_ % {"n": count} for words_, count in told if count]


def _other_persons(disruption: Disruption) -> int:
    """Sessions given by another person than the one who stays throughout the course: their price
    is more than that of the time alone."""
    zone = disruption.site.timezone
    grid_days = {
        stored["appointment"]: (
            walltime.local_date(instant(stored["from"]), zone),
            walltime.local_date(instant(stored["start"]), zone),
        )
        for stored in disruption.proposal["changes"]
    }
    found = 0
    for stored in disruption.proposal["changes"]:
        before, after = grid_days[stored["appointment"]]
        slots = abs(stored["start"] - stored["from"]) // SLOT
        was, now = (before.toordinal(), 0), (after.toordinal(), slots if before == after else 0)
        found += stored["price"] >= price_of_move(was, now) + OTHER_PERSON
    return found


def board_of(disruption: Disruption, day: date, now: datetime, *, after: bool) -> dict[str, Any]:
    """The day with only the people and places that the repair touches: as it is, or as it would
    be. Seven queries."""
    seen = board(disruption.site, day, now)
    changes = {one.appointment: one.change for one in read(disruption.proposal)}
    applied = disruption.status == "applied"
    touched = {
        entry.resource_id
        for column in seen.columns
        for entry in column.entries
        if entry.appointment_id in changes
    }
    touched |= {
        UUID(taken.unit)
        for change in changes.values()
        for taken in change.session.taken
        if taken.lanes and seen.start <= instant(taken.start) < seen.end
    }
    if disruption.resource_id:
        touched.add(disruption.resource_id)
    columns = [one for one in seen.columns if one.resource.pk in touched]
    if after and not applied:
        columns = [_after(column, changes, seen) for column in columns]
    wanted = replace(seen, appointments=Appointment.objects.filter(pk__in=_shown(columns)))
    visits = blocks.visits_of(wanted, now)
    for key, visit in visits.items():
        visit["changed"] = key in changes
    window = window_of(seen.start, seen.end, columns)
    return {
        **frame_of(window, now),
        "columns": [_column(one, window, visits) for one in columns],
    }


def _after(column: Column, changes: Mapping[UUID, Any], seen: Board) -> Column:
    """The column with what leaves taken out and what comes put in."""
    entries = [one for one in column.entries if one.appointment_id not in changes]
    number = 0
    for key, change in changes.items():
        for taken in change.session.taken:
            low, high = instant(taken.start), instant(taken.end)
            if taken.unit != str(column.resource.pk) or not taken.lanes or high <= seen.start:
                continue
            if low < seen.end:
                number -= 1
                during = DateTimeTZRange(low, high)
                entries.append(
                    Reservation(
                        pk=number,
                        resource=column.resource,
                        lane=_lane(column.resource, entries, low, high),
                        during=during,
                        role=taken.role,
                        appointment_id=key,
                    )
                )
    return replace(column, entries=tuple(sorted(entries, key=lambda one: one.during.lower)))


def _lane(resource: Resource, entries: Iterable[Reservation], low: datetime, high: datetime) -> int:
    """A lane in which it can be drawn."""
    taken = {one.lane for one in entries if one.during.lower < high and low < one.during.upper}
    return next((lane for lane in range(resource.capacity) if lane not in taken), 0)


def _shown(columns: Iterable[Column]) -> set[UUID]:
    return {
        entry.appointment_id
        for column in columns
        for entry in column.entries
        if entry.appointment_id
    }


def _column(
    column: Column, window: Window, visits: Mapping[UUID, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": column.resource.pk,
        "title": column.resource.name,
        "of_a_week": True,
        "start": window.start,
        "lanes": lanes_of(column),
        "closed": timetable.closed(window, column.hours),
        "closures": blocks.closures_of(column, window),
        "blocks": blocks.blocks_of(column, window, visits),
    }
