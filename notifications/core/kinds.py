"""What people are told: the closed list of messages, and what holds for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    CONFIRMATION = "confirmation"
    PREPARATION = "preparation"
    REMINDER_72H = "reminder_72h"
    REMINDER_24H = "reminder_24h"
    MOVED = "moved"
    CANCELLED = "cancelled"
    PROPOSAL = "proposal"
    WAITLIST_OFFER = "waitlist_offer"
    HOLD_EXPIRING = "hold_expiring"
    CLEARANCE = "clearance"
    QUESTIONNAIRE = "questionnaire"
    FOLLOW_UP = "follow_up"
    STAFF_DIGEST = "staff_digest"


class Status(StrEnum):
    """`ambiguous`: it may have gone out, and a person decides. `suppressed`: there is nobody to
    send it to. `cancelled`: the world changed, and it would no longer be true or of use."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class Reason(StrEnum):
    """Why a message did not go out, or not as planned."""

    CHANGED = "changed"
    NOTHING_CHANGED = "nothing_changed"
    TOLD_ALREADY = "told_already"
    TOLD_WHEN_BOOKED = "told_when_booked"
    SUPERSEDED = "superseded"
    TOO_LATE = "too_late"
    NO_CONSENT = "no_consent"
    NO_ADDRESS = "no_address"
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_SUPPRESSED = "address_suppressed"
    STOPPED = "stopped"
    TEXTED_ENOUGH = "texted_enough"
    PATIENT_STATUS = "patient_status"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    BROKEN = "broken"
    UNKNOWN_OUTCOME = "unknown_outcome"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    SWITCHED_OFF = "switched_off"
    SETTLED_BY_HAND = "settled_by_hand"


@dataclass(frozen=True, slots=True)
class Rule:
    """`lead`: how long before the session, in local calendar days. `quiet`: waits for waking hours.
    `stops`: ends when the patient stops reminders; news about their visits goes on."""

    lead: timedelta | None = None
    quiet: bool = False
    stops: bool = False


RULES: dict[Kind, Rule] = {
    Kind.CONFIRMATION: Rule(),
    Kind.PREPARATION: Rule(lead=timedelta(days=7), quiet=True, stops=True),
    Kind.REMINDER_72H: Rule(lead=timedelta(days=3), quiet=True, stops=True),
    Kind.REMINDER_24H: Rule(lead=timedelta(days=1), quiet=True, stops=True),
    Kind.MOVED: Rule(),
    Kind.CANCELLED: Rule(),
    Kind.PROPOSAL: Rule(quiet=True),
    Kind.WAITLIST_OFFER: Rule(quiet=True),
    Kind.HOLD_EXPIRING: Rule(),
    Kind.CLEARANCE: Rule(),
    Kind.QUESTIONNAIRE: Rule(quiet=True, stops=True),
    Kind.FOLLOW_UP: Rule(quiet=True, stops=True),
    Kind.STAFF_DIGEST: Rule(),
}
AHEAD = (Kind.PREPARATION, Kind.REMINDER_72H, Kind.REMINDER_24H)
"""Sent because a session comes near, in the order in which they are due. Leads: Steiner and others
2018 (three days and one day beat one reminder); the week is the clinic's own default."""
REMINDERS = (Kind.REMINDER_72H, Kind.REMINDER_24H)
ONLY_REMINDS = tuple(kind for kind in Kind if RULES[kind].stops)
NEWS = (Kind.CONFIRMATION, Kind.MOVED, Kind.CANCELLED)
"""Tell the times themselves, and carry them for calendars."""
BY_SMS = frozenset({Kind.REMINDER_24H, Kind.MOVED, Kind.CANCELLED, Kind.WAITLIST_OFFER})
"""What is short enough, and urgent enough, for a text message: at most one a day."""
