"""What a link in a message does: one thing, for the visit as it stood when the link was sent."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Patient
from accounts.operations import contact_consent
from notifications.compose.recipient import email_of
from notifications.core.standing import Standing, standing
from notifications.models import ActionLink, Purpose
from notifications.operations.links import Links, undo_secret
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Appointment, AppointmentStatus, Attendance
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.answer_attendance import answer_attendance
from scheduling.operations.cancel import cancel
from scheduling.operations.change import look_at_appointment
from scheduling.operations.undo_cancel import undo_cancel
from scheduling.selectors.undo import is_undone, undo_deadline


def standing_of(link: ActionLink, now: datetime) -> Standing:
    """Whether the link can act now. Four queries at most."""
    one = link.appointment
    if one is None:
        done = contact_consent.reminders(patient_of(link)) is not True
        return standing(done=done, as_sent=True, expires_at=link.expires_at, now=now)
    as_sent = one.sequence == link.sequence and _is_still_theirs(link, one.patient)
    booked = one.status == AppointmentStatus.BOOKED
    match link.purpose:
        case Purpose.CONFIRM:
            done = as_sent and booked and one.attendance == Attendance.ACCEPTED
            as_sent = as_sent and booked
        case Purpose.CANCEL:
            done = link.used_at is not None
            as_sent = as_sent and booked
        case _:
            done = is_undone(one)
            as_sent = as_sent and (done or undo_deadline(one, now) is not None)
    return standing(done=done, as_sent=as_sent, expires_at=link.expires_at, now=now)


def confirm(link: ActionLink, now: datetime) -> None:
    """The patient comes, to every visit that the message has told of and that stands as it was
    told. Again changes nothing. Raises Refused where the link's own visit does not."""
    actor = Actor.by_message_link(appointment_of(link).patient)

    def work() -> None:
        for one in told_by(link):
            answer_attendance(
                actor=actor,
                appointment=one,
                answer=Attendance.ACCEPTED,
                sequence=one.sequence if one.pk != link.appointment_id else link.sequence,
                now=now,
            )
        _use(link, now)

    atomic.run(work)


def told_by(link: ActionLink) -> list[Appointment]:
    """The visits that the link's message has told of, as far as they stand; the link's own in any
    case. One query."""
    own = appointment_of(link)
    told = link.message.told
    rows = Appointment.objects.filter(
        pk__in=list(told), patient=own.patient_id, status=AppointmentStatus.BOOKED
    ).select_related("patient__user", "site", "service")
    standing = {one.pk: one for one in rows if told[str(one.pk)] == one.sequence}
    return sorted({own.pk: own, **standing}.values(), key=lambda one: one.start)


def call_off(link: ActionLink, reason: str, secret: str, now: datetime) -> None:
    """Cancel the visit, and make the link that undoes it. The second of two taps changes nothing.
    Raises Refused."""
    one = appointment_of(link)
    actor = Actor.by_message_link(one.patient)

    def work() -> None:
        seen = look_at_appointment(one, None)
        if not _use(link, now):
            return
        if seen.sequence != link.sequence:
            raise Refused([refuse(Code.STALE, version=seen.version)])
        given_up = cancel(
            actor=actor, appointment=seen, reason=reason, version=seen.version, now=now
        )
        until = undo_deadline(given_up, now)
        if until is not None:
            secret_of_undo = undo_secret(secret)
            links = Links(link.message)
            links.make(Purpose.UNDO, given_up, until, secret=secret_of_undo)
            links.save()

    atomic.run(work)


def take_back(link: ActionLink, now: datetime) -> None:
    """Book the visit again at its own time. Raises Refused where the time is gone, or the undo is
    over."""
    one = appointment_of(link)
    undo_cancel(actor=Actor.by_message_link(one.patient), appointment=one, now=now)
    _use(link, now)


def appointment_of(link: ActionLink) -> Appointment:
    """What the link is about. Raises ValueError for one that is about no visit."""
    if link.appointment is None:
        raise ValueError("a link that stops reminders is about no visit")
    return link.appointment


def patient_of(link: ActionLink) -> Patient:
    """Whose link it is. Raises ValueError: colleagues' messages carry none."""
    patient = link.appointment.patient if link.appointment else link.message.patient
    if patient is None:
        raise ValueError("a message to a colleague carries no link that acts")
    return patient.merged_into or patient


def _is_still_theirs(link: ActionLink, patient: Patient) -> bool:
    """Whether nobody else reads where the link went: it is where they read mail now, and they have
    not said since that others do too."""
    shared = patient.user is not None and patient.user.mail_shared
    return not shared and link.message.address.lower() == email_of(patient).lower()


def _use(link: ActionLink, now: datetime) -> bool:
    """Whether this is the first time."""
    return bool(ActionLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now))
