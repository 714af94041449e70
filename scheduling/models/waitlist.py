"""Who waits for a better time, and what has been offered to them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import Patient
from scheduling.models.appointment import Appointment
from scheduling.models.care_plan import CarePlan
from scheduling.models.protocol import ProtocolVersion
from scheduling.models.resource import Resource
from scheduling.models.service import Service
from scheduling.models.site import Site


class WaitlistWant(models.TextChoices):
    """What would be better. `earlier` without an appointment: as soon as can be."""

    EARLIER = "earlier"
    TIME_OF_DAY = "time_of_day"
    PERSON = "person"
    COURSE = "course"


class WaitlistPriority(models.IntegerChoices):
    """Set by the clinic, and visible to whoever steers the list."""

    USUAL = 0
    SOON = 1
    URGENT = 2


class WaitlistStatus(models.TextChoices):
    """`lapsed`: the session has begun, or its days are over."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class OfferStatus(models.TextChoices):
    """`withdrawn`: by the clinic, or because the patient chose something else."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class WaitlistEntry(models.Model):
    """One wish: another time for the `appointment` (booked, or lost and not booked again), a visit
    of a `service`, or a whole course of a protocol with the `wishes` of its search.

    Days are local to the site; weekdays ISO 1-7, empty for all, as with day parts. The order is
    `priority`, then `turn`: the moment of joining, unless the desk moved the entry. Nothing is
    offered until `skip_until`. The `room_` columns repeat what the course leaves for the session
    where the others stand now, as of `room_mark`, so that thousands of entries are sifted quickly.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="waitlist")
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, related_name="waitlist", null=True, blank=True
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="waitlist", null=True, blank=True
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    mode = models.SlugField(max_length=20, default="in_person", db_index=False)
    protocol_version = models.ForeignKey(
        ProtocolVersion, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    blocks = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    modes = models.JSONField(default=dict, blank=True)
    wishes = models.JSONField(default=dict, blank=True)
    want = models.CharField(max_length=12, choices=WaitlistWant.choices)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    day_parts = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    earliest = models.DateField()
    latest = models.DateField(null=True, blank=True)
    person = models.ForeignKey(
        Resource, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    priority = models.SmallIntegerField(
        choices=WaitlistPriority.choices, default=WaitlistPriority.USUAL
    )
    turn = models.DateTimeField()
    skip_until = models.DateTimeField(null=True, blank=True)
    status = models.CharField(
        max_length=12, choices=WaitlistStatus.choices, default=WaitlistStatus.WAITING
    )
    room_first = models.DateField(null=True, blank=True)
    room_last = models.DateField(null=True, blank=True)
    room_person = models.UUIDField(null=True, blank=True)
    room_mark = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-priority", "turn", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(want__in=list(WaitlistWant)), name="waitlist_want_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=list(WaitlistStatus)), name="waitlist_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(priority__in=list(WaitlistPriority)),
                name="waitlist_priority_known",
            ),
            models.CheckConstraint(
                condition=models.Q(service__isnull=False, protocol_version=None)
                | models.Q(
                    service=None,
                    protocol_version__isnull=False,
                    appointment=None,
                    want=WaitlistWant.COURSE,
                ),
                name="waitlist_one_wish",
            ),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=models.Q(status=WaitlistStatus.WAITING, appointment__isnull=False),
                name="waitlist_appointment_once",
            ),
            models.UniqueConstraint(
                fields=["patient", "service", "protocol_version"],
                condition=models.Q(status=WaitlistStatus.WAITING, appointment=None),
                nulls_distinct=False,
                name="waitlist_wish_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["site", "priority", "turn"],
                condition=models.Q(status=WaitlistStatus.WAITING),
                name="waitlist_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"waitlist entry {self.pk}"


class WaitlistOffer(models.Model):
    """One time offered to one entry, and held for it until `expires_at`: by reservations of its
    own, or, for a whole course, by the held `care_plan`.

    While it stands the database wants something held for it, and afterwards nothing; an entry has
    one standing offer, and what it holds nobody else can be offered or book.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, related_name="offers")
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    start = models.DateTimeField()
    end = models.DateTimeField()
    units = models.JSONField(default=dict, blank=True)
    status = models.CharField(
        max_length=12, choices=OfferStatus.choices, default=OfferStatus.OFFERED
    )
    reason = models.CharField(max_length=40, blank=True)
    expires_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=list(OfferStatus)), name="waitlist_offer_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="waitlist_offer_not_reversed"
            ),
            models.CheckConstraint(
                condition=models.Q(status=OfferStatus.OFFERED, answered_at=None)
                | (~models.Q(status=OfferStatus.OFFERED) & models.Q(answered_at__isnull=False)),
                name="waitlist_offer_answered",
            ),
            models.UniqueConstraint(
                fields=["entry"],
                condition=models.Q(status=OfferStatus.OFFERED),
                name="waitlist_offer_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status=OfferStatus.OFFERED),
                name="waitlist_offers_out",
            ),
        ]

    def __str__(self) -> str:
        return f"waitlist offer {self.pk}"

    @property
    def patient(self) -> Patient:
        """Whose it is."""
        return self.entry.patient


class WaitlistDay(models.Model):
    """A local day of a site on which something was given back: to be matched with who waits.

    `asked_at` is raised each time, so that a day that changes while it is looked at stays asked.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "day"], name="waitlist_day_once"),
        ]

    def __str__(self) -> str:
        return f"waitlist day {self.day}"
