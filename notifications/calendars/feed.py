"""A calendar that others' programs fetch again and again: all of somebody's appointments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _

from notifications.calendars.invitation import PUBLISH, calendar, event
from notifications.core.session import Session

REFRESH = timedelta(hours=1)
"""How often a program should look again. Many look once a day all the same."""


def feed(sessions: Iterable[Session], *, organizer: str, url: str) -> bytes:
    """The whole feed. What was cancelled stays in it and says so: some programs keep what merely
    disappears. No alarm: a feed is looked at, and whoever wants one sets it for the whole calendar.
    """
    shown = list(sessions)
    title = _("Appointments")
    return calendar(
        shown,
        [event(one, organizer=organizer, url=url, alarm=False) for one in shown],
        method=PUBLISH,
        about=[
            ("name", title, {}),  # RFC 7986, and what programs called it before
            ("x-wr-calname", title, {}),
            ("refresh-interval", REFRESH, {"VALUE": "DURATION"}),
            ("x-published-ttl", "PT1H", {}),
        ],
    )
