"""Which events nobody has told of yet."""

from __future__ import annotations

from django.db import models

from scheduling.models import Event


class PendingEvent(models.Model):
    """A trigger of the database puts each event of a patient, an appointment or a course here, in
    the transaction that writes it; collecting takes it out in the one that writes its messages.
    Keys commit out of order, so a mark of how far one has read would lose some."""

    event = models.OneToOneField(
        Event, on_delete=models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    #: It could not be read, and waits for somebody to look.
    set_aside = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"event {self.pk}"
