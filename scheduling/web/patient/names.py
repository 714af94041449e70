"""What each session of a course is called: "Therapy session 2 of 3"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from scheduling.models import Appointment


def numbered(appointments: Iterable[Appointment]) -> dict[UUID, str]:
    """The name of each session of one course, by key. Services should be loaded.

    Counted are the steps of the protocol, so that a cancelled session and the one booked in its
    place have the same number. A session that is the only one of its kind has none.
    """
    rows = list(appointments)
    kinds = Counter(step.rpartition(".")[0] for step in {row.step for row in rows})
    return {row.pk: _name(row, kinds[row.step.rpartition(".")[0]]) for row in rows}


def _name(appointment: Appointment, total: int) -> str:
    number = appointment.step.rpartition(".")[2]
    if total < 2 or not number.isdigit():
        return appointment.service.title
    return _("%(session)s %(number)s of %(total)s") % {
        "session": appointment.service.title,
        "number": number,
        "total": max(total, int(number)),
    }
