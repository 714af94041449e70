"""Existing bookings of the demo clinic: real courses, booked the way everybody books."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F, Sum

from accounts.models import Patient, User
from config.demo import people
from scheduling.core import walltime
from scheduling.core.refusals import Refused
from scheduling.core.wishes import Liking, Wishes
from scheduling.models import CarePlan, Reservation, Site
from scheduling.operations.actor import Actor
from scheduling.operations.clear import clear
from scheduling.operations.confirm import confirm
from scheduling.operations.hold import Wanted, hold_course
from scheduling.selectors import course_search, protocols

# Of the rooms' open hours; the chairs then hold about 0.7 of the infusions that fit into them, and
# from about 0.65 on no new course of treatments finds its place in the next weeks.
TARGET = 0.60
CLEARED = 0.75
PAST = timedelta(days=14)
ROOMS, CHAIRS = 2, 4
ROOM_DAY = timedelta(hours=9)
CHAIR_DAY = 3 * timedelta(minutes=145)
"""A day of nine hours has place for three infusions in a chair, however they are put."""
PROTOCOLS = ("trd_iv6", "trd_iv6", "trd_iv6", "ptsd_iv6_wet")
TRIES = 140


@dataclass(frozen=True)
class Made:
    """What was booked, and how full that leaves the clinic over the weeks (0 to 1)."""

    courses: int
    sessions: int
    room_load: float
    chair_load: float


def fill(site: Site, prescriber: User, now: datetime, *, weeks: int) -> Made:
    """Book courses of invented patients until the talk rooms are taken to `TARGET`.

    Booking began `PAST` ago, so that today treatments are under way, not only evaluations.
    """
    chance = random.Random(20_261_123)  # noqa: S311 - the same clinic every time, no secret
    today = walltime.local_date(now, site.timezone)
    began = now - PAST
    plans: list[CarePlan] = []
    for number in range(TRIES):
        if load(site, "therapy_room", ROOMS * ROOM_DAY, today, weeks) >= TARGET:
            break
        patient = people.invent_patient(number)
        patient.save()
        wishes = invent_wishes(chance, walltime.local_date(began, site.timezone), weeks)
        plan = book_course(site, patient, chance, wishes, prescriber, began)
        if plan is not None:
            plans.append(plan)
    return Made(
        courses=len(plans),
        sessions=sum(plan.sessions for plan in plans),
        room_load=load(site, "therapy_room", ROOMS * ROOM_DAY, today, weeks),
        chair_load=load(site, "infusion_chair", CHAIRS * CHAIR_DAY, today, weeks),
    )


def invent_wishes(chance: random.Random, today: date, weeks: int) -> Wishes:
    """When somebody can come: any start over the weeks, most days, some with a liking."""
    part = chance.choice(["morning", "afternoon", ""])
    away = chance.sample(range(1, 6), chance.choice([0, 0, 1]))
    return Wishes(
        earliest=today + timedelta(days=chance.randrange(weeks * 7)),
        weekdays=frozenset(range(1, 8)) - frozenset(away),
        liking=Liking(day_parts=frozenset({part} if part else ())),
    )


def book_course(
    site: Site,
    patient: Patient,
    chance: random.Random,
    wishes: Wishes,
    prescriber: User,
    now: datetime,
) -> CarePlan | None:
    """Plan, hold, confirm and, for most, clear one course. None where nothing fits any more."""
    version = protocols.latest(chance.choice(PROTOCOLS))
    blocks = [block for block in protocols.blocks(version) if chance.random() < 0.6]
    result = course_search.search(
        site=site,
        protocol_version=version,
        blocks=blocks,
        wishes=wishes,
        modes={},
        patient=patient,
        limit=1,
        now=now,
    )
    if not result.answer.proposals:
        return None
    actor = Actor.of(prescriber)
    try:
        plan = hold_course(
            actor=actor,
            patient=patient,
            protocol_version=version,
            site=site,
            sessions={
                step: Wanted(offered.start, offered.practitioners)
                for step, offered in result.wanted(result.answer.proposals[0]).items()
            },
            blocks=blocks,
            modes={},
            wishes_json={},
            now=now,
        )
        plan = confirm(actor=actor, care_plan=plan, version=plan.version, now=now)
        if chance.random() < CLEARED:
            clear(actor=actor, care_plan=plan, decision="cleared", now=now)
    except Refused:
        return None
    return plan


def load(site: Site, role: str, a_day: timedelta, today: date, weeks: int) -> float:
    """The share taken of what places of one kind have in the coming weeks, `a_day` each workday."""
    first = walltime.to_instant(today, time(), site.timezone)
    taken = Reservation.objects.filter(
        resource__site=site,
        resource__roles__contains=[role],
        during__overlap=(first, first + timedelta(weeks=weeks)),
    ).aggregate(time=Sum(F("during__endswith") - F("during__startswith")))["time"]
    return (taken or timedelta()) / (5 * weeks * a_day)
