"""A clinic whose patient reads mail, and the clock of its post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import mail

from accounts.models import ContactConsent, ContactPurpose, Patient, User
from notifications.models import Message
from notifications.operations.collect import collect_all
from notifications.operations.deliver import deliver
from notifications.operations.recover import recover
from notifications.operations.schedule import schedule
from scheduling.models import Appointment, CarePlan
from scheduling.operations import events
from scheduling.operations.actor import Actor
from tests.factories import NOW, Clinic, make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion, make_talk


@dataclass
class Post:
    """`run` does at `now` what the worker does every few seconds."""

    clinic: Clinic
    user: User
    patient: Patient
    plan: CarePlan
    now: datetime = NOW

    def run(self, *, after: timedelta = timedelta()) -> list[mail.EmailMultiAlternatives]:
        """What goes out `after` that time."""
        self.now += after
        before = len(mail.outbox)
        collect_all(self.now)
        schedule(self.now)
        recover(self.now)
        deliver(lambda: self.now)
        return mail.outbox[before:]

    def book(self, step: str, start: datetime, *, talk: bool = True) -> Appointment:
        """A session of the course, with its event."""
        make = make_talk if talk else make_infusion
        made = make(self.plan, self.clinic, step, start)
        self.tell("booked", made)
        return made

    def tell(self, verb: str, appointment: Appointment, *, actor: Actor | None = None) -> None:
        """Write what has happened, as the operations do."""
        events.append(
            actor=actor or Actor.of(self.user), verb=verb, appointment=appointment, now=self.now
        )

    def ledger(self) -> list[tuple[str, str, str]]:
        """Kind, status and reason of each message, in the order of their making."""
        rows = Message.objects.order_by("created_at", "due_at", "kind")
        return list(rows.values_list("kind", "status", "reason"))


def make_post(*, consent: bool = True) -> Post:
    """A cleared course without sessions; its patient has agreed to mail."""
    clinic = load_clinic()
    user = make_user("ada@example.org")
    patient = make_patient(user=user)
    if consent:
        ContactConsent.objects.create(
            patient=patient,
            purpose=ContactPurpose.EMAIL_APPOINTMENTS,
            address=user.email,
            wording="2026-11",
            given_at=NOW,
        )
    return Post(clinic, user, patient, make_course(patient, clinic))
