"""A clinic address with its own time zone [FHIR: Location]."""

from __future__ import annotations

import uuid
import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models


def validate_zone(name: str) -> None:
    """Refuse names that are not IANA time zones."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("%(name)s is not an IANA time zone", params={"name": name})


class Site(models.Model):
    """Hours, closures and day rules are read in `timezone`. `neutral_name` is what messages say.

    `names_people` and `names_rooms`: whether patients read who they will see, and in which room.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    neutral_name = models.CharField(max_length=200)
    timezone = models.CharField(max_length=64, validators=[validate_zone])
    address = models.TextField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    late_cancel_hours = models.PositiveSmallIntegerField(default=24)
    late_cancel_hours_treatment = models.PositiveSmallIntegerField(default=48)
    names_people = models.BooleanField(default=True, db_default=True)
    names_rooms = models.BooleanField(default=False, db_default=False)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name
