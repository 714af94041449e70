"""What is due goes out: once, or it is said that nobody knows.

A message is claimed and committed before it is sent, and marked afterwards. A sender that dies in
between leaves it `sending`, and `recover` gives it to a person. So nothing is sent twice, and
nothing is lost in silence, whatever is killed when.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import OperationalError, connection, transaction
from django.utils import timezone

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
from notifications.compose.letter import Drop, Letter, Wait
from notifications.compose.write import write
from notifications.core.kinds import Channel, Reason, Status
from notifications.models import Message
from notifications.operations import tasks_for_staff
from notifications.operations.links import Links

BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
"""Between attempts that certainly failed. The clinic's own default."""

CLAIM = """
UPDATE notifications_message
SET status = 'sending', claimed_at = now(), attempts = attempts + 1
WHERE id = (
    SELECT id FROM notifications_message
    WHERE status = 'scheduled' AND channel = %(channel)s AND due_at <= %(now)s
    ORDER BY due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING id
"""

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


def deliver(clock: Callable[[], datetime] = timezone.now, *, seconds: float = 30) -> Run:
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


def _open(channel: Channel) -> email.Mailer | sms.Texter:
    return sms.Texter() if channel == Channel.SMS else email.Mailer()


def _deliver(
    channel: Channel,
    line: email.Mailer | sms.Texter,
    clock: Callable[[], datetime],
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
        key = _claim(channel, clock())
        if key is None:
            return
        try:
            _send(key, line, clock, run)
        except BrokenError:
            log.exception("message_broken", message=str(key))
            _give_up(key, clock())
            run.failed += 1
        except UnwrittenError:
            log.warning("message_unwritten", message=str(key))
            _put_back(key, clock())
            run.failed += 1


def _claim(channel: Channel, now: datetime) -> UUID | None:
    """Take the message that has been due longest. On disk before anything is sent: a claim that a
    crash undoes would send twice."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"channel": channel.value, "now": now})
        found = cursor.fetchone()
    return found[0] if found else None


def _send(
    key: UUID, line: email.Mailer | sms.Texter, clock: Callable[[], datetime], run: Run
) -> None:
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            # A mark lost in a crash of the server leaves `sending`, which is given to a person.
            cursor.execute("SET LOCAL synchronous_commit = off")
        message = _held(key)
        if message is None:
            return
        now = clock()
        letter, mail = _write_letter(message, now)
        if isinstance(letter, Drop):
            _end(message, letter.status, letter.reason)
            tasks_for_staff.about_drop(message, letter.reason, now)
            run.dropped += 1
        elif isinstance(letter, Wait):
            _write(message, status=Status.SCHEDULED, due_at=letter.until, attempts=0)
        else:
            _mark(message, letter, _hand_over(message, letter, mail, line), clock(), run)


def _write_letter(
    message: Message, now: datetime
) -> tuple[Letter | Drop | Wait, EmailMultiAlternatives | None]:
    """What becomes of the message now, and the mail that it is. Raises BrokenError,
    UnwrittenError."""
    links = Links(message)
    try:
        letter = write(message, now, links.make)
        links.save()
        if isinstance(letter, Letter) and message.channel == Channel.EMAIL:
            return letter, email_of(letter, message.message_id)
    except OperationalError as error:  # a deadlock, a lock that was not had: nothing is wrong
        raise UnwrittenError from error
    except Exception as error:  # one message that cannot be written must not stop the others
        raise BrokenError from error
    return letter, None


def _put_back(key: UUID, now: datetime) -> None:
    """Nothing of it was sent: again in a minute."""
    with transaction.atomic():
        message = _held(key)
        if message is not None:
            _write(message, status=Status.SCHEDULED, reason=Reason.REFUSED, due_at=now + BACKOFF[0])


def _give_up(key: UUID, now: datetime) -> None:
    """Nothing of it was sent."""
    with transaction.atomic():
        message = _held(key)
        if message is not None:
            _fail(message, Reason.BROKEN, now)


def _held(key: UUID) -> Message | None:
    """The claimed message, its lock held to the end of the transaction: that is how others know
    that its sender lives. None where it was taken for dead meanwhile."""
    rows = Message.objects.select_for_update(of=("self",), no_key=True).select_related(
        *("patient__user", "user", "site", "care_plan", "appointment__site", "appointment__service")
    )
    return rows.filter(pk=key, status=Status.SENDING).first()


def _hand_over(
    message: Message,
    letter: Letter,
    mail: EmailMultiAlternatives | None,
    line: email.Mailer | sms.Texter,
) -> Outcome:
    if isinstance(line, email.Mailer) and mail is not None:
        return line.send(mail)
    if isinstance(line, sms.Texter):
        return line.send(letter.recipient.address, letter.text, key=str(message.pk))
    raise AssertionError("each way has a line of its own")


def _mark(message: Message, letter: Letter, outcome: Outcome, now: datetime, run: Run) -> None:
    said = {
        "address": letter.recipient.address,
        "language": letter.recipient.language,
        "subject": letter.subject,
        "text": letter.kept,
        "told": letter.told,
    }
    match outcome:
        case Accepted(provider_id=provider_id):
            _write(
                message,
                status=Status.SENT,
                reason="",
                sent_at=now,
                provider_id=provider_id[:200],
                **said,
            )
            run.sent += 1
        case Unknown():
            _write(message, status=Status.AMBIGUOUS, reason=Reason.UNKNOWN_OUTCOME, **said)
            tasks_for_staff.unsure(message, now)
            run.failed += 1
        case NotNow() if message.attempts <= len(BACKOFF):
            again = now + BACKOFF[message.attempts - 1]
            _write(message, status=Status.SCHEDULED, reason=Reason.REFUSED, due_at=again)
            run.failed += 1
        case NotNow() | Never():
            never = isinstance(outcome, Never)
            _write(message, **said)
            _fail(message, Reason.REFUSED if never else Reason.GIVEN_UP, now)
            run.failed += 1


def _fail(message: Message, reason: Reason, now: datetime) -> None:
    _end(message, Status.FAILED, reason)
    tasks_for_staff.not_delivered(message, reason, now)


def _end(message: Message, status: Status, reason: Reason) -> None:
    _write(message, status=status, reason=reason)


def _write(message: Message, **fields: object) -> None:
    Message.objects.filter(pk=message.pk).update(**fields)
