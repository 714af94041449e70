"""Random clinics and courses, small enough for the naive oracle.

Everything is drawn from a `random.Random`, so that Hypothesis can drive (and shrink) it with
`st.randoms()` and a figure can be reproduced from a seed alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from scheduling.core.clinic import Booking, Period, Unit
from scheduling.core.course import START, Course, DayLimits, Rule, Step, Window
from scheduling.core.service import Phase, Requirement, Service
from scheduling.core.wishes import DAY_PARTS, Liking, PatientTime, Wishes
from tests.core.oracle.case import STEP, Case, first_instant
from tests.core.oracle.ledger import Ledger

ZONES = (
    ("Europe/Amsterdam", date(2026, 3, 26)),
    ("Europe/Amsterdam", date(2026, 10, 22)),
    ("America/Denver", date(2026, 3, 5)),
    ("Australia/Lord_Howe", date(2026, 4, 2)),
    ("Australia/Sydney", date(2026, 10, 1)),
    ("America/St_Johns", date(2026, 10, 29)),
    ("Asia/Beirut", date(2026, 3, 26)),
    ("Africa/Cairo", date(2026, 4, 21)),
)
"""Zones, each with a first date a few days before the clock changes."""
LANGUAGES = ("nl", "en", "es")


def tiny_case(rng: Random) -> Case:
    """Two to four steps over a few days: every plan can be tried."""
    return random_case(rng, steps=rng.randint(2, 4), days=rng.randint(3, 6), starts=3)


def small_case(rng: Random) -> Case:
    """Up to eight steps over three weeks: every proposal can be checked."""
    return random_case(rng, steps=rng.randint(3, 8), days=rng.randint(8, 21), starts=40)


def random_case(rng: Random, *, steps: int, days: int, starts: int) -> Case:
    """`starts` bounds, roughly, how many five-minute starts a shift leaves a session."""
    zone, first = rng.choice(ZONES)
    services = _services(rng)
    units = tuple(_units(rng, zone, first, days, starts))
    return Case(
        zone,
        first,
        days,
        units,
        tuple(_bookings(rng, units)),
        course := _course(rng, services, steps, days),
        replace(_wishes(rng, units, first, days), fixed=_fixed(rng, course, zone, first, days)),
        _patient(rng, zone, first, days),
        DayLimits(rng.choice((2, 3, 4)), rng.choice((0, 10, 15)), rng.choice((60, 120, 360))),
    )


def _services(rng: Random) -> list[Service]:
    """A treatment with phases and a turnover, a first dose, two kinds of talk, a group, a call."""
    treat = rng.choice((10, 15, 20))
    phases = (Phase("prepare", 5), Phase("treat", treat), Phase("turnover", rng.choice((0, 5, 10))))
    end = 5 + treat
    whole = end + phases[2].minutes
    alone = rng.random() < 0.3
    treatment = Service(
        "treatment",
        phases,
        (
            Requirement("chair", 0, whole),
            Requirement("nurse", 0, 5, alone=alone),
            Requirement("nurse", 5, end, alone=alone, qualification=rng.choice((None, "acls"))),
            Requirement("doctor", 0, end, present=True),
            *([Requirement("doctor", 0, 5)] if rng.random() < 0.5 else []),
        ),
        treatment=True,
    )
    speaks = rng.random() < 0.5
    talk = Service(
        "talk",
        (Phase("treat", 15),),
        (Requirement("therapist", 0, 15, speaks=speaks), Requirement("room", 0, 15)),
        talk=rng.random() < 0.7,
        continuity=rng.choice(("therapist", None)),
    )
    joint = Service(
        "joint",
        (Phase("treat", 10),),
        (Requirement("nurse", 0, 10, speaks=speaks), Requirement("therapist", 0, 10)),
        continuity=rng.choice(("nurse", "therapist", None)),
    )
    group = Service("group", (Phase("treat", 20),), (Requirement("group", 0, 20),))
    call = Service("call", (Phase("treat", 10),), (Requirement("doctor", 0, 10),), mode="phone")
    return [treatment, talk, joint, group, call]


def _units(rng: Random, zone: str, first: date, days: int, starts: int) -> list[Unit]:
    units = []
    people = ["nurse", "therapist", "doctor", rng.choice(("nurse", "therapist", "doctor"))]
    for number, role in enumerate(people):
        roles = {role}
        if rng.random() < 0.3:
            roles.add(rng.choice(("nurse", "therapist", "doctor")))
        held = {"acls": rng.choice((None, first.toordinal() + rng.randrange(days)))}
        units.append(
            Unit(
                f"p{number}",
                f"person {number}",
                frozenset(roles),
                capacity=rng.choice((1, 2)) if "nurse" in roles else 1,
                opens=_opens(rng, zone, first, days, starts),
                languages=frozenset(rng.sample(LANGUAGES, rng.choice((1, 2)))),
                qualifications=held if rng.random() < 0.7 else {},
            )
        )
    for number, kind in enumerate(("chair", "room", rng.choice(("chair", "room")))):
        features = frozenset({"step_free"}) if rng.random() < 0.7 else frozenset()
        opens = _opens(rng, zone, first, days, starts + 2)
        units.append(
            Unit(f"x{number}", kind, frozenset({kind}), 1, opens, features=features, person=False)
        )
    meetings = tuple(
        (start, start + 1200)
        for start, _ in _opens(rng, zone, first, days, starts)
        if rng.random() < 0.6
    )
    units.append(Unit("g", "group", frozenset({"group"}), 2, meetings, person=False))
    return units


def _opens(rng: Random, zone: str, first: date, days: int, starts: int) -> tuple[Period, ...]:
    """At most two shifts a day near one moment; sometimes at night, when clocks change."""
    night = rng.random() < 0.2
    periods: list[Period] = []
    for number in range(days):
        if rng.random() < 0.15:
            continue
        midnight = first_instant(zone, first + timedelta(days=number))
        begin = midnight + STEP * ((0 if night else 120) + rng.randrange(starts))
        end = begin + STEP * rng.randint(4, 6 + starts)
        periods.append((begin, end))
        if rng.random() < 0.3:
            begin = end + STEP * rng.randint(0, 4)
            periods.append((begin, begin + STEP * rng.randint(3, 5)))
    return tuple(periods)


def _bookings(rng: Random, units: tuple[Unit, ...]) -> list[Booking]:
    """Bookings that fit into lanes, each within the unit's hours."""
    made: list[Booking] = []
    ledger = Ledger(units, ())
    for unit in units:
        for start, end in unit.opens:
            if rng.random() < 0.35:
                low = start + STEP * rng.randrange((end - start) // STEP)
                high = min(end, low + STEP * rng.randint(1, 4))
                for _ in range(rng.randint(1, unit.capacity)):
                    if ledger.room(unit, low, high, 1):
                        ledger.take(unit, low, high, 1)
                        made.append(Booking(unit.id, low, high))
    return made


def _course(rng: Random, services: list[Service], count: int, days: int) -> Course:
    steps = [Step(f"s{n}.1", rng.choice(services), core=rng.random() < 0.7) for n in range(count)]
    rules = []
    for n, step in enumerate(steps):
        if n and rng.random() < 0.8:
            rules.append(_rule(rng, steps[rng.randrange(n)].id, step.id, days))
        if rng.random() < 0.25:
            rules.append(
                Rule(START, step.id, Window(0, rng.choice((None, 1)), rng.randint(1, days)))
            )
    apart = []
    if count > 2 and rng.random() < 0.2:
        one, two = rng.sample(steps, 2)
        apart.append((one.id, two.id))
    return Course(tuple(steps), tuple(rules), tuple(apart), spacing_days=rng.choice((1, 1, 2)))


def _rule(rng: Random, anchor: str, step: str, days: int) -> Rule:
    low = rng.choice((None, -3, -1, 0, 0, 1, 1, 2))
    high = rng.choice((None, None, 0, 1, 2, 3, days))
    if low is not None and high is not None and low > high:
        low, high = high, low
    if low is None and high is not None and rng.random() < 0.3:
        high = -1
    target = rng.choice((None, None, 0, 1, 2))
    return Rule(anchor, step, Window(low, target, high), rng.choice(("window", "gap")))


def _wishes(rng: Random, units: tuple[Unit, ...], first: date, days: int) -> Wishes:
    def rarely(chance: float) -> bool:
        return rng.random() < chance

    weekdays = frozenset(range(1, 8)) - frozenset({rng.randint(1, 7)} if rarely(0.3) else ())
    people = {
        role: rng.choice([unit.id for unit in units if role in unit.roles])
        for role in ("therapist", "nurse", "doctor")
    }
    liking = Liking(
        frozenset(rng.sample(range(1, 8), 3)) if rarely(0.5) else frozenset(),
        frozenset({rng.choice(sorted(DAY_PARTS))}) if rarely(0.4) else frozenset(),
        {"therapist": people["therapist"]} if rarely(0.3) else {},
    )
    return Wishes(
        earliest=first + timedelta(days=rng.choice((-2, 0, 0, 0, 0, 1, 1))),
        latest=first + timedelta(days=days - rng.choice((1, 2))) if rarely(0.2) else None,
        weekdays=weekdays,
        not_before=rng.choice((605, 615)) if rarely(0.15) else 0,
        not_after=rng.choice((635, 650, 700)) if rarely(0.15) else 24 * 60,
        languages=frozenset({rng.choice(LANGUAGES)}) if rarely(0.2) else frozenset(),
        access=frozenset({"step_free"}) if rarely(0.1) else frozenset(),
        practitioners={role: people[role] for role in ("therapist", "nurse") if rarely(0.1)},
        liking=liking,
    )


def _fixed(rng: Random, course: Course, zone: str, first: date, days: int) -> dict[str, int]:
    if rng.random() < 0.9:
        return {}
    midnight = first_instant(zone, first + timedelta(days=rng.randrange(days)))
    return {rng.choice(course.steps).id: midnight + STEP * rng.randint(120, 126)}


def _patient(rng: Random, zone: str, first: date, days: int) -> PatientTime:
    busy = []
    if rng.random() < 0.3:
        midnight = first_instant(zone, first + timedelta(days=rng.randrange(days)))
        begin = midnight + STEP * rng.randint(115, 130)
        busy.append((begin, begin + STEP * rng.randint(1, 6)))
    treatments = []
    if rng.random() < 0.2:
        treatments.append((first.toordinal() + rng.randint(-3, days), rng.randint(1, 3)))
    return PatientTime(tuple(busy), tuple(treatments))
