"""Why not: a refusal is a stable code plus the facts. Wording is chosen at the edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """The closed list of refusal codes. Published in the OpenAPI document; never renamed."""

    # What was asked for is not free.
    TAKEN = "taken"  # facts: step, start
    PATIENT_BUSY = "patient_busy"  # facts: step, start
    OUTSIDE_HOURS = "outside_hours"  # facts: step, start
    NO_STAFF = "no_staff"  # facts: step, role
    HOLD_EXPIRED = "hold_expired"  # facts: expired_at
    HOLD_LIMIT = "hold_limit"  # facts: limit
    # The waitlist.
    WAITS_ALREADY = "waits_already"
    ON_OFFER = "on_offer"  # something is offered to this entry already
    OFFER_OVER = "offer_over"  # facts: state, expired_at
    NOT_WANTED = (
        "not_wanted"  # not what the entry asks for, or its course has no room; facts: start
    )
    # It breaks a rule of the course.
    WINDOW = "window"  # facts: step, anchor, min, max, days
    GAP = "gap"  # facts: step, anchor, min, max, days
    SPACING = "spacing"  # facts: step, other, min, days
    SAME_DAY = "same_day"  # facts: step, other
    ORDER = "order"  # facts: step, other
    DAY_FULL = "day_full"  # facts: date, limit
    VISIT_TOO_LONG = "visit_too_long"  # facts: date, limit_minutes
    BREAK_TOO_SHORT = "break_too_short"  # facts: step, other, minutes
    CONTINUITY = "continuity"  # facts: role
    STEP_MISSING = "step_missing"  # facts: step
    STEP_UNKNOWN = "step_unknown"  # facts: step
    TREATMENT_CAP = "treatment_cap"  # facts: limit, count
    # No plan exists; what stands in the way, and what would help.
    NO_START = "no_start"  # facts: step, role, days_open, days_joint, from, to
    NO_PLAN = "no_plan"  # facts: steps
    WOULD_HELP = "would_help"  # facts: change, first_start
    # Who, when and in which state.
    NOT_ALLOWED = "not_allowed"  # facts: action, role
    WRONG_STATE = "wrong_state"  # facts: state, action
    TOO_EARLY = "too_early"  # facts: action, start
    TREATMENT_DAY = "treatment_day"  # nothing is signed on a day of treatment; facts: date
    GATE_OPEN = "gate_open"  # facts: gate
    STALE = "stale"  # facts: version
    NOT_CLEARED = "not_cleared"
    NEEDS_PLAN = "needs_plan"  # treatment is never booked alone; facts: service
    SECOND_TREATMENT_PLAN = "second_treatment_plan"
    PATIENT_STATUS = "patient_status"  # facts: status
    TOO_YOUNG = "too_young"  # facts: min_age
    STAFF_ONLY = "staff_only"  # facts: protocol or service
    REASON_NEEDED = "reason_needed"  # facts: action
    OBSERVATION = "observation"  # facts: minimum_minutes
    OVERRIDE_NOT_ALLOWED = "override_not_allowed"  # facts: rule
    # The input itself.
    IN_THE_PAST = "in_the_past"  # facts: start
    BEYOND_HORIZON = "beyond_horizon"  # facts: last_date
    OFF_GRID = "off_grid"  # facts: start, minutes
    UNKNOWN = "unknown"  # facts: field, value
    PROPOSAL_EXPIRED = "proposal_expired"
    PROPOSAL_INVALID = "proposal_invalid"
    PROPOSAL_OUTDATED = "proposal_outdated"  # facts: revision; a fresh one comes with it
    IDEMPOTENCY_REUSED = "idempotency_reused"
    IDEMPOTENCY_RUNNING = "idempotency_running"
    BUSY = "busy"  # a lock was not to be had in time; try again


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with the facts a person or program needs to act on it."""

    code: Code
    facts: Mapping[str, Any] = field(default_factory=dict)


def refuse(code: Code, **facts: Any) -> Refusal:
    """Build a refusal; a shorthand that keeps rule code readable."""
    return Refusal(code, facts)


class Refused(Exception):  # noqa: N818 - the field says "refused", and so do we
    """Raised by operations: nothing was changed, and these are all the reasons.

    `alternatives` maps a step id to free starts (aware UTC datetimes) that would do instead.
    """

    def __init__(
        self,
        refusals: Iterable[Refusal],
        *,
        alternatives: Mapping[str, Any] | None = None,
    ) -> None:
        self.refusals: tuple[Refusal, ...] = tuple(refusals)
        self.alternatives: Mapping[str, Any] = alternatives or {}
        super().__init__(", ".join(refusal.code for refusal in self.refusals))
