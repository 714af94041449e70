"""What each kind of message says, from the rows as they stand now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from notifications.compose import wording
from notifications.compose.forms import is_open
from notifications.compose.known import Known
from notifications.compose.letter import Content, Drop, Wait
from notifications.compose.sessions import sessions_of, told
from notifications.compose.staff_day import counts_for
from notifications.compose.texts import are_enough
from notifications.compose.timetable import VIDEO
from notifications.core.due import after_quiet, is_quiet, useless
from notifications.core.kinds import AHEAD, RULES, Kind, Reason, Status
from notifications.models import Message
from scheduling.core.walltime import day_start, local_date
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    Attendance,
    CarePlan,
    CarePlanStatus,
    ChangeStatus,
    CourseChange,
    OfferStatus,
    WaitlistOffer,
)
from scheduling.operations.clear import HOLDS

Answer = Content | Drop | Wait


def content_of(message: Message, known: Known, now: datetime) -> Answer:
    """What the message says now, or why it says nothing. The message comes with its site, course
    and appointment."""
    kind = Kind(message.kind)
    zone = message.site.timezone
    if kind in AHEAD and (gone := _gone(message)):
        return gone
    if message.appointment is not None:
        why_not = useless(kind, message.appointment.start, now, zone)
        if why_not:
            return Drop(Status.CANCELLED, why_not)
    if RULES[kind].quiet and is_quiet(now, zone):
        return Wait(after_quiet(now, zone))
    if are_enough(message, now):
        return Drop(Status.CANCELLED, Reason.TEXTED_ENOUGH)
    return ahead(message, known, now) if kind in AHEAD else CONTENTS[kind](message, now)


def portal(name: str, *args: object) -> str:
    """The whole address of a page behind sign-in."""
    return settings.PUBLIC_URL + reverse(name, args=args)


def reading() -> str:
    """Where a patient finds what to read before a visit; their plan while there is nothing else."""
    try:
        return portal("education-my-reading")
    except NoReverseMatch:
        return portal("plans")


# --- Times --------------------------------------------------------------------------------------


def confirmation(message: Message, now: datetime) -> Answer:
    """Every date of the course, or the one visit, that is still ahead."""
    rows = _subject(message).filter(status=AppointmentStatus.BOOKED, start__gt=now)
    sessions = sessions_of(rows)
    if not sessions:
        return Drop(Status.CANCELLED, Reason.CHANGED)
    plan = message.care_plan
    return wording.confirmation(sessions, reserved=plan is not None and plan.clearance not in HOLDS)


def change(message: Message, now: datetime) -> Answer:
    """What is different from what was told before; nothing where in the end nothing is."""
    was: dict[str, str | None] = message.facts.get("was", {})
    known = {} if message.copy else told(message)  # staff ask for the same again
    kept: list[str] = message.facts.get("kept", [])
    switched: list[str] = message.facts.get("by_video", [])
    rows = _subject(message).filter(pk__in=[*was, *kept, *switched])
    all_of_them = sessions_of(rows, was)
    sessions = [
        one
        for one in all_of_them
        if str(one.id) in was
        and known.get(str(one.id), -1) < one.sequence
        and (one.moved or one.added or one.cancelled)
        and max(one.start, one.was or one.start) > now
    ]
    told_already = {one.id for one in sessions}
    by_video = [
        one
        for one in all_of_them
        if str(one.id) in switched
        and one.id not in told_already
        and known.get(str(one.id), -1) < one.sequence
        and one.mode == VIDEO
        and not one.cancelled
        and one.start > now
    ]
    told_already |= {one.id for one in by_video}
    same_time = [
        one
        for one in all_of_them
        if str(one.id) in kept
        and one.id not in told_already
        and not one.cancelled
        and one.start > now
    ]
    if not sessions and not by_video and not same_time:
        return Drop(Status.CANCELLED, Reason.NOTHING_CHANGED)
    return wording.change(
        sessions,
        kept=same_time,
        by_video=by_video,
        by_patient=bool(message.facts.get("by_patient")),
        disrupted=bool(message.facts.get("disruptions")),
        answer=portal("my-changes", message.care_plan_id or message.appointment_id)
        if message.facts.get("disruptions")
        else "",
    )


def ahead(message: Message, known: Known, now: datetime) -> Answer:
    """The day's sessions of the patient, in one message."""
    appointment = message.appointment
    if appointment is None:
        return Drop(Status.CANCELLED, Reason.CHANGED)
    if known.told:
        return Drop(Status.CANCELLED, Reason.TOLD_ALREADY)
    zone = appointment.site.timezone
    day = local_date(appointment.start, zone)
    first, last = max(day_start(day, zone), now), day_start(day + timedelta(days=1), zone)
    rows = [one for one in known.near if first <= one.start < last]
    for one in rows:
        one.site = appointment.site
    sessions = sessions_of(rows, dated=False)
    own = next((one for one in sessions if one.id == appointment.pk), None)
    if own is None or own.sequence != message.sequence:  # changed since the message was read
        return Drop(Status.CANCELLED, Reason.CHANGED)
    return wording.ahead(
        sessions,
        own,
        preparing=message.kind == Kind.PREPARATION,
        confirmed=appointment.attendance == Attendance.ACCEPTED,
        move="" if message.kind == Kind.PREPARATION else portal("move", appointment.pk),
    )


def _gone(message: Message) -> Drop | None:
    """The session is no longer booked, or not at this time."""
    one = message.appointment
    stands = (
        one is not None
        and one.status == AppointmentStatus.BOOKED
        and one.sequence == message.sequence
    )
    return None if stands else Drop(Status.CANCELLED, Reason.CHANGED)


# --- Everything else -----------------------------------------------------------------------------


def hold_expiring(message: Message, now: datetime) -> Answer:
    """Times that are kept for somebody who has not confirmed them."""
    held: CarePlan | Appointment | None = message.care_plan or message.appointment
    if held is None or held.status != "held" or held.expires_at is None or held.expires_at <= now:
        return Drop(Status.CANCELLED, Reason.CHANGED)
    return wording.hold_expiring(held.expires_at, message.site.timezone, portal("plans"))


def clearance(message: Message, now: datetime) -> Answer:
    """A prescriber has decided. What they decided is read behind sign-in."""
    plan = message.care_plan
    if plan is None or plan.clearance not in HOLDS or plan.status != CarePlanStatus.ACTIVE:
        return Drop(Status.CANCELLED, Reason.CHANGED)
    return wording.clearance(portal("plans"))


def questionnaire(message: Message, now: datetime) -> Answer:
    """Questions wait to be answered."""
    if message.care_plan is None or not is_open(message.care_plan, message.topic, now):
        return Drop(Status.CANCELLED, Reason.CHANGED)
    return wording.questionnaire(portal("plans"))


def follow_up(message: Message, now: datetime) -> Answer:
    """The morning after."""
    one = message.appointment
    if one is None or one.status != AppointmentStatus.FULFILLED:
        return Drop(Status.CANCELLED, Reason.CHANGED)
    if now - message.due_at > timedelta(days=1):
        return Drop(Status.CANCELLED, Reason.TOO_LATE)
    return wording.follow_up(portal("plans"))


def waitlist_offer(message: Message, now: datetime) -> Answer:
    """A time has become free. Which one is read behind sign-in."""
    offer = WaitlistOffer.objects.filter(pk=message.topic, status=OfferStatus.OFFERED).first()
    if offer is None:
        return Drop(Status.CANCELLED, Reason.CHANGED)
    if offer.expires_at <= now:
        return Drop(Status.CANCELLED, Reason.TOO_LATE)
    link = portal("waitlist-offer", offer.pk)
    return wording.waitlist_offer(offer.expires_at, message.site.timezone, link)


def proposal(message: Message, now: datetime) -> Answer:
    """The clinic proposes times for a part of a course; nobody has agreed to them yet."""
    waiting = CourseChange.objects.filter(
        care_plan=message.care_plan_id, status=ChangeStatus.PROPOSED
    )
    if message.care_plan_id is None or not waiting.exists():
        return Drop(Status.CANCELLED, Reason.CHANGED)
    return wording.proposal(portal("course-heal", message.care_plan_id))


def staff_digest(message: Message, now: datetime) -> Answer:
    """How much waits for a colleague today."""
    if message.user is None or not message.user.is_active or not message.user.works_here:
        return Drop(Status.CANCELLED, Reason.CHANGED)
    if local_date(now, message.site.timezone).isoformat() != message.topic:
        return Drop(Status.CANCELLED, Reason.TOO_LATE)
    counts = counts_for(message.user, message.site, now)
    return wording.staff_digest(**counts, link=portal("desk"))


def _subject(message: Message) -> QuerySet[Appointment]:
    """The appointments that the message may tell of."""
    if message.care_plan_id is not None:
        return _with_site(Appointment.objects.filter(care_plan=message.care_plan_id))
    return _with_site(Appointment.objects.filter(pk__in=[message.appointment_id]))


def _with_site(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    return rows.select_related("site", "service")


CONTENTS: dict[Kind, Callable[[Message, datetime], Answer]] = {
    Kind.CONFIRMATION: confirmation,
    Kind.MOVED: change,
    Kind.CANCELLED: change,
    Kind.PROPOSAL: proposal,
    Kind.WAITLIST_OFFER: waitlist_offer,
    Kind.HOLD_EXPIRING: hold_expiring,
    Kind.CLEARANCE: clearance,
    Kind.QUESTIONNAIRE: questionnaire,
    Kind.FOLLOW_UP: follow_up,
    Kind.STAFF_DIGEST: staff_digest,
}
