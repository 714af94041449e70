"""Keys for programs. Only a hash is stored; a key carries its owner's roles and nothing more."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts import tokens
from accounts.models.user import User


class ApiKey(models.Model):
    """A hashed key of `user`. Valid while not revoked and before `expires_at` (null: no end)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    hashed = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.label or f"key {self.pk}"

    @staticmethod
    def digest(key: str) -> str:
        """The stored form of a key."""
        return tokens.digest(key)

    @classmethod
    def issue(cls, user: User, *, label: str = "", expires_at: datetime | None = None) -> str:
        """Create a key and return its secret: the only time it can be seen."""
        key = tokens.new_token()
        cls.objects.create(user=user, hashed=cls.digest(key), label=label, expires_at=expires_at)
        return key
