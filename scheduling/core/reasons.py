"""Coded reasons. Closed lists, so that reports can count them; a note may say more."""

from __future__ import annotations

from enum import StrEnum


class NotTreated(StrEnum):
    """The patient came, but the treatment was not given."""

    ATE = "ate"
    BLOOD_PRESSURE = "blood_pressure"
    NO_RIDE = "no_ride"
    UNWELL = "unwell"
    LEFT = "left"


class Stopped(StrEnum):
    """A treatment was begun and broken off; the prescriber says whether it counts."""

    ADVERSE_EFFECT = "adverse_effect"
    BLOOD_PRESSURE = "blood_pressure"
    PATIENT_REQUEST = "patient_request"
    EQUIPMENT = "equipment"
    OTHER = "other"


class Cancelled(StrEnum):
    """A session is given up before it begins."""

    PATIENT_REQUEST = "patient_request"
    UNWELL = "unwell"
    NO_RIDE = "no_ride"
    ATE = "ate"
    BLOOD_PRESSURE = "blood_pressure"
    LEFT = "left"
    CLINIC = "clinic"
    NOT_CLEARED = "not_cleared"
    COURSE_PAUSED = "course_paused"
    COURSE_ENDED = "course_ended"
    OTHER = "other"


class Revoked(StrEnum):
    """A course ends early. Why patients leave: Lumin Health (non-response, cost, logistics) and
    Ekstrand 2022, PMC9154276 (adverse effects)."""

    NON_RESPONSE = "non_response"
    COST = "cost"
    LOGISTICS = "logistics"
    ADVERSE_EFFECTS = "adverse_effects"
    CLEARANCE_DECLINED = "clearance_declined"
    PATIENT_CHOICE = "patient_choice"
    SWITCHED = "switched"  # to another protocol
    OTHER = "other"


class Paused(StrEnum):
    """The next treatments of a course are held back for a while."""

    ILLNESS = "illness"
    IN_HOSPITAL = "in_hospital"
    TRAVEL = "travel"
    AWAITING_REVIEW = "awaiting_review"
    HARD_SESSION = "hard_session"  # the patient found the last one hard
    TALK_FIRST = "talk_first"  # the patient wants to talk to a clinician before the next one
    PATIENT_REQUEST = "patient_request"
    OTHER = "other"
