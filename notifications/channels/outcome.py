"""What became of one attempt to send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The next server has taken it over. `provider_id` is its own name for it, where it has one."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class NotNow:
    """Certainly not taken over, and worth another try."""


@dataclass(frozen=True, slots=True)
class Never:
    """Certainly not taken over, and refused for good."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was handed over, and no answer came: it may arrive or not."""


Outcome = Accepted | NotNow | Never | Unknown


class ChannelDownError(Exception):
    """Nothing can be sent now; nothing was tried."""
