"""What each kind of message says: plain values in, template and subject out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from notifications.compose.letter import Content
from notifications.compose.timetable import BRIEF, Timetable, moment, timetable
from notifications.core.session import Session


def confirmation(sessions: Sequence[Session], *, reserved: bool) -> Content:
    """A whole course, or one visit. `reserved`: a prescriber has not confirmed its treatments."""
    return Content(
        "confirmation",
        _booked(len(sessions)),
        {"reserved": reserved, "table": timetable(sessions)},
        sessions=tuple(sessions),
        calendar=tuple(sessions),
    )


def change(
    sessions: Sequence[Session],
    *,
    by_patient: bool,
    disrupted: bool,
    answer: str = "",
    kept: Sequence[Session] = (),
    by_video: Sequence[Session] = (),
) -> Content:
    """What is different. `by_patient`: they did it themselves. `disrupted`: something at the clinic
    made it do so, to several courses at once; `answer`: where they say whether it suits them.
    `kept`: sessions at their time with another person; `by_video`: at their time, and nobody has to
    come any more."""
    moved = [one for one in sessions if one.moved]
    added = [one for one in sessions if one.added]
    off = [one for one in sessions if one.cancelled]
    stands = [*moved, *added, *by_video, *kept]
    news = [*sessions, *by_video]
    all_new = not (moved or by_video or kept or off)
    return Content(
        "moved" if stands else "cancelled",
        _change_subject(len(news) + len(kept), all_off=not stands, all_new=all_new),
        {
            "all_new": all_new,
            "by_patient": by_patient,
            "disrupted": disrupted and not by_patient,
            "answer": answer,
            "moved": _table(moved, stands or off),
            "by_video": _table(by_video, stands or off),
            "kept": _table(kept, stands or off),
            "added": _table(added, stands or off),
            "off": _table(off, stands or off),
            "table": timetable(stands or off),
        },
        sessions=tuple(news),
        calendar=tuple(news),
        acts_on=sessions[0] if len(off) == len(news) == 1 else None,
    )


def ahead(
    sessions: Sequence[Session],
    own: Session,
    *,
    preparing: bool,
    confirmed: bool,
    move: str = "",
) -> Content:
    """The sessions of one day. `own`: the one whose coming is asked for; `move`: where its time is
    changed, behind sign-in."""
    return Content(
        "preparation" if preparing else "reminder",
        _("Please get ready for your appointment") if preparing else _("Appointment reminder"),
        {"confirmed": confirmed, "move": move, "table": timetable(sessions)},
        sessions=tuple(sessions),
        acts_on=None if preparing else own,
    )


def hold_expiring(expires_at: datetime, zone: str, link: str) -> Content:
    return Content(
        "hold_expiring",
        _("Your times are kept for a little longer"),
        {**_until(expires_at, zone), "link": link},
    )


def clearance(link: str) -> Content:
    return Content("clearance", _("News about your appointments"), {"link": link})


def questionnaire(link: str) -> Content:
    return Content("questionnaire", _("A few questions for you"), {"link": link})


def follow_up(link: str) -> Content:
    return Content("follow_up", _("How are you today?"), {"link": link})


def proposal(link: str) -> Content:
    return Content("proposal", _("Please look at your plan"), {"link": link})


def waitlist_offer(expires_at: datetime | None, zone: str, link: str) -> Content:
    return Content(
        "waitlist_offer",
        _("A time has become free"),
        {**_until(expires_at, zone), "link": link},
    )


def staff_digest(*, visits: int, tasks: int, link: str) -> Content:
    return Content("staff_digest", _("Your day"), {"visits": visits, "tasks": tasks, "link": link})


def _until(at: datetime | None, zone: str) -> dict[str, str]:
    day, time = moment(at, zone) if at else ("", "")
    brief = moment(at, zone, BRIEF)[0] if at else ""
    return {"until_day": day, "until_time": time, "until_brief": brief}


def _booked(count: int) -> str:
    return _("Your appointment is booked") if count == 1 else _("Your appointments are booked")


def _change_subject(count: int, *, all_off: bool, all_new: bool) -> str:
    if all_off:
        return _("Your appointment is cancelled") if count == 1 else _("Appointments cancelled")
    if all_new:
        return _booked(count)
    return _("Your appointment has changed") if count == 1 else _("Your appointments have changed")


def _table(sessions: Sequence[Session], among: Sequence[Session]) -> Timetable | None:
    return timetable(sessions, among) if sessions else None
