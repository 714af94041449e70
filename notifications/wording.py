"""Messages in words, for staff."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications.core.kinds import Kind, Reason, Status

KINDS: dict[Kind, Any] = {
    Kind.CONFIRMATION: _("Confirmation"),
    Kind.PREPARATION: _("A week before"),
    Kind.REMINDER_72H: _("Three days before"),
    Kind.REMINDER_24H: _("The day before"),
    Kind.MOVED: _("What has changed"),
    Kind.CANCELLED: _("Cancellation"),
    Kind.PROPOSAL: _("New times proposed"),
    Kind.WAITLIST_OFFER: _("Offer of a free time"),
    Kind.HOLD_EXPIRING: _("A hold ends soon"),
    Kind.CLEARANCE: _("Decision of the prescriber"),
    Kind.QUESTIONNAIRE: _("Questions to answer"),
    Kind.FOLLOW_UP: _("The day after"),
    Kind.STAFF_DIGEST: _("Digest for staff"),
}
STATUSES: dict[Status, Any] = {
    Status.SCHEDULED: _("will be sent"),
    Status.SENDING: _("is being sent"),
    Status.SENT: _("sent"),
    Status.FAILED: _("failed"),
    Status.AMBIGUOUS: _("may have arrived or not"),
    Status.BOUNCED: _("came back"),
    Status.CANCELLED: _("not sent"),
    Status.SUPPRESSED: _("not sent"),
}
REASONS: dict[Reason, Any] = {
    Reason.CHANGED: _("it would no longer have been true"),
    Reason.NOTHING_CHANGED: _("in the end nothing had changed"),
    Reason.TOLD_ALREADY: _("another message had said it"),
    Reason.TOLD_WHEN_BOOKED: _("it was booked or moved after this was due"),
    Reason.SUPERSEDED: _("a later reminder was due already"),
    Reason.TOO_LATE: _("it would have come too late to help"),
    Reason.NO_CONSENT: _("the patient has not agreed to such messages"),
    Reason.NO_ADDRESS: _("there is no address"),
    Reason.ADDRESS_CHANGED: _("the patient agreed for another address"),
    Reason.ADDRESS_SUPPRESSED: _("mail to this address came back or was complained about"),
    Reason.STOPPED: _("the patient has stopped reminders"),
    Reason.TEXTED_ENOUGH: _("there were enough text messages already"),
    Reason.PATIENT_STATUS: _("messages to this patient are stopped"),
    Reason.REFUSED: _("the mail server refused it"),
    Reason.GIVEN_UP: _("the mail server never took it"),
    Reason.BROKEN: _("it could not be written: please report this"),
    Reason.UNKNOWN_OUTCOME: _("sending was interrupted: nobody knows"),
    Reason.BOUNCE: _("the address does not take mail"),
    Reason.COMPLAINT: _("the reader called it unwanted"),
    Reason.SWITCHED_OFF: _("text messages were switched off"),
    Reason.SETTLED_BY_HAND: _("decided by a person"),
}
TASKS: dict[str, tuple[Any, bool]] = {
    "message_unsure": (_("A message may not have arrived"), True),
    "message_not_delivered": (_("A message was not delivered"), True),
    "patient_unreachable": (_("Call: no message reaches this patient"), True),
    "message_bounced": (_("A message came back: call, and correct the address"), True),
    "message_complained": (_("A reader reported our mail as unwanted: call"), True),
    "texts_stopped": (_("Wants no more texts: call instead"), True),
    "text_answered": (_("Answered a text"), True),
    "reminders_stopped": (_("Reminders were stopped: ask how else to remind"), True),
    "tell_change": (_("Call: a visit within a day has changed"), True),
}
"""Kinds of staff tasks, and whether they end with a call."""
