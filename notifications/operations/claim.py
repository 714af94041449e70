"""The sender's own statements, written out: they are what sending costs beside the mail itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Patient, User
from accounts.round_trip import Rows, ask, columns, rows_of
from notifications.compose.known import STATEMENTS, Known, known_from
from notifications.core.kinds import ONLY_REMINDS, Channel
from notifications.models import ActionLink, Message
from scheduling.models import Appointment, CarePlan, Service, Site

# `clock_timestamp()`: the transaction may have begun long before, with another message.
CLAIM = """
UPDATE notifications_message
SET status = 'sending', claimed_at = clock_timestamp(), attempts = attempts + 1
WHERE id = (
    SELECT id FROM notifications_message
    WHERE status = 'scheduled' AND channel = %(channel)s::text AND due_at <= %(now)s::timestamptz
    ORDER BY due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING id
"""
# Alone: a statement that waits for a lock reads what it joins as it was before it waited.
LOCK = """
SELECT FROM notifications_message WHERE id = %(message)s AND status = 'sending' FOR NO KEY UPDATE
"""
# What only reminds goes to one patient one after the other: whether a day was told of, and whether
# texts are enough, depends on what went out before. Another's turn lasts as long as a server takes
# to answer, so everything is read after it.
TURN = f"""
SELECT pg_advisory_xact_lock(hashtextextended('turn ' || m.channel || m.patient_id, 0))
FROM notifications_message m
WHERE m.id = %(message)s AND m.kind IN ({", ".join(f"'{kind}'" for kind in ONLY_REMINDS)})
    AND m.patient_id IS NOT NULL
"""  # noqa: S608 - names of our own
MODELS = (Message, Site, Patient, User, User, CarePlan, Appointment, Service)
HELD = f"""
SELECT {columns(Message, "m")}, {columns(Site, "s")}, {columns(Patient, "p")},
    {columns(User, "pu")}, {columns(User, "u")}, {columns(CarePlan, "c")},
    {columns(Appointment, "a")}, {columns(Service, "v")}
FROM notifications_message m
JOIN scheduling_site s ON s.id = m.site_id
LEFT JOIN accounts_patient p ON p.id = m.patient_id
LEFT JOIN accounts_user pu ON pu.id = p.user_id
LEFT JOIN accounts_user u ON u.id = m.user_id
LEFT JOIN scheduling_careplan c ON c.id = m.care_plan_id
LEFT JOIN scheduling_appointment a ON a.id = m.appointment_id
LEFT JOIN scheduling_service v ON v.slug = a.service_id
WHERE m.id = %(message)s
"""  # noqa: S608 - columns of models
LINKS = """
INSERT INTO notifications_actionlink
    (key, purpose, appointment_id, sequence, expires_at, message_id)
SELECT made.*, %(message)s::uuid FROM unnest(
    %(keys)s::text[], %(purposes)s::text[], %(appointments)s::uuid[], %(sequences)s::int[],
    %(ends)s::timestamptz[]
) made
RETURNING key
"""
SENT = """
UPDATE notifications_message
SET status = 'sent', reason = '', sent_at = %(now)s::timestamptz, address = %(address)s::text,
    language = %(language)s::text, subject = %(subject)s::text, text = %(text)s::text,
    told = %(told)s::jsonb, provider_id = %(provider_id)s::text
WHERE id = %(message)s::uuid
RETURNING id
"""


def claim(channel: Channel, now: datetime) -> UUID | None:
    """Take the message that has been due longest. On disk before anything is sent: a claim that a
    crash undoes would send twice."""
    [found] = ask([CLAIM], {"channel": channel.value, "now": now})
    return _key(found)


def held(key: UUID, begin: Sequence[str] = ()) -> tuple[Message, Known] | None:
    """The claimed message with all that it is written from, its lock held to the end of the
    transaction: that is how others know that its sender lives. None where it was taken for dead
    meanwhile. One trip, and what it reads was committed after the lock was had. `begin`: asked
    first, in the same trip."""
    asked = ask([*begin, LOCK, TURN, HELD, *STATEMENTS], {"message": key})
    locked, _turn, found, *answers = asked[len(begin) :]
    return (_message(found[0]), known_from(answers)) if locked else None


def mark_sent(
    message: Message,
    links: Sequence[ActionLink],
    said: Mapping[str, Any],
    *,
    now: datetime,
    claim_next: bool,
    end: Sequence[str] = (),
) -> UUID | None:
    """Write down that it was accepted, with its links, and take the next message of its channel
    where that is wanted: one commit for both, so one wait for the disk. `end`: asked last, in the
    same trip."""
    values = {
        **said,
        "message": message.pk,
        "told": json.dumps(said["told"]),
        "channel": message.channel,
        "now": now,
        "keys": [one.key for one in links],
        "purposes": [str(one.purpose) for one in links],
        "appointments": [one.appointment_id for one in links],
        "sequences": [one.sequence for one in links],
        "ends": [one.expires_at for one in links],
    }
    statements = [LINKS, SENT, CLAIM] if claim_next else [LINKS, SENT]
    answers = ask([*statements, *end], values)
    return _key(answers[2]) if claim_next else None


def _key(found: Rows) -> UUID | None:
    return found[0][0] if found else None


def _message(values: Sequence[object]) -> Message:
    message: Message
    message, site, patient, own_user, user, care_plan, appointment, service = rows_of(
        MODELS, values
    )
    message.site, message.patient, message.user = site, patient, user
    message.care_plan, message.appointment = care_plan, appointment
    if patient is not None:
        patient.user = own_user
    if appointment is not None:
        appointment.service = service
        if appointment.site_id == site.pk:
            appointment.site = site
    return message
