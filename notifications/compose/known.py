"""What a message is written from beside its own row and what it points to, read when it is written.

Written out and asked in one trip: it is read for every message, right before it goes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.models import ContactConsent
from accounts.round_trip import Rows, ask, columns, row_of, rows_of
from notifications.models import Message
from scheduling.models import Appointment, Service

# Of a record that is part of another by now, the other's.
CONSENTS = f"""
SELECT {columns(ContactConsent, "c")}, EXISTS (
    SELECT FROM notifications_suppression s
    WHERE lower(s.address) = lower(c.address) AND s.lifted_at IS NULL
)
FROM notifications_message m
JOIN accounts_patient p ON p.id = m.patient_id
JOIN accounts_contactconsent c ON c.patient_id = coalesce(p.merged_into_id, p.id)
WHERE m.id = %(message)s AND c.withdrawn_at IS NULL
"""  # noqa: S608 - columns of a model
# A day of no zone begins or ends further away.
NEAR = f"""
SELECT {columns(Appointment, "a")}, {columns(Service, "v")}
FROM notifications_message m
JOIN scheduling_appointment own ON own.id = m.appointment_id
JOIN scheduling_appointment a ON a.patient_id = own.patient_id AND a.site_id = own.site_id
    AND a.status = 'booked'
    AND a.start BETWEEN own.start - interval '26 hours' AND own.start + interval '26 hours'
JOIN scheduling_service v ON v.slug = a.service_id
WHERE m.id = %(message)s
ORDER BY a.start, a.id
"""  # noqa: S608 - columns of models
TOLD = """
SELECT FROM notifications_message m
JOIN notifications_message other ON other.patient_id = m.patient_id AND other.kind = m.kind
    AND other.channel = m.channel AND other.status = 'sent'
    AND other.appointment_id IS DISTINCT FROM m.appointment_id
WHERE m.id = %(message)s AND other.told -> m.appointment_id::text = to_jsonb(m.sequence)
LIMIT 1
"""
STATEMENTS = (CONSENTS, NEAR, TOLD)


@dataclass(frozen=True, slots=True)
class Known:
    """`consents`: what the patient has agreed to and not withdrawn, by purpose. `suppressed`: the
    purposes whose address takes no mail any more. `near`: what they have booked at the site within
    a day of the message's session. `told`: another session's message of this kind has told of this
    one too."""

    consents: Mapping[str, ContactConsent]
    suppressed: frozenset[str]
    near: Sequence[Appointment]
    told: bool


def known_of(message: Message) -> Known:
    """As it stands now. One query."""
    return known_from(ask(STATEMENTS, {"message": message.pk}))


def known_from(answers: Sequence[Rows]) -> Known:
    """From the answers to `STATEMENTS`."""
    consents, near, told = answers
    yes = [(row_of(ContactConsent, values[:-1]), values[-1]) for values in consents]
    return Known(
        consents={one.purpose: one for one, _stopped in yes},
        suppressed=frozenset(one.purpose for one, stopped in yes if stopped),
        near=[_with_service(values) for values in near],
        told=bool(told),
    )


def _with_service(values: Sequence[object]) -> Appointment:
    appointment: Appointment
    appointment, appointment.service = rows_of((Appointment, Service), values)
    return appointment
