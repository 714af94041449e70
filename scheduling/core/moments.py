"""When the questionnaires and forms of a protocol are due, counted from where the sessions stand.

Nothing is stored: a session that moves takes what hangs on it along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from scheduling.core.protocol import Due, TaskTemplate


@dataclass(frozen=True, slots=True)
class Moment:
    """One time a task is due: from the day `opens` to the day `closes`, both included, local.

    `key` names it within its course for good, wherever the sessions move.
    """

    key: str
    task: TaskTemplate
    step: str
    opens: date
    closes: date


def moments(tasks: Iterable[TaskTemplate], days: Mapping[str, date]) -> list[Moment]:
    """Every moment of a course by day; `days` holds the local day of each session that stands.

    What hangs on a session that does not stand is not due.
    """
    found = [moment for task in tasks for moment in _of_task(task, days)]
    return sorted(found, key=lambda moment: (moment.opens, moment.closes, moment.key))


def _of_task(task: TaskTemplate, days: Mapping[str, date]) -> Iterator[Moment]:
    for number, due in enumerate(task.due, start=1):
        for step in sorted(days):
            if due.anchor not in (step, step.rpartition(".")[0]):
                continue
            for repeat in range(due.times):
                yield _moment(task, number, due, step, repeat, days[step])


def _moment(task: TaskTemplate, number: int, due: Due, step: str, repeat: int, day: date) -> Moment:
    later = timedelta(days=(due.every or 0) * repeat)
    first, last = (day + timedelta(days=count) + later for count in due.days)
    return Moment(f"{task.id}/{number}/{step}/{repeat + 1}", task, step, first, last)
