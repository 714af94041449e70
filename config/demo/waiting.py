"""Somebody waits in the demo clinic, so that the desk's waitlist is not empty."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Patient, User
from scheduling.core.refusals import Refused
from scheduling.core.walltime import local
from scheduling.models import Appointment, Service, Site
from scheduling.operations.actor import Actor
from scheduling.operations.join_waitlist import Wish, join_waitlist
from scheduling.operations.steer_waitlist import set_priority

WAITING = 6


def wait(site: Site, desk: User, now: datetime) -> int:
    """A few patients wait for an earlier time of a later session, one of them urgently, and two for
    a visit; how many wait."""
    actor = Actor.of(desk)
    rows = Appointment.objects.filter(
        site=site, status="booked", start__gt=now + timedelta(days=10), care_plan__status="active"
    ).select_related("patient", "service", "care_plan__protocol_version", "care_plan__site")
    seen: set[object] = set()
    made = 0
    for one in rows.order_by("start")[:200]:
        if one.patient_id in seen or one.service_id == "evaluation" or made == WAITING:
            continue
        seen.add(one.patient_id)
        hour = local(one.start, site.timezone).hour
        other = ("afternoon",) if hour < 12 else ("morning",)
        wish = (
            Wish("earlier", appointment=one)
            if made % 3
            else Wish("time_of_day", appointment=one, day_parts=other)
        )
        try:
            entry = join_waitlist(
                actor=actor,
                patient=one.patient,
                site=site,
                wish=wish,
                now=now + timedelta(seconds=made),
            )
        except Refused:
            continue
        made += 1
        if made == 4:
            why = "Works nights from next week on"
            set_priority(actor=actor, entry=entry, priority=1, reason=why, now=now)
    evaluation = Service.objects.get(slug="evaluation")
    for patient in Patient.objects.filter(care_plans=None, user=None).order_by("created_at")[:2]:
        wish = Wish("earlier", service=evaluation)
        join_waitlist(actor=actor, patient=patient, site=site, wish=wish, now=now)
        made += 1
    return made
