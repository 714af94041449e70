"""The patient's side of a start: the days and times that they can, and those that they like."""

from __future__ import annotations

from collections.abc import Collection

from scheduling.core.grid import ROW, SLOT, DayGrid
from scheduling.core.service import Service
from scheduling.core.wishes import DAY_PARTS, PatientTime, Wishes

EVERY_START = (1 << ROW) - 1


def possible_starts(
    grid: DayGrid,
    service: Service,
    first_day: int,
    last_day: int,
    wishes: Wishes | None,
    patient: PatientTime,
    *,
    break_minutes: int = 10,
    spacing_days: int = 1,
) -> list[int]:
    """Row by row for days `first_day` … `last_day`, the starts the patient can come to.

    The day lies within earliest and latest and is a wished weekday; the start lies in a wished day
    part; the session lies between not_before and not_after; it keeps the break from every busy
    period; a treatment keeps `spacing_days` before a later treatment of the patient, and from an
    earlier one the spacing that one asked for.
    """
    rows = [EVERY_START] * (last_day - first_day + 1)
    if wishes is not None:
        rows = _wished_rows(grid, service, first_day, last_day, wishes)
    length, rest = service.minutes * 60, break_minutes * 60
    for start, end in patient.busy:
        forbidden = (start - rest - length) // SLOT * SLOT + SLOT
        for day, bits in grid.clip(forbidden, end + rest):
            if first_day <= day <= last_day:
                rows[day - first_day] &= ~bits
    if service.treatment:
        for ordinal, spacing in patient.treatments:
            day = ordinal - grid.first.toordinal()
            for near in range(day - spacing_days + 1, day + spacing):
                if first_day <= near <= last_day:
                    rows[near - first_day] = 0
    return rows


def _wished_rows(
    grid: DayGrid, service: Service, first_day: int, last_day: int, wishes: Wishes
) -> list[int]:
    slots_needed = -(-service.minutes * 60 // SLOT)
    by_length: dict[int, int] = {}
    rows = []
    for day in range(first_day, last_day + 1):
        when = grid.date_of(day)
        if (
            when < wishes.earliest
            or (wishes.latest is not None and when > wishes.latest)
            or when.isoweekday() not in wishes.weekdays
        ):
            rows.append(0)
            continue
        key = grid.slots(day)
        if key not in by_length:
            first = grid.slot_of_wall(day, wishes.not_before + SLOT // 60 - 1)
            last = grid.slot_of_wall(day, wishes.not_after) - slots_needed
            within = (1 << (last + 1)) - (1 << first) if first <= last else 0
            by_length[key] = within & parts_row(grid, day, wishes.day_parts)
        rows.append(by_length[key])
    return rows


def parts_row(grid: DayGrid, day: int, parts: Collection[str]) -> int:
    """The slots of the day whose start counts for one of these day parts."""
    row = 0
    for part in parts:
        first, last = (grid.slot_of_wall(day, minute) for minute in DAY_PARTS[part])
        row |= (1 << last) - (1 << first)
    return row
