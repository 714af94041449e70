"""One session at one time [FHIR: Appointment]."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import Patient
from scheduling.models.care_plan import CarePlan
from scheduling.models.service import Service
from scheduling.models.site import Site


class AppointmentStatus(models.TextChoices):
    HELD = "held"
    EXPIRED = "expired"
    RELEASED = "released"
    BOOKED = "booked"
    ARRIVED = "arrived"
    IN_PROGRESS = "in_progress"
    RECOVERING = "recovering"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    NOT_TREATED = "not_treated"
    STOPPED = "stopped"


class Attendance(models.TextChoices):
    """Whether the patient comes [FHIR: Appointment.participant.status]; empty: not said."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Appointment(models.Model):
    """`start` and `end` bound the patient's own time. `treatment` repeats the service's flag, so
    that the database can hold spacing; `spacing_days` is the distance this treatment asks for.

    `version` (any change) and `sequence` (time, place or cancellation: iCalendar's SEQUENCE) are
    raised by the database itself, whoever writes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, related_name="appointments", null=True, blank=True
    )
    step = models.CharField(max_length=60, blank=True)
    block = models.CharField(max_length=40, blank=True)
    # Every index is paid by each booking; nobody looks for sessions by what has none.
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="appointments")
    mode = models.SlugField(max_length=20, default="in_person", db_index=False)
    treatment = models.BooleanField(default=False)
    spacing_days = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(
        max_length=12, choices=AppointmentStatus.choices, default=AppointmentStatus.HELD
    )
    start = models.DateTimeField()
    end = models.DateTimeField()
    phases = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    extended = models.BooleanField(default=False)
    reason = models.CharField(max_length=40, blank=True)
    #: False for a stopped treatment that a prescriber does not count: its step is to be done again.
    counts = models.BooleanField(default=True, db_default=True)
    late = models.BooleanField(default=False)
    overrides = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    #: What the patient has said about this time: cleared by the database with each new `sequence`.
    attendance = models.CharField(
        max_length=10, choices=Attendance.choices, default="", db_default="", blank=True
    )
    version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["start", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="appointment_not_reversed"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=list(AppointmentStatus)),
                name="appointment_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(attendance__in=["", *Attendance]),
                name="appointment_attendance_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="held") | models.Q(expires_at__isnull=False),
                name="appointment_hold_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(treatment=False) | models.Q(spacing_days__gte=1),
                name="appointment_treatment_spaced",
            ),
            models.CheckConstraint(
                condition=models.Q(care_plan=None, step="")
                | (models.Q(care_plan__isnull=False) & ~models.Q(step="")),
                name="appointment_step_in_plan",
            ),
            models.UniqueConstraint(
                fields=["care_plan", "step"],
                condition=models.Q(counts=True)
                & ~models.Q(
                    status__in=["cancelled", "noshow", "not_treated", "expired", "released"]
                ),
                name="appointment_step_once",
            ),
            models.CheckConstraint(
                condition=models.Q(counts=True) | models.Q(status="stopped"),
                name="appointment_only_stopped_uncounted",
            ),
        ]
        indexes = [
            models.Index(fields=["start"], name="appointment_start"),
            models.Index(fields=["patient", "start"], name="appointment_patient_start"),
            models.Index(
                fields=["expires_at"], condition=models.Q(status="held"), name="appointment_holds"
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"
