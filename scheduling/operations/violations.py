"""What the database refused, by the constraint's name, in the words a check would have used."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from django.db import Error

from scheduling.core.refusals import Code, Refusal, refuse


@dataclass(frozen=True, slots=True)
class Violation:
    """`again`: somebody else was in the way, and a fresh look may find it settled."""

    refusal: Refusal
    again: bool = False


BY_CONSTRAINT = {
    "reservation_lane_once": Violation(refuse(Code.TAKEN), again=True),
    "reservation_lane_exists": Violation(refuse(Code.TAKEN), again=True),
    "patient_once": Violation(refuse(Code.PATIENT_BUSY), again=True),
    "treatment_spacing_kept": Violation(refuse(Code.SPACING), again=True),
    # A reservation was relabelled while its appointment was being changed.
    "appointment_holds_patient": Violation(refuse(Code.BUSY), again=True),
    "appointment_holds_resource": Violation(refuse(Code.BUSY), again=True),
    "appointment_keeps_spacing": Violation(refuse(Code.SPACING), again=True),
    "appointment_gives_back": Violation(refuse(Code.BUSY), again=True),
    "appointment_step_once": Violation(refuse(Code.STALE)),
    # Somebody else has offered the entry something, or the offer was answered meanwhile.
    "waitlist_offer_once": Violation(refuse(Code.ON_OFFER)),
    "waitlist_offer_holds": Violation(refuse(Code.BUSY), again=True),
    "waitlist_offer_gives_back": Violation(refuse(Code.BUSY), again=True),
    "waitlist_appointment_once": Violation(refuse(Code.WAITS_ALREADY)),
    "waitlist_wish_once": Violation(refuse(Code.WAITS_ALREADY)),
    "care_plan_whole": Violation(refuse(Code.STEP_MISSING)),
}
PASSING = {
    psycopg.errors.DeadlockDetected.sqlstate,
    psycopg.errors.SerializationFailure.sqlstate,
    psycopg.errors.LockNotAvailable.sqlstate,
}


def read(error: Error) -> Violation | None:
    """The violation behind Django's error; None where it is none of ours (a lost connection)."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error):
        return None
    if cause.sqlstate in PASSING:
        return Violation(refuse(Code.BUSY), again=True)
    return BY_CONSTRAINT.get(cause.diag.constraint_name or "")
