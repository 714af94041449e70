"""What other programs are told, and how often it is tried."""

from __future__ import annotations

from datetime import datetime, timedelta

TYPES = {
    "booked": "appointment.booked",
    "moved": "appointment.moved",
    "cancelled": "appointment.cancelled",
    "arrived": "appointment.arrived",
    "fulfilled": "appointment.fulfilled",
    "noshow": "appointment.noshow",
}
"""By the verb of the event in history."""
TEST = "webhook.test"

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failure in turn; a delivery that fails once more is given up. Three days in all, as
Standard Webhooks recommends."""
JITTER = 0.2
"""At most this share of the wait is added, so that many deliveries do not come back at once."""


def next_attempt(attempts: int, now: datetime, chance: float) -> datetime | None:
    """When to try again after so many attempts, the first counted as 1; None once it is enough.
    `chance` is a random number from 0 to 1."""
    if attempts > len(RETRIES):
        return None
    return now + RETRIES[attempts - 1] * (1 + JITTER * chance)


def payload(
    type_: str, at: datetime, *, appointment: str | None, care_plan: str | None, sequence: int
) -> dict[str, object]:
    """What is sent: ids alone. Whoever wants more asks the API for it, with a key of its own."""
    data = {"appointment": appointment, "care_plan": care_plan, "sequence": sequence}
    return {"type": type_, "timestamp": at.isoformat(), "data": data}
