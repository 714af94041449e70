"""Refusal codes in words a patient understands: what is in the way, and what would help.

The only place where a code becomes a sentence. Pages and API both read it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.core.gates import Gate
from scheduling.core.refusals import Code, Refusal

SENTENCES: dict[Code, str | Promise] = {
    Code.TAKEN: _(
        "Somebody else has just taken this time (%(step)s, %(start)s). Please choose another one."
    ),
    Code.PATIENT_BUSY: _(
        "There is already a visit at this time (%(step)s, %(start)s). Move one of the two."
    ),
    Code.OUTSIDE_HOURS: _(
        "The clinic, or somebody needed for this visit, is not there then (%(step)s, %(start)s)."
        " Choose a time that is offered."
    ),
    Code.NO_STAFF: _(
        "No %(role)s is free for this visit (%(step)s). Another time or person may work."
    ),
    Code.HOLD_EXPIRED: _("We kept these times for you, but the hold has ended. Please look again."),
    Code.HOLD_LIMIT: _(
        "Times are already being held for you. Confirm them or give them back, then try again."
    ),
    Code.WAITS_ALREADY: _("This is on the waitlist already. You need not do anything more."),
    Code.ON_OFFER: _("A time is on offer already. It has to be answered or taken back first."),
    Code.OFFER_OVER: _("This offer is over. You stay on the waitlist for the next one."),
    Code.NOT_WANTED: _(
        "This time (%(start)s) is not free, not wished for, or does not fit with the rest."
    ),
    Code.WINDOW: _(
        "%(step)s would be %(days)s days from %(anchor)s. It may be %(min)s to %(max)s days."
        " Choose a day in between, or let the other visits move along."
    ),
    Code.GAP: _(
        "%(step)s would be %(days)s days after %(anchor)s. It may be %(min)s to %(max)s days."
        " Choose a day in between, or let the other visits move along."
    ),
    Code.SPACING: _(
        "Two treatments would be too close together: at least %(min)s days lie between them."
        " Choose a later day."
    ),
    Code.SAME_DAY: _("%(step)s and %(other)s cannot be on one day. Choose another day for one."),
    Code.ORDER: _("%(step)s has to come after %(other)s. Choose another time for one of them."),
    Code.DAY_FULL: _("There are already %(limit)s visits on %(date)s. Choose another day."),
    Code.VISIT_TOO_LONG: _(
        "The visits on %(date)s would take too long for one day. Choose another day for one."
    ),
    Code.BREAK_TOO_SHORT: _(
        "%(step)s and %(other)s need at least %(minutes)s minutes between them."
    ),
    Code.CONTINUITY: _("The %(role)s stays the same person for the whole course."),
    Code.STEP_MISSING: _("A visit of the course is missing: %(step)s. A course is booked whole."),
    Code.STEP_UNKNOWN: _("This course has no visit called %(step)s."),
    Code.TREATMENT_CAP: _(
        "This would be more than %(limit)s treatments in a year. Please call the clinic."
    ),
    Code.NO_START: _("We found no free time for %(step)s in the days that were asked for."),
    Code.NO_PLAN: _(
        "Each visit has free times, but they do not fit together (%(steps)s)."
        " Other days or times of day may help."
    ),
    Code.WOULD_HELP: _(
        "A change would help: %(change)s. Then the first visit could be on %(first_start)s."
    ),
    Code.NOT_ALLOWED: _("You may not do this. Please ask the clinic."),
    Code.WRONG_STATE: _("This cannot be done now: the visit or course is “%(state)s”."),
    Code.TOO_EARLY: _("It is too early for this: the session starts on %(start)s."),
    Code.TREATMENT_DAY: _(
        "You are given treatment today (%(date)s). Nothing is signed on such a day. Please come"
        " back tomorrow."
    ),
    Code.GATE_OPEN: _("One thing has to be done first: %(gate)s."),
    Code.STALE: _("This was changed meanwhile. Look at it again, then repeat your change."),
    Code.NOT_CLEARED: _("A prescriber has to clear the patient for treatment first."),
    Code.NEEDS_PLAN: _("Treatments are booked as a course, never alone. Book the course instead."),
    Code.SECOND_TREATMENT_PLAN: _(
        "There is a treatment course already. Only a prescriber can add another one."
    ),
    Code.PATIENT_STATUS: _("This cannot be booked online now. Please call the clinic."),
    Code.TOO_YOUNG: _("This can be booked from %(min_age)s years of age."),
    Code.STAFF_ONLY: _("Only the clinic can book this. Please call us."),
    Code.REASON_NEEDED: _("Please say why."),
    Code.OBSERVATION: _(
        "The patient stays for at least %(minimum_minutes)s minutes. Before that, a prescriber"
        " decides and says why."
    ),
    Code.OVERRIDE_NOT_ALLOWED: _("This rule cannot be set aside here (%(rule)s)."),
    Code.IN_THE_PAST: _("This time has passed (%(start)s). Choose a later one."),
    Code.BEYOND_HORIZON: _("This is too far ahead. We plan until %(last_date)s."),
    Code.OFF_GRID: _("Visits start every %(minutes)s minutes. Choose a start that is offered."),
    Code.UNKNOWN: _("We do not know “%(value)s” (%(field)s)."),
    Code.PROPOSAL_EXPIRED: _("This suggestion is too old. Please look for times again."),
    Code.PROPOSAL_INVALID: _("This suggestion cannot be read. Please look for times again."),
    Code.PROPOSAL_OUTDATED: _(
        "Something changed since this proposal was shown. Nothing was moved. Look at the new one."
    ),
    Code.IDEMPOTENCY_REUSED: _(
        "This Idempotency-Key was used for another request. Send a new one."
    ),
    Code.IDEMPOTENCY_RUNNING: _("This request is still running. Wait a moment, then ask again."),
    Code.BUSY: _("Many people are booking right now. Please try again in a moment."),
}

GATES: dict[Gate, str | Promise] = {
    Gate.CLEARANCE: _("A prescriber clears you for treatment"),
    Gate.CONSENT: _("Read and sign the consent"),
    Gate.SCREENING: _("Answer the safety questions of the day"),
    Gate.QUESTIONNAIRE: _("Fill in the questionnaire"),
    Gate.EDUCATION: _("Read what to expect"),
    Gate.RIDE: _("Name who takes you home, with a phone number"),
    Gate.FASTING: _("Follow the eating and drinking times"),
    Gate.REMS: _("Enroll in the medicine's safety program"),
}

ROLES: dict[str, str | Promise] = {
    "prescriber": _("prescriber"),
    "nurse": _("nurse"),
    "therapist": _("therapist"),
    "counsellor": _("counsellor"),
    "coach": _("coach"),
    "infusion_chair": _("infusion chair"),
    "therapy_room": _("therapy room"),
    "group_room": _("group room"),
    "lifestyle_group": _("seat in the lifestyle group"),
}
"""What a session needs, where the clinic has not named something of its own."""

STATES: dict[str, str | Promise] = {
    "held": _("held"),
    "booked": _("booked"),
    "arrived": _("under way"),
    "in_progress": _("under way"),
    "recovering": _("under way"),
    "fulfilled": _("done"),
    "cancelled": _("cancelled"),
    "noshow": _("missed"),
    "not_treated": _("did not take place"),
    "stopped": _("stopped early"),
    "active": _("under way"),
    "on_hold": _("paused"),
    "completed": _("done"),
    "revoked": _("ended"),
    "expired": _("ended"),
    "released": _("given back"),
    "ahead": _("not due yet"),
}

REASONS: dict[str, str | Promise] = {
    "best_overall": _("The best balance of everything you asked for"),
    "earliest_finish": _("Done soonest, on %(ends_on)s"),
    "fewest_trips": _("The fewest trips to the clinic: %(trips)s"),
    "later_start": _("Starts later, on %(starts_on)s"),
    "liked_weekdays": _("%(sessions)s of %(of)s visits on days you like"),
    "liked_day_parts": _("%(sessions)s of %(of)s visits at times you like"),
    "same_day_sessions": _("Trips saved by two visits on one day: %(saved_visits)s"),
    "same_practitioner": _("The same %(role)s throughout"),
}


NOTHING_NAMED = re.compile(r" \(–(?:, –)*\)")


class _Facts(defaultdict[str, Any]):
    """Facts as they stand in a sentence; one that is missing reads as a dash."""

    def __init__(self, facts: Mapping[str, Any], zone: str) -> None:
        super().__init__(lambda: "–")
        self.update({name: in_words(name, value, zone) for name, value in facts.items()})


def sentence(refusal: Refusal, zone: str = "UTC") -> str:
    """The refusal in the reader's language. `zone` (IANA) is that of the site.

    What the database refused carries no facts: the bracket that would name them is left out.
    """
    return NOTHING_NAMED.sub("", str(SENTENCES[refusal.code]) % _Facts(refusal.facts, zone))


def gate_sentence(code: str) -> str:
    """What is to be done for a gate."""
    return str(GATES[Gate(code)])


def reason_sentence(code: str, facts: Mapping[str, Any], zone: str = "UTC") -> str:
    """Why a proposal is offered."""
    return str(REASONS.get(code, code.replace("_", " "))) % _Facts(facts, zone)


WORDS: Mapping[str, Mapping[str, str | Promise]] = {"role": ROLES, "state": STATES}
"""Facts that are codes, in words; a code without any is said as it is."""

INSTANTS = {"start", "first_start", "expired_at", "starts_on", "ends_on", "last_date"}
"""Facts that are instants or days, also where they come as ISO text."""


def in_words(name: str, value: Any, zone: str) -> str:
    """One fact as a person reads it: instants in the site's time, lists with commas."""
    if value is None:
        return gettext("any number of") if name in {"min", "max"} else "–"
    if name in INSTANTS:
        value = instant_of(value)
    if name == "step" and value == "":
        return gettext("a visit")
    if isinstance(value, datetime):
        return formats.date_format(value.astimezone(ZoneInfo(zone)), "DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if name == "gate":
        return gate_sentence(str(value)).lower()
    if name in WORDS:
        return str(WORDS[name].get(str(value), str(value).replace("_", " ")))
    if isinstance(value, tuple | list | set | frozenset):
        return ", ".join(str(item) for item in value)
    return str(value)


def instant_of(value: Any) -> Any:
    """An instant or a day from ISO text or POSIX seconds; anything else as it is."""
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return value
