"""A proposal as an opaque, signed token: nothing is stored until somebody holds it.

The token carries no name and no title, only ids, step codes and times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, Signer

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import ProtocolVersion, Site

GOOD_FOR = timedelta(minutes=30)
_signer = Signer(salt="scheduling.proposals")


@dataclass(frozen=True, slots=True)
class OfferedSession:
    """One step at one time, with the units (ids by role) that the patient was told of."""

    step: str
    start: datetime
    practitioners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything needed to hold the course that was offered."""

    protocol_version: ProtocolVersion
    site: Site
    blocks: tuple[str, ...]
    modes: Mapping[str, str]
    wishes: Mapping[str, Any]
    sessions: tuple[OfferedSession, ...]


def sign(
    *,
    protocol_version: ProtocolVersion,
    site: Site,
    blocks: Iterable[str],
    modes: Mapping[str, str],
    wishes: Mapping[str, Any],
    sessions: Iterable[OfferedSession],
    now: datetime,
) -> str:
    """The token of an offer, good for `GOOD_FOR` from `now`. `wishes` as `stored_wishes` has it."""
    document = {
        "until": int((now + GOOD_FOR).timestamp()),
        "version": protocol_version.pk,
        "site": str(site.pk),
        "blocks": list(blocks),
        "modes": dict(modes),
        "wishes": dict(wishes),
        "sessions": [
            [session.step, int(session.start.timestamp()), dict(session.practitioners)]
            for session in sessions
        ],
    }
    return _signer.sign_object(document, compress=True)


def read(token: str, now: datetime) -> Offer:
    """The offer that was signed. Two queries.

    Raises Refused: PROPOSAL_INVALID for anything we did not sign, or whose protocol or site is no
    longer there; PROPOSAL_EXPIRED.
    """
    try:
        document = _signer.unsign_object(token)
    except BadSignature:
        raise Refused([refuse(Code.PROPOSAL_INVALID)]) from None
    if now.timestamp() >= document["until"]:
        raise Refused([refuse(Code.PROPOSAL_EXPIRED)])
    versions = ProtocolVersion.objects.select_related("protocol")
    version = versions.filter(pk=document["version"], protocol__active=True).first()
    site = Site.objects.filter(pk=document["site"], active=True).first()
    if version is None or site is None:
        raise Refused([refuse(Code.PROPOSAL_INVALID)])
    return Offer(
        protocol_version=version,
        site=site,
        blocks=tuple(document["blocks"]),
        modes=document["modes"],
        wishes=document["wishes"],
        sessions=tuple(
            OfferedSession(step, datetime.fromtimestamp(start, UTC), practitioners)
            for step, start, practitioners in document["sessions"]
        ),
    )
