"""Random secrets that are shown once and stored as a hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """The stored form. Nobody can guess 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
