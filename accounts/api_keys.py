"""Sign-in of programs: `Authorization: Token <key>`."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiKey, User


class ApiKeyAuthentication(BaseAuthentication):
    """Accepts keys that are neither revoked nor past their end, of active users only."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword.lower().encode():
            return None
        try:
            secret = parts[1].decode("ascii") if len(parts) == 2 else ""
        except UnicodeDecodeError:
            secret = ""
        key = (
            ApiKey.objects.select_related("user__patient")
            .filter(hashed=ApiKey.digest(secret), revoked_at=None, user__is_active=True)
            .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
            .first()
        )
        if key is None:
            raise AuthenticationFailed("This key is not valid.")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return self.keyword
