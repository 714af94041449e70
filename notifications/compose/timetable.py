"""Sessions as lines of a message: when and where, in words, written once for all its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from babel.dates import get_timezone_location
from django.utils.dateformat import format as write_date
from django.utils.formats import get_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from notifications.calendars.invitation import one_line
from notifications.core.session import Session
from scheduling.core.walltime import load_zone, local

IN_PERSON, VIDEO, PHONE = "in_person", "video", "phone"
SMALL = ("es",)
"""Languages that write days and months small inside a sentence; Django's own are written large."""
NO_BREAK = "\N{NO-BREAK SPACE}"
"""Holds the words of one time together on a narrow screen; plain text has a space instead."""
WHOLE, BRIEF = f"l, j{NO_BREAK}F Y", "l j F"


@dataclass(frozen=True, slots=True)
class Line:
    """One session. `day` is the whole date, `short` fits under its `month`, `brief` into a text
    message, as does `start` without the end. `where` is empty where
    all sessions of the message are at one place: the message then says it once. `before_…`: its
    time before a move, else empty."""

    day: str
    short: str
    month: str
    time: str
    brief: str
    start: str
    where: str = ""
    before_day: str = ""
    before_time: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where people go: the clinic's neutral name and the street address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """`city`: whose clocks these times are, where somebody may be elsewhere; else empty.
    `days`: how many different ones."""

    lines: tuple[Line, ...]
    places: tuple[Place, ...]
    days: int
    by_video: bool
    by_phone: bool
    city: str

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def last(self) -> Line:
        return self.lines[-1]


def timetable(sessions: Sequence[Session], among: Sequence[Session] = ()) -> Timetable:
    """In the order that they come in, in the language that is active. `among`: all that the message
    tells of, where that is more."""
    told = among or sessions
    modes = {one.mode for one in told}
    places = _places(one for one in told if one.mode == IN_PERSON)
    mixed = len(modes) > 1 or len(places) > 1
    named = len(places) > 1
    lines = tuple(_line(one, _where(one, named) if mixed else "") for one in sessions)
    away = modes & {VIDEO, PHONE}
    return Timetable(
        lines=lines,
        places=places,
        days=len({one.day for one in lines}),
        by_video=VIDEO in modes,
        by_phone=PHONE in modes,
        city=city_of(sessions[0].zone, get_language() or "en") if away else "",
    )


def moment(at: datetime, zone: str, day: str = WHOLE) -> tuple[str, str]:
    """The day and the time of an instant, in words, as the clinic's clocks show it."""
    there = local(at, zone)
    return _date(there, day), _clock(there)


@cache
def city_of(zone: str, language: str) -> str:
    """The city whose clocks the zone shows; empty for zones without one. Zones have nicer names
    ("Mountain Time"), which leave it open whether Phoenix or Denver is meant."""
    if zone.startswith("Etc/") or "/" not in zone:
        return ""
    name: str = get_timezone_location(load_zone(zone), locale=language, return_city=True)
    return name


def street(address: str) -> str:
    """An address of several lines on one."""
    return ", ".join(filter(None, map(one_line, address.splitlines())))


def _line(one: Session, where: str) -> Line:
    start, end = local(one.start, one.zone), local(one.end, one.zone)
    before = ("", "")
    if one.moved and one.was is not None:
        before = moment(one.was, one.zone)
    return Line(
        day=_date(start, WHOLE),
        short=_date(start, "l j"),
        month=_date(start, "F Y"),
        time=f"{_clock(start)} – {_clock(end)}",
        brief=_date(start, BRIEF),
        start=_clock(start),
        where=where,
        before_day=before[0],
        before_time=before[1],
    )


def _date(there: datetime, written: str) -> str:
    words = write_date(there, get_format(written))
    return words.lower() if get_language() in SMALL else words


def _clock(there: datetime) -> str:
    return write_date(there, get_format("TIME_FORMAT")).replace(" ", NO_BREAK)


def _where(one: Session, named: bool) -> str:
    if one.mode == VIDEO:
        return _("By video")
    if one.mode == PHONE:
        return _("By phone")
    return one_line(one.clinic) if named else _("At the clinic")


def _places(sessions: Iterable[Session]) -> tuple[Place, ...]:
    found = {Place(one_line(one.clinic), street(one.address)): None for one in sessions}
    return tuple(found)
