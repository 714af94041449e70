"""What somebody waits for, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling.models import WaitlistEntry, WaitlistWant
from scheduling.web import names
from scheduling.web.patient.forms import PARTS, WEEKDAYS

WANTS = {
    WaitlistWant.EARLIER: gettext_lazy("Sooner"),
    WaitlistWant.TIME_OF_DAY: gettext_lazy("At another time"),
    WaitlistWant.PERSON: gettext_lazy("With a certain person"),
    WaitlistWant.COURSE: gettext_lazy("The whole course"),
}


def waiting_row(entry: WaitlistEntry) -> dict[str, Any]:
    """An entry as its reader sees it. Load it with `shown_rows`."""
    return {
        "id": entry.pk,
        "site": entry.site,
        "title": title_of(entry),
        "want": WANTS[WaitlistWant(entry.want)],
        "limits": limits_of(entry),
        "present": entry.appointment.start
        if entry.appointment and entry.appointment.status == "booked"
        else None,
        "since": entry.created_at,
        "offer": next((one for one in entry.offers.all() if one.status == "offered"), None),
    }


def title_of(entry: WaitlistEntry) -> str:
    """What it is about, as the patient calls it."""
    if entry.protocol_version is not None:
        return _(entry.protocol_version.protocol.title)
    if entry.care_plan is not None and entry.appointment is not None:
        visits = (
            names.Visit(one.step, one.service_id, one.service.title, one.start)
            for one in entry.care_plan.appointments.all()
        )
        return names.names_of(visits)[entry.appointment.step]
    assert entry.service is not None  # noqa: S101 - for the type checker
    return _(entry.service.title)


def limits_of(entry: WaitlistEntry) -> list[str]:
    """Days, times of day and the person that it is limited to."""
    days, parts = dict(WEEKDAYS), dict(PARTS)
    said = [str(days[str(day)]) for day in entry.weekdays]
    said += [str(parts[part]) for part in entry.day_parts if part in parts]
    return [*said, entry.person.name] if entry.person else said
