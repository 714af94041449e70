"""What would do instead, where a time is not free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from heapq import merge

from scheduling.core.availability import Availability
from scheduling.core.bits import ones, ones_downward
from scheduling.core.course import Course
from scheduling.core.grid import DayGrid
from scheduling.core.patient import possible_starts
from scheduling.core.plan import Session
from scheduling.core.pools import pools_for
from scheduling.core.refusals import Code, Refused
from scheduling.core.verify import verify
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.operations.binding import Needs, session
from scheduling.operations.write import instant

OFFERED = 3
"""Starts named for each step: the nearest ones."""
TRIED = 20
"""Free starts looked at for each step, from the nearest on."""
DAYS_AROUND = 7
DAY_SECONDS = 24 * 3600
OF_THE_DAY = frozenset({Code.GAP, Code.WINDOW, Code.SPACING, Code.SAME_DAY, Code.TREATMENT_CAP})
"""Rules that any other start of the same day would break as well."""
NOT_FREE = frozenset({Code.TAKEN, Code.NO_STAFF, Code.OUTSIDE_HOURS})


def with_alternatives(
    refused: Refused,
    availability: Availability,
    course: Course,
    placed: Mapping[str, Session],
    earliest: date,
    patient: PatientTime,
    needs: Needs,
) -> Refused:
    """The same refusal with the nearest starts that would do instead of each one that is not free,
    every other session staying where it was asked for."""
    steps = {refusal.facts["step"] for refusal in refused.refusals if refusal.code in NOT_FREE}
    wishes = Wishes(earliest=earliest, languages=needs.languages, access=needs.access)
    offers = {
        step: nearest(availability, course, placed, step, wishes, patient) for step in sorted(steps)
    }
    return Refused(refused.refusals, alternatives=offers)


def nearest(
    availability: Availability,
    course: Course,
    placed: Mapping[str, Session],
    step: str,
    wishes: Wishes,
    patient: PatientTime,
) -> list[datetime]:
    """The free starts nearest to where the step was asked for that break no rule which the course
    keeps now. Not every other session need be free."""
    grid = availability.grid
    service, wanted = course.step(step).service, placed[step].start
    day = grid.locate(wanted)[0]
    first, last = max(day - DAYS_AROUND, 0), min(day + DAYS_AROUND, grid.days - 1)
    pools = pools_for(availability.units, service, languages=wishes.languages, access=wishes.access)
    possible = possible_starts(grid, service, first, last, wishes, patient)
    free = availability.rows_of(service, pools, first, last)
    rows = [row & allowed for row, allowed in zip(free, possible, strict=True)]
    own, company = concerned(course, placed, step)
    found: list[int] = []
    shut: set[int] = set()
    tried = 0
    for start in outwards(grid, first, rows, wanted):
        day = grid.locate(start)[0]
        if day in shut:
            continue
        moved = {**company, step: session(step, service, start)}
        rules = verify(
            own, moved, zone=grid.zone, start=wishes.earliest, patient=patient, partial=True
        )
        if not rules.broken:
            found.append(start)
        elif any(one.code in OF_THE_DAY for one in rules.broken):
            shut.add(day)
        tried += 1
        if len(found) == OFFERED or tried == TRIED:
            break
    return [instant(start) for start in sorted(found)]


def outwards(grid: DayGrid, first: int, rows: Sequence[int], wanted: int) -> Iterator[int]:
    """The starts that are set in the rows of the days from `first` on, nearest to `wanted` first.
    Nothing is unpacked that is not asked for: most are found within a day or two."""
    day, slot = grid.locate(wanted)
    own = rows[day - first]
    after = (
        (day, own >> slot << slot),
        *((n, rows[n - first]) for n in range(day + 1, first + len(rows))),
    )
    before = (
        (day, own & (1 << slot) - 1),
        *((n, rows[n - first]) for n in range(day - 1, first - 1, -1)),
    )
    later = (grid.instant(number, one) for number, row in after for one in ones(row))
    earlier = (grid.instant(number, one) for number, row in before for one in ones_downward(row))
    return merge(earlier, later, key=lambda start: abs(start - wanted))


def concerned(
    course: Course, placed: Mapping[str, Session], step: str
) -> tuple[Course, dict[str, Session]]:
    """The rules of one step, and the sessions that can break one when it moves by a week at most:
    its partners in these rules, and whatever is near enough to share a day or a spacing with it."""
    rules = tuple(rule for rule in course.rules if step in (rule.step, rule.anchor))
    partners = {other for rule in rules for other in (rule.step, rule.anchor)}
    near = (DAYS_AROUND + course.spacing_days + 1) * DAY_SECONDS
    company = {
        other: session
        for other, session in placed.items()
        if other in partners or abs(session.start - placed[step].start) <= near
    }
    return replace(course, rules=rules), company
