"""What is due goes out: once, or it is said that nobody knows.

A message is claimed and committed before it is sent, and marked afterwards. A sender that dies in
between leaves it `sending`, and `recover` gives it to a person. So nothing is sent twice, and
nothing is lost in silence, whatever is killed when.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.round_trip import bounds
from notifications.channels import email, sms
from notifications.channels.mime import email_of
from notifications.channels.outcome import (
    Accepted,
    ChannelDownError,
    Never,
    NotNow,
    Outcome,
    Unknown,
)
from notifications.compose.known import Known
from notifications.compose.letter import Drop, Letter, Wait
from notifications.compose.write import write
from notifications.core.kinds import Channel, Reason, Status
from notifications.models import Message
from notifications.operations import tasks_for_staff
from notifications.operations.claim import claim, held, mark_sent
from notifications.operations.links import Links

BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
"""Between attempts that certainly failed. The clinic's own default."""

Line = email.Mailer | sms.Texter
Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)


class BrokenError(Exception):
    """A message cannot be written."""


class UnwrittenError(Exception):
    """A message could not be written now."""


@dataclass(slots=True)
class Run:
    """What one run did."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0


def deliver(clock: Clock = timezone.now, *, seconds: float = 30) -> Run:
    """Send what is due, oldest first, until nothing is left or `seconds` are over. Any number of
    processes may run it at once."""
    run = Run()
    for channel in Channel:
        if channel == Channel.SMS and not settings.SMS_PROVIDER:
            _give_up_texts(clock())
            continue
        with _open(channel) as line:
            # Each way has a share of its own: a long queue of mail starves no texts.
            _deliver(channel, line, clock, monotonic() + seconds / len(Channel), run)
    return run


def _give_up_texts(now: datetime) -> None:
    """There was a provider when they were written, and there is none any more."""
    texts = Message.objects.filter(status=Status.SCHEDULED, channel=Channel.SMS, due_at__lte=now)
    texts.update(status=Status.CANCELLED, reason=Reason.SWITCHED_OFF)


def _open(channel: Channel) -> Line:
    return sms.Texter() if channel == Channel.SMS else email.Mailer()


def _deliver(
    channel: Channel,
    line: Line,
    clock: Clock,
    until: float,
    run: Run,
) -> None:
    due = Message.objects.filter(status=Status.SCHEDULED, channel=channel)
    if not due.filter(due_at__lte=clock()).exists():
        return
    while monotonic() < until:
        try:
            line.open()
        except ChannelDownError:
            log.warning("channel_down", channel=channel.value)
            return
        key = claim(channel, clock())
        if key is None:
            return
        while key is not None:
            key = _try_to_send(key, line, clock, until, run)


def _try_to_send(
    key: UUID,
    line: Line,
    clock: Clock,
    until: float,
    run: Run,
) -> UUID | None:
    """Send one claimed message, whatever happens to it; return the next, where it is claimed."""
    try:
        return _send(key, line, clock, until, run)
    except BrokenError:
        log.exception("message_broken", message=str(key))
        _give_up(key, clock())
    except UnwrittenError:
        log.warning("message_unwritten", message=str(key))
        _put_back(key, clock())
    run.failed += 1
    return None


def _send(
    key: UUID,
    line: Line,
    clock: Clock,
    until: float,
    run: Run,
) -> UUID | None:
    with bounds() as (begin, end):
        found = _held(key, begin)
        if found is None:
            return None
        message, known = found
        now = clock()
        links = Links(message)
        letter, mail = _write_letter(message, known, now, links)
        if isinstance(letter, Drop):
            _end(message, letter.status, letter.reason)
            tasks_for_staff.about_drop(message, letter.reason, now)
            run.dropped += 1
            return None
        if isinstance(letter, Wait):
            _write(message, status=Status.SCHEDULED, due_at=letter.until, attempts=0)
            return None
        outcome = _hand_over(message, letter, mail, line)
        if isinstance(outcome, Accepted):
            run.sent += 1
            said = {**_said(letter), "provider_id": outcome.provider_id[:200]}
            # The conversation stands, and there is time: the same commit claims the next one.
            more = monotonic() < until
            return mark_sent(message, links.made, said, now=clock(), claim_next=more, end=end)
        _mark_unsent(message, letter, links, outcome, clock())
        run.failed += 1
        return None


def _held(key: UUID, begin: Sequence[str]) -> tuple[Message, Known] | None:
    """Raises UnwrittenError."""
    try:
        return held(key, begin)
    except OperationalError as error:  # nothing was sent, so a person need not look
        raise UnwrittenError from error


def _write_letter(
    message: Message, known: Known, now: datetime, links: Links
) -> tuple[Letter | Drop | Wait, EmailMultiAlternatives | None]:
    """What becomes of the message now, and the mail that it is. Raises BrokenError,
    UnwrittenError."""
    try:
        letter = write(message, known, now, links.make)
        if isinstance(letter, Letter) and message.channel == Channel.EMAIL:
            return letter, email_of(letter, message.message_id)
    except OperationalError as error:  # a deadlock, a lock that was not had: nothing is wrong
        raise UnwrittenError from error
    except Exception as error:  # one message that cannot be written must not stop the others
        raise BrokenError from error
    return letter, None


def _put_back(key: UUID, now: datetime) -> None:
    """Nothing of it was sent: again in a minute. It waits for no other sender."""
    Message.objects.filter(pk=key, status=Status.SENDING).update(
        status=Status.SCHEDULED, reason=Reason.REFUSED, due_at=now + BACKOFF[0]
    )


@transaction.atomic
def _give_up(key: UUID, now: datetime) -> None:
    """Nothing of it was sent."""
    if found := held(key):
        _fail(found[0], Reason.BROKEN, now)


def _hand_over(
    message: Message,
    letter: Letter,
    mail: EmailMultiAlternatives | None,
    line: Line,
) -> Outcome:
    if isinstance(line, email.Mailer) and mail is not None:
        return line.send(mail)
    if isinstance(line, sms.Texter):
        return line.send(letter.recipient.address, letter.text, key=str(message.pk))
    raise AssertionError("each way has a line of its own")


def _said(letter: Letter) -> dict[str, Any]:
    return {
        "address": letter.recipient.address,
        "language": letter.recipient.language,
        "subject": letter.subject,
        "text": letter.kept,
        "told": letter.told,
    }


def _mark_unsent(
    message: Message, letter: Letter, links: Links, outcome: Outcome, now: datetime
) -> None:
    match outcome:
        case Unknown():
            links.save()  # it may have arrived
            _write(message, status=Status.AMBIGUOUS, reason=Reason.UNKNOWN_OUTCOME, **_said(letter))
            tasks_for_staff.unsure(message, now)
        case NotNow() if message.attempts <= len(BACKOFF):
            again = now + BACKOFF[message.attempts - 1]
            _write(message, status=Status.SCHEDULED, reason=Reason.REFUSED, due_at=again)
        case _:
            _write(message, **_said(letter))
            never = isinstance(outcome, Never)
            _fail(message, Reason.REFUSED if never else Reason.GIVEN_UP, now)


def _fail(message: Message, reason: Reason, now: datetime) -> None:
    _end(message, Status.FAILED, reason)
    tasks_for_staff.not_delivered(message, reason, now)


def _end(message: Message, status: Status, reason: Reason) -> None:
    _write(message, status=status, reason=reason)


def _write(message: Message, **fields: object) -> None:
    Message.objects.filter(pk=message.pk).update(**fields)
