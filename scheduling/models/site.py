"""A clinic address with its own time zone [FHIR: Location]."""

from __future__ import annotations

import uuid
import zoneinfo
from datetime import time

from django.core.exceptions import ValidationError
from django.db import models


def validate_zone(name: str) -> None:
    """Refuse names that are not IANA time zones."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("%(name)s is not an IANA time zone", params={"name": name})


class Site(models.Model):
    """Hours, closures and day rules are read in `timezone`. `neutral_name` is what messages say.

    `names_people` and `names_rooms`: whether patients read who they will see, and in which room.

    An offer to somebody on the waitlist stands for `waitlist_minutes` of the waking hours
    `[waking_from, waking_until)`, and so that after its end `waitlist_lead_hours` are left to fast
    and to find a ride home; `waitlist_at_once` offers of one service may be out for one day.
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
    waking_from = models.TimeField(default=time(8), db_default=time(8))
    waking_until = models.TimeField(default=time(21), db_default=time(21))
    waitlist_minutes = models.PositiveSmallIntegerField(default=30, db_default=30)
    waitlist_lead_hours = models.PositiveSmallIntegerField(default=8, db_default=8)
    waitlist_at_once = models.PositiveSmallIntegerField(default=1, db_default=1)
    names_people = models.BooleanField(default=True, db_default=True)
    names_rooms = models.BooleanField(default=False, db_default=False)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(waking_from__lt=models.F("waking_until")),
                name="site_wakes_before_it_sleeps",
            ),
            models.CheckConstraint(
                condition=models.Q(waitlist_minutes__gte=1, waitlist_at_once__gte=1),
                name="site_offers_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name
