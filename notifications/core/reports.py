"""What is reported later about a message that was handed over, and what becomes of the message.

Reports come late, twice and in any order, so each is read against what the message is now, and
whatever their order the end is the same.
"""

from __future__ import annotations

from enum import StrEnum

from notifications.core.kinds import Reason, Status


class Report(StrEnum):
    """`taken`: the provider has it. `delayed`: it is tried again elsewhere. `not_delivered`: given
    up, though the address may be good. `bounced`: the address takes no mail. `complaint`: its
    reader wants none. `other`: opened, followed a link and the like, which changes nothing."""

    TAKEN = "taken"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    NOT_DELIVERED = "not_delivered"
    BOUNCED = "bounced"
    COMPLAINT = "complaint"
    OTHER = "other"


OPEN = frozenset({Status.SENDING, Status.AMBIGUOUS})
"""Nobody knows yet whether it went out."""
HANDED_OVER = OPEN | {Status.SENT}
PROVES_IT_WENT = frozenset({Report.TAKEN, Report.DELIVERED, Report.DELAYED})
BACK = frozenset({Report.NOT_DELIVERED, Report.BOUNCED})
SUPPRESSES = {Report.BOUNCED: "bounce", Report.COMPLAINT: "complaint"}
"""After which nothing goes to the address any more, with the reason that is kept."""


def after(report: Report, status: Status, reason: str) -> tuple[Status, str]:
    """Status and reason of the message from now on. What is settled otherwise stays as it is: a
    message that has come back never counts as sent again."""
    if report in PROVES_IT_WENT and status in OPEN:
        return Status.SENT, ""
    if report == Report.COMPLAINT and status in HANDED_OVER:
        return Status.SENT, Reason.COMPLAINT
    if report in BACK and status in HANDED_OVER:
        return Status.BOUNCED, Reason.BOUNCE
    return status, reason


# --- The words of others -------------------------------------------------------------------------

PROVIDER = {
    "queued": Report.TAKEN,
    "sent": Report.TAKEN,
    "delivered": Report.DELIVERED,
    "deferred": Report.DELAYED,
    "failed": Report.NOT_DELIVERED,
    "complained": Report.COMPLAINT,
    "unsubscribed": Report.COMPLAINT,
}
"""anymail's event types."""
FOR_NOW = frozenset({"blocked", "expired", "timed_out", "other", "spam", "unsubscribed"})
"""Reasons, anymail's and SendGrid's, that do not say that the address is none."""


def of_provider(event_type: str, reject_reason: str | None) -> Report:
    """A tracking event in anymail's words. A rejection for spam or unsubscribing is the provider's
    own memory of a complaint; the message did not go out. A bounce without a reason is final: what
    is tried again is called `deferred`."""
    if event_type in ("bounced", "rejected"):
        return Report.NOT_DELIVERED if reject_reason in FOR_NOW else Report.BOUNCED
    return PROVIDER.get(event_type, Report.OTHER)


def of_mail_server(action: str, status: str) -> Report:
    """One recipient's part of a delivery status notification (RFC 3464, section 2.3). Of permanent
    failures (RFC 3463) only 5.1.x, an address that is none, and 5.2.1, a mailbox that takes no
    mail, say anything about the next message; a full mailbox or a policy does not."""
    if action == "failed":
        bad = status.startswith("5.1.") or status == "5.2.1"
        return Report.BOUNCED if bad else Report.NOT_DELIVERED
    known = {"delayed": Report.DELAYED, "delivered": Report.DELIVERED, "relayed": Report.TAKEN}
    return known.get(action, Report.OTHER)
