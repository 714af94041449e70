"""What each session of a course is called: "Therapy session 2 of 3"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from scheduling.models import Appointment


def numbered(appointments: Iterable[Appointment]) -> dict[UUID, str]:
    """The name of each session of one course, by key. Services should be loaded.

    Sessions of one service are counted through the course by the steps of its protocol, so that a
    cancelled session and the one booked in its place have the same number. A session that is the
    only one of its service has none.
    """
    rows = list(appointments)
    began: dict[str, datetime] = {}
    steps: dict[str, set[str]] = {}
    for row in rows:
        template = _template(row.step)
        began[template] = min(row.start, began.get(template, row.start))
        steps.setdefault(row.service_id, set()).add(row.step)
    order = {
        service: sorted(known, key=lambda step: (began[_template(step)], _number(step), step))
        for service, known in steps.items()
    }
    return {row.pk: _name(row, order[row.service_id]) for row in rows}


def _name(appointment: Appointment, steps: list[str]) -> str:
    if len(steps) == 1:
        return appointment.service.title
    return _("%(session)s %(number)s of %(total)s") % {
        "session": appointment.service.title,
        "number": steps.index(appointment.step) + 1,
        "total": len(steps),
    }


def _template(step: str) -> str:
    return step.rpartition(".")[0]


def _number(step: str) -> int:
    number = step.rpartition(".")[2]
    return int(number) if number.isdigit() else 0
