"""What each session of a course is called: "Therapy session 2 of 3"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from scheduling.models import Appointment, CarePlan


class Visit(NamedTuple):
    """A step of a course, its service with the title, and where it stands: a time or a number."""

    step: str
    service: str
    title: str
    place: Any


def names_of(visits: Iterable[Visit]) -> dict[str, str]:
    """The name of each step of one course.

    Sessions of one service are counted through the course by the steps of its protocol, so that a
    cancelled session and the one booked in its place have the same number. A session that is the
    only one of its service has none.
    """
    known = list(visits)
    began: dict[str, Any] = {}
    steps: dict[str, set[str]] = {}
    for visit in known:
        template = _template(visit.step)
        began[template] = min(visit.place, began.get(template, visit.place))
        steps.setdefault(visit.service, set()).add(visit.step)
    order = {
        service: sorted(own, key=lambda step: (began[_template(step)], _number(step), step))
        for service, own in steps.items()
    }
    return {visit.step: _name(visit, order[visit.service]) for visit in known}


def numbered(appointments: Iterable[Appointment]) -> dict[UUID, str]:
    """The name of each session of one course, by key. Services should be loaded."""
    rows = list(appointments)
    names = names_of(Visit(row.step, row.service_id, row.service.title, row.start) for row in rows)
    return {row.pk: names[row.step] for row in rows}


def steps_of(care_plan: CarePlan) -> dict[str, str]:
    """The name of each step of a course that has been booked. One query."""
    rows: Iterable[tuple[str, str, str, datetime]] = care_plan.appointments.values_list(
        "step", "service", "service__title", "start"
    )
    return names_of(Visit(*row) for row in rows)


def _name(visit: Visit, steps: list[str]) -> str:
    if len(steps) == 1:
        return _(visit.title)
    return _("%(session)s %(number)s of %(total)s") % {
        "session": _(visit.title),
        "number": steps.index(visit.step) + 1,
        "total": len(steps),
    }


def _template(step: str) -> str:
    return step.rpartition(".")[0]


def _number(step: str) -> int:
    number = step.rpartition(".")[2]
    return int(number) if number.isdigit() else 0
