"""What providers, mail servers and telephones have told us, each thing once."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from notifications.models.message import Message


class ProviderEvent(models.Model):
    """`key` is a hash of where it came from and of its id there: a second one is refused, so that
    what is sent twice acts once. No address and no text is kept. `message` is null where none of
    ours is known by what was told; it is kept all the same, to be seen and counted.
    """

    key = models.CharField(max_length=64, unique=True)
    source = models.CharField(max_length=40)
    report = models.CharField(max_length=20)
    detail = models.CharField(max_length=60, blank=True)
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="reports", null=True, blank=True
    )
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-received_at", "-id"]

    def __str__(self) -> str:
        return f"{self.report} from {self.source}"
