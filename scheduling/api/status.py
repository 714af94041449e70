"""Which HTTP status a refusal has."""

from __future__ import annotations

from collections.abc import Iterable

from scheduling.core.refusals import Code, Refusal

# 422, a rule stands against it, is what is not listed here.
STATUS: dict[Code, int] = {
    Code.TAKEN: 409,
    Code.PATIENT_BUSY: 409,
    Code.OUTSIDE_HOURS: 409,
    Code.NO_STAFF: 409,
    Code.HOLD_EXPIRED: 409,
    Code.HOLD_LIMIT: 409,
    Code.WRONG_STATE: 409,
    Code.WAITS_ALREADY: 409,
    Code.ON_OFFER: 409,
    Code.OFFER_OVER: 409,
    Code.NOT_WANTED: 409,
    Code.PROPOSAL_EXPIRED: 409,
    Code.PROPOSAL_OUTDATED: 409,
    Code.IDEMPOTENCY_RUNNING: 409,
    Code.NOT_ALLOWED: 403,
    Code.STALE: 412,
    Code.UNKNOWN: 400,
    Code.PROPOSAL_INVALID: 400,
    Code.BUSY: 503,
}
BROKEN_RULE = 422

# Of several reasons the one that no waiting and no other time would remove speaks for all.
_PRECEDENCE = (400, 403, 503, 412, BROKEN_RULE, 409)


def speaking_refusal(refusals: Iterable[Refusal]) -> tuple[int, Refusal]:
    """The status of an answer with these refusals, and the refusal that decides it."""
    by_status = [(STATUS.get(refusal.code, BROKEN_RULE), refusal) for refusal in refusals]
    return min(by_status, key=lambda item: _PRECEDENCE.index(item[0]))
