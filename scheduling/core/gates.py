"""What must be true before a session may start: one closed list, and who answers for each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.roles import CLINICAL, STAFF, Role


class Gate(StrEnum):
    CLEARANCE = "clearance"  # a prescriber has found the patient fit for this course
    CONSENT = "consent"  # off-label use, risks, alternatives, cost: understood and signed
    SCREENING = "screening"  # safety questions of the day: ideation, health, medicines, pressure
    QUESTIONNAIRE = "questionnaire"
    EDUCATION = "education"
    RIDE = "ride"  # a named person with a telephone number takes the patient home
    FASTING = "fasting"
    REMS = "rems"  # enrolment in the manufacturer's risk programme (esketamine)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may close a gate (and reopen it), and who may override it with a recorded reason."""

    close: frozenset[Role]
    override: frozenset[Role] = frozenset()


COURSE_GATES = frozenset({Gate.CLEARANCE, Gate.CONSENT, Gate.REMS})
"""Closed once for the whole course; the others are closed for each session."""

_NURSING = frozenset({Role.NURSE, Role.PRESCRIBER})

# Clearance, consent and REMS are never overridden: whoever has the authority closes them.
AUTHORITY: dict[Gate, Authority] = {
    Gate.CLEARANCE: Authority(close=frozenset({Role.PRESCRIBER})),
    Gate.CONSENT: Authority(close=frozenset({Role.PRESCRIBER})),
    Gate.SCREENING: Authority(close=_NURSING, override=_NURSING),
    Gate.QUESTIONNAIRE: Authority(close=STAFF | {Role.PATIENT}, override=STAFF),
    Gate.EDUCATION: Authority(close=STAFF | {Role.PATIENT}, override=STAFF),
    Gate.RIDE: Authority(close=STAFF | {Role.PATIENT}, override=STAFF),
    Gate.FASTING: Authority(close=CLINICAL, override=_NURSING),
    Gate.REMS: Authority(close=_NURSING),
}


def close_refusals(gate: Gate, roles: Collection[Role]) -> tuple[Refusal, ...]:
    """Why somebody with `roles` may neither close nor reopen `gate`; empty where they may."""
    if not AUTHORITY[gate].close.isdisjoint(roles):
        return ()
    return (refuse(Code.NOT_ALLOWED, action=f"close {gate}", role=", ".join(sorted(roles))),)


def override_refusals(gate: Gate, roles: Collection[Role], reason: str) -> tuple[Refusal, ...]:
    """Why somebody with `roles` may not override `gate`; empty where they may."""
    refusals = []
    if AUTHORITY[gate].override.isdisjoint(roles):
        refusals.append(refuse(Code.OVERRIDE_NOT_ALLOWED, rule=gate.value))
    if not reason.strip():
        refusals.append(refuse(Code.REASON_NEEDED, action=f"override {gate}"))
    return tuple(refusals)
