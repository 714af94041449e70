"""What could be done about a session without a place, as the desk presses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling.core.repair import Option
from scheduling.models import Appointment, Resource, Site, StaffTask, WaitlistEntry, WaitlistStatus
from scheduling.operations.take_option import PINNED
from scheduling.operations.write import instant
from scheduling.web.patient import keys

WORDS: dict[str, Any] = {
    Option.VIDEO: gettext_lazy("By video, without a room"),
    Option.OVERTIME: gettext_lazy("With overtime"),
    Option.OTHER_TIMES: gettext_lazy("Outside the days and hours the patient asked for"),
    Option.LATER_START: gettext_lazy(
        "With a longer gap than the protocol says; a prescriber looks at it"
    ),
    Option.OTHER_SITE: gettext_lazy("At another site"),
    Option.WAITLIST: gettext_lazy("Wait for a time that becomes free"),
}
TAKEN: dict[str, Any] = {
    Option.VIDEO: gettext_lazy("by video"),
    Option.OVERTIME: gettext_lazy("overtime"),
    Option.OTHER_TIMES: gettext_lazy("outside their days and hours"),
    Option.LATER_START: gettext_lazy("longer gap"),
}
Stored = Mapping[str, Any]


def options_of(
    row: Appointment,
    stored: Iterable[Stored],
    units: Mapping[str, Resource],
    sites: Mapping[str, str],
    entry: UUID | None,
    *,
    open_: bool,
) -> list[dict[str, Any]]:
    """Each option with its words and how it is done: by a button (`press`) or on a page (`url`).
    Once the repair is `open_` no more, only the waitlist is. `entry`: where the patient waits
    already. Within the site's time."""
    shown = []
    for one in stored:
        option, at = one["option"], _start(one)
        said: dict[str, Any] = {"option": option, "words": WORDS.get(option, option), "at": at}
        if option == Option.WAITLIST:
            if entry is not None:
                said["words"] = _("Waits for a time that becomes free")
                said["url"] = reverse("waitlist-entry", args=[entry])
            else:
                said["press"] = True
        elif option == Option.OTHER_SITE:
            if not one.get("site"):
                continue
            said["words"] = _("At another site: %(site)s") % {
                "site": sites.get(one["site"], one["site"])
            }
            said["url"] = _booking(row, one)
            said["hint"] = _("Book it there first, then cancel this one.")
        elif option in PINNED and open_:
            said["press"] = True
            said["hint"] = _who_stays(one.get("opens", ()), units)
            said["stays"] = ",".join(sorted({unit for unit, *_ in one.get("opens", ())}))
        shown.append(said)
    return shown


def options_of_task(task: StaffTask) -> list[dict[str, Any]]:
    """The options that are left once the repair was applied, each with the page where it is done.
    Within the site's time."""
    options = task.facts.get("options", ())
    repair, row = task.facts.get("disruption"), task.appointment if options else None
    shown = []
    for one in options:
        option, url = one["option"], ""
        if option == Option.WAITLIST and repair:
            url = reverse("desk-repair", args=[repair])
        elif option == Option.OTHER_SITE and row is not None and one.get("site"):
            url = _booking(row, one)
        elif option in PINNED and row is not None:
            url = f"{reverse('desk-move', args=[row.pk])}?{urlencode({'start': one['start']})}"
        if url:
            shown.append({"words": WORDS[option], "at": _start(one), "url": url})
    return shown


def waiting_for(rows: Iterable[UUID]) -> dict[UUID, UUID]:
    """Who of these sessions' patients waits for another time already: entry by session. One
    query."""
    waits = WaitlistEntry.objects.filter(appointment__in=list(rows), status=WaitlistStatus.WAITING)
    return {key: pk for key, pk in waits.values_list("appointment", "pk") if key is not None}


def sites_named(stored: Iterable[Stored]) -> dict[str, str]:
    """What other sites among these options are called. One query, if there are any."""
    slugs = {one["site"] for one in stored if one.get("site")}
    return dict(Site.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else {}


def badge_of(stored: Stored) -> str:
    """What staff allowed for a change, in a word or two. Within the site's time."""
    option = stored.get("option")
    if option == Option.OVERTIME and stored["opens"]:
        until = localtime(instant(max(end for _unit, _start, end in stored["opens"])))
        return _("overtime until %(until)s") % {"until": date_format(until, "H:i")}
    return str(TAKEN.get(option, "")) if option else ""


def _who_stays(opens: Iterable[tuple[str, int, int]], units: Mapping[str, Resource]) -> str:
    """Whom to ask before; empty where nobody has to stay."""
    people = {
        units[unit].name: end
        for unit, _start, end in opens
        if unit in units and units[unit].kind == "person"
    }
    if not people:
        return ""
    until = date_format(localtime(instant(max(people.values()))), "H:i")
    return _("Ask first: %(who)s would stay until %(until)s.") % {
        "who": ", ".join(sorted(people)),
        "until": until,
    }


def _booking(row: Appointment, one: Stored) -> str:
    """The page that books the same visit at that site, with its time filled in."""
    page = reverse("desk-book-visit", args=[row.patient_id, keys.key(row.service_id)])
    return f"{page}?{urlencode({'site': one['site'], 'by': row.mode, 'start': one['start']})}"


def _start(one: Stored) -> datetime | None:
    return datetime.fromisoformat(one["start"]) if one.get("start") else None
