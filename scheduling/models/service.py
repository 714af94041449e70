"""A bookable kind of session [FHIR: HealthcareService]."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class BookableBy(models.TextChoices):
    ANYONE = "anyone"
    AFTER_EVALUATION = "after_evaluation"
    STAFF = "staff"


class Service(models.Model):
    """`title` is what the patient reads in the portal; `neutral_title` is what messages say.

    `definition` holds phases and requirements per mode, in the form that
    `scheduling.protocols.loading` reads and validates; the other columns repeat what is searched.
    """

    slug = models.SlugField(primary_key=True, max_length=60)
    title = models.CharField(max_length=200)
    neutral_title = models.CharField(max_length=200, default="Appointment")
    modes = ArrayField(models.SlugField(max_length=20))
    bookable_by = models.CharField(max_length=20, choices=BookableBy.choices)
    min_age = models.PositiveSmallIntegerField(default=18)
    treatment = models.BooleanField(default=False)
    definition = models.JSONField()
    active = models.BooleanField(default=True)
    #: The clinic has changed it: files that come with an update leave it alone.
    edited = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return self.title
