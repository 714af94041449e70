"""A clinic with one evaluation a day, and somebody who waits for one."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Patient
from scheduling.models import (
    Appointment,
    ReservationChange,
    Service,
    Site,
    WaitlistEntry,
    WaitlistOffer,
)
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.join_waitlist import Wish, join_waitlist
from scheduling.operations.match_waitlist import match_waitlist
from tests.factories import (
    NOW,
    at,
    make_appointment,
    make_person,
    make_place,
    make_services,
    make_site,
    make_user,
)

THURSDAY = at("2026-11-26 09:00")
DESK = "desk@example.org"


def one_a_day() -> Site:
    """A prescriber who works from nine to ten, and a room."""
    site = make_site()
    make_services()
    make_person(site, "Dr Pell", "prescriber", hours=("09:00", "10:00"))
    make_place(site, "Room 1", "therapy_room", capacity=1)
    ReservationChange.objects.update(looked=True)  # the clinic is not new today
    return site


def take(site: Site, patient: Patient, start: datetime = THURSDAY) -> Appointment:
    """The evaluation of one day."""
    evaluation = Service.objects.get(slug="evaluation")
    units = list(site.resources.order_by("kind", "name"))
    return make_appointment(patient, evaluation, site, start, units, minutes=60)


def wait(
    site: Site,
    patient: Patient,
    *,
    now: datetime = NOW,
    by: Actor | None = None,
    **wish: object,
) -> WaitlistEntry:
    """Wait for an evaluation, or for what `wish` says."""
    if not {"appointment", "protocol_version"} & wish.keys():
        wish.setdefault("service", Service.objects.get(slug="evaluation"))
    asked = Wish(**({"want": "earlier"} | wish))  # type: ignore[arg-type]
    actor = by or owner(patient)
    return join_waitlist(actor=actor, patient=patient, site=site, wish=asked, now=now)


def owner(patient: Patient) -> Actor:
    """The patient, signed in."""
    if patient.user is None:
        patient.user = make_user()
        patient.save()
    return Actor.of(patient.user)


def give_up(appointment: Appointment, *, now: datetime = NOW) -> None:
    """Its patient cancels."""
    cancel(
        actor=owner(appointment.patient),
        appointment=appointment,
        reason="patient_request",
        version=None,
        now=now,
    )


def offered(entry: WaitlistEntry) -> WaitlistOffer | None:
    """What is on offer to the entry."""
    return entry.offers.filter(status="offered").first()


def look_again(now: datetime = NOW) -> int:
    """One sweep; how many offers it made."""
    return match_waitlist(now)
