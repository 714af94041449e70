"""Who acts: the roles by which authority is given, and the scheduler itself."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    PATIENT = "patient"
    FRONT_DESK = "front_desk"
    NURSE = "nurse"
    CLINICIAN = "clinician"  # therapist, counsellor, coach
    PRESCRIBER = "prescriber"
    MANAGER = "manager"
    SYSTEM = "system"  # time passing: an expired hold, a completed course


STAFF = frozenset({Role.FRONT_DESK, Role.NURSE, Role.CLINICIAN, Role.PRESCRIBER, Role.MANAGER})
CLINICAL = frozenset({Role.NURSE, Role.CLINICIAN, Role.PRESCRIBER})
ANYBODY = STAFF | {Role.PATIENT}

MESSAGE_LINK = "message_link"
"""How history names whoever follows a link that was sent to the patient: they read the patient's
messages, no more is known of them."""
CALENDAR_REPLY = "calendar_reply"
"""How history names an answer that the patient's own calendar has sent."""
