"""One of each message, made of invented times: to be looked at. Reads nobody's data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_DNS, uuid5

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.compose import wording
from notifications.compose.contents import portal
from notifications.compose.letter import Content
from notifications.compose.timetable import IN_PERSON, PHONE, VIDEO
from notifications.core.kinds import Kind
from notifications.core.session import Session
from scheduling.core.walltime import to_instant
from scheduling.models import Site

FIRST_NAME = "Alex"
SHORT, LONG = timedelta(minutes=50), timedelta(minutes=130)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when the samples play: at a real site, from a Monday on."""

    site: Site
    monday: date
    now: datetime

    def session(
        self,
        number: int,
        days: int,
        clock: str,
        *,
        length: timedelta = SHORT,
        mode: str = IN_PERSON,
        sequence: int = 0,
        cancelled: bool = False,
        was: tuple[int, str] | None = None,
    ) -> Session:
        """One invented session, `days` after the Monday. `was`: days and wall time before."""
        key = uuid5(NAMESPACE_DNS, f"sample-{number}")
        start = self.at(days, clock)
        return Session(
            id=key,
            uid=f"sample-{key}@{settings.CALENDAR_DOMAIN}",
            sequence=sequence,
            revised_at=self.now,
            start=start,
            end=start + length,
            zone=self.site.timezone,
            cancelled=cancelled,
            mode=mode,
            title="Appointment",
            clinic=self.site.neutral_name,
            address=self.site.address,
            phone=self.site.phone,
            was=self.at(*was) if was else None,
        )

    def at(self, days: int, clock: str) -> datetime:
        """The instant of a wall time at the site."""
        day = self.monday + timedelta(days=days)
        return to_instant(day, time.fromisoformat(clock), self.site.timezone)


@dataclass(frozen=True, slots=True)
class Sample:
    """`acts`: the links that such a message carries. Those of a sample lead to the plan alone."""

    name: str
    title: str | Promise
    kind: Kind
    make: Callable[[Scene], Content]
    acts: tuple[str, ...] = ()


def _course(scene: Scene) -> Content:
    treatments = [
        scene.session(number, days, "08:30", length=LONG)
        for number, days in enumerate((7, 10, 14, 17, 21, 24))
    ]
    talks = [
        scene.session(10 + number, days, "13:00", mode=VIDEO if number % 3 == 1 else IN_PERSON)
        for number, days in enumerate((1, 4, 8, 11, 15, 22, 29, 36))
    ]
    groups = [scene.session(20 + number, 2 + 7 * number, "16:30") for number in range(7)]
    calls = [scene.session(30, 18, "09:00", length=timedelta(minutes=20), mode=PHONE)]
    course = sorted([*treatments, *talks, *groups, *calls], key=lambda one: one.start)
    return wording.confirmation(course, reserved=True)


def _single(scene: Scene) -> Content:
    return wording.confirmation([scene.session(40, 0, "10:00")], reserved=False)


def _preparation(scene: Scene) -> Content:
    own = scene.session(0, 7, "08:30", length=LONG)
    return wording.ahead([own], own, preparing=True, confirmed=False)


def _reminder(scene: Scene) -> Content:
    own = scene.session(40, 0, "10:00")
    return wording.ahead([own], own, preparing=False, confirmed=False)


def _busy_day(scene: Scene) -> Content:
    day = [
        scene.session(0, 7, "08:30", length=LONG),
        scene.session(11, 7, "13:00", mode=VIDEO),
        scene.session(20, 7, "16:30"),
    ]
    return wording.ahead(day, day[0], preparing=False, confirmed=True)


def _moved(scene: Scene) -> Content:
    one = scene.session(40, 2, "11:00", sequence=1, was=(0, "10:00"))
    return wording.change([one], by_patient=True, disrupted=False)


def _moved_by_clinic(scene: Scene) -> Content:
    one = scene.session(40, 2, "11:00", sequence=1, was=(0, "10:00"))
    return wording.change([one], by_patient=False, disrupted=False)


def _repaired(scene: Scene) -> Content:
    changed = [
        scene.session(1, 11, "08:30", length=LONG, sequence=1, was=(10, "08:30")),
        scene.session(2, 16, "10:00", length=LONG, sequence=1, was=(14, "08:30")),
        scene.session(13, 18, "13:00", mode=VIDEO, sequence=1, was=(15, "13:00")),
        scene.session(14, 25, "13:00"),
        scene.session(21, 9, "16:30", sequence=1, cancelled=True),
    ]
    return wording.change(changed, by_patient=False, disrupted=True, answer=portal("plans"))


def _cancelled(scene: Scene) -> Content:
    one = scene.session(40, 2, "11:00", sequence=2, cancelled=True)
    return wording.change([one], by_patient=True, disrupted=False)


def _cancelled_by_clinic(scene: Scene) -> Content:
    some = [scene.session(20, 2, "16:30", sequence=1, cancelled=True)]
    some += [scene.session(21, 9, "16:30", sequence=1, cancelled=True)]
    return wording.change(some, by_patient=False, disrupted=False)


def _hold_expiring(scene: Scene) -> Content:
    ends = scene.now + timedelta(minutes=5)
    return wording.hold_expiring(ends, scene.site.timezone, portal("plans"))


def _offer(scene: Scene) -> Content:
    return wording.waitlist_offer(scene.at(0, "18:00"), scene.site.timezone, portal("plans"))


def _digest(scene: Scene) -> Content:
    return wording.staff_digest(visits=6, tasks=3, link=portal("desk"))


SAMPLES = {
    one.name: one
    for one in (
        Sample("course", _("A course is booked"), Kind.CONFIRMATION, _course),
        Sample("visit", _("One visit is booked"), Kind.CONFIRMATION, _single),
        Sample("preparation", _("A week before"), Kind.PREPARATION, _preparation, ("stop",)),
        Sample(
            *("reminder", _("Reminder"), Kind.REMINDER_24H, _reminder),
            acts=("confirm", "cancel", "stop"),
        ),
        Sample(
            *("busy-day", _("Reminder of several visits"), Kind.REMINDER_72H, _busy_day),
            acts=("cancel", "stop"),
        ),
        Sample("moved", _("Moved by the patient"), Kind.MOVED, _moved),
        Sample("moved-by-clinic", _("Moved by the clinic"), Kind.MOVED, _moved_by_clinic),
        Sample("repaired", _("Several changed after a closure"), Kind.MOVED, _repaired),
        Sample(
            *("cancelled", _("Cancelled by the patient"), Kind.CANCELLED, _cancelled),
            acts=("undo",),
        ),
        Sample(
            *("cancelled-by-clinic", _("Cancelled by the clinic")),
            *(Kind.CANCELLED, _cancelled_by_clinic),
        ),
        Sample("hold", _("A hold ends soon"), Kind.HOLD_EXPIRING, _hold_expiring),
        Sample("offer", _("A time has become free"), Kind.WAITLIST_OFFER, _offer),
        Sample(
            *("proposal", _("The clinic proposes new times"), Kind.PROPOSAL),
            make=lambda scene: wording.proposal(portal("plans")),
        ),
        Sample(
            *("clearance", _("A prescriber has decided"), Kind.CLEARANCE),
            make=lambda scene: wording.clearance(portal("plans")),
        ),
        Sample(
            *("questions", _("Questions wait"), Kind.QUESTIONNAIRE),
            make=lambda scene: wording.questionnaire(portal("plans")),
            acts=("stop",),
        ),
        Sample(
            *("follow-up", _("The morning after"), Kind.FOLLOW_UP),
            make=lambda scene: wording.follow_up(portal("plans")),
            acts=("stop",),
        ),
        Sample("digest", _("A colleague's day"), Kind.STAFF_DIGEST, _digest),
    )
}
