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
