"""What is taken: the rows the database guards.

A row exists exactly as long as it blocks. Giving capacity back deletes it; history is in events.
Ranges are half-open, and may be neither empty nor unbounded nor null: an exclusion constraint lets
all three through, so checks stop them (see `migrations/0002_guards.py`).
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models

from accounts.models import Patient
from scheduling.models.appointment import Appointment
from scheduling.models.group import GroupSession
from scheduling.models.resource import Resource


class Reservation(models.Model):
    """One lane of one resource for one period, by one appointment, one group meeting, or one time
    that is offered to somebody on the waitlist.

    `role` says what for; `expires_at` repeats the hold's end, so that readers can see through
    holds that have ended but were not swept yet.
    """

    # Every index is paid by each booking. Here, and below, the index of the constraint answers too.
    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, related_name="reservations", db_index=False
    )
    lane = models.PositiveSmallIntegerField()
    during = DateTimeRangeField()
    role = models.SlugField(max_length=40, db_index=False)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="reservations", null=True, blank=True
    )
    group_session = models.ForeignKey(
        GroupSession,
        on_delete=models.CASCADE,
        related_name="reservations",
        null=True,
        blank=True,
        db_index=False,
    )
    offer = models.ForeignKey(
        "scheduling.WaitlistOffer",
        on_delete=models.CASCADE,
        related_name="reservations",
        null=True,
        blank=True,
        db_index=False,
    )
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="reservation_lane_once",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("lane", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(appointment__isnull=False, group_session=None, offer=None)
                | models.Q(appointment=None, group_session__isnull=False, offer=None)
                | models.Q(
                    appointment=None,
                    group_session=None,
                    offer__isnull=False,
                    expires_at__isnull=False,
                ),
                name="reservation_one_owner",
            ),
        ]
        indexes = [
            models.Index(
                fields=["group_session"],
                condition=models.Q(group_session__isnull=False),
                name="reservation_group",
            ),
            models.Index(
                fields=["offer"],
                condition=models.Q(offer__isnull=False),
                name="reservation_offer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} lane {self.lane}"


class PatientTime(models.Model):
    """The patient's own time of one appointment: nobody is in two places at once."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", db_index=False)
    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, related_name="patient_time"
    )
    during = DateTimeRangeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="patient_once",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"time of appointment {self.appointment_id}"


class TreatmentSpacing(models.Model):
    """Local days `[day of treatment, day + spacing)` in which the patient gets no other treatment.

    Without an appointment it is imported history. The range is shorter where staff overrode
    the spacing towards the next treatment, with the reason kept in that appointment's events.
    """

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="spacings", db_index=False
    )
    appointment = models.OneToOneField(
        Appointment,
        on_delete=models.CASCADE,
        related_name="treatment_spacing",
        null=True,
        blank=True,
    )
    days = DateRangeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="treatment_spacing_kept",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"treatment on {self.days.lower}"


class ReservationChange(models.Model):
    """A trace that lets every process bring its masks current. Written by triggers only.

    `xid` is the writing transaction. A reader remembers the oldest transaction still running when
    it last looked and asks for everything from there on: rows that commit late are never missed.
    `resource` null means that hours, closures or resources changed: build anew. `freed`: something
    may have been given back, and the waitlist has not `looked` yet.
    """

    xid = models.BigIntegerField(db_index=True)
    at = models.DateTimeField(db_index=True)
    resource = models.UUIDField(null=True)
    during = DateTimeRangeField(null=True)
    freed = models.BooleanField(default=False, db_default=False)
    looked = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(freed=True, looked=False), name="change_freed"
            ),
        ]

    def __str__(self) -> str:
        return f"change in transaction {self.xid}"
