"""One request, one effect: a repeated request gets the first answer and changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from accounts.round_trip import ask
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import IdempotencyRecord
from scheduling.operations import atomic

KEPT = timedelta(hours=24)
LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%(request)s, 0))"
# A statement of its own: it sees what was committed before the lock was given.
LOOK = """
SELECT id FROM scheduling_idempotencyrecord
WHERE actor_id = %(actor)s AND route = %(route)s AND key = %(key)s
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: JSON values only, as they are kept and replayed."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


def once(
    *,
    user: User,
    route: str,
    key: str,
    body: Any,
    now: datetime,
    act: Callable[[], Answer],
) -> Answer:
    """Do `act` at most once for this user, route and key, within 24 hours.

    The record commits with what `act` writes, so there is no moment at which one exists without
    the other; a refusal leaves no record and may be tried again. Raises Refused with
    IDEMPOTENCY_RUNNING while the first request is still at work, IDEMPOTENCY_REUSED for
    another body, and whatever `act` raises.
    """
    digest = fingerprint(body)

    def work() -> Answer:
        record = _lock_and_look(user, route, key)
        if record and record.created_at > now - KEPT:
            if record.body_hash != digest:
                raise Refused([refuse(Code.IDEMPOTENCY_REUSED)])
            return Answer(record.status_code, record.body, record.headers, replayed=True)
        if record:
            record.delete()
        answer = act()
        record = IdempotencyRecord(
            actor=user,
            route=route,
            key=key,
            body_hash=digest,
            status_code=answer.status,
            headers=dict(answer.headers),
            body=answer.body,
        )
        atomic.insert_last([record])
        return answer

    return atomic.run(work)


def fingerprint(body: Any) -> str:
    """The same for bodies that mean the same, whatever their spacing or order of members."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def _lock_and_look(user: User, route: str, key: str) -> IdempotencyRecord | None:
    """Make this transaction the owner of the request, to its end, and read what was answered to it
    before. One round trip. Raises Refused (IDEMPOTENCY_RUNNING) where another owns it."""
    values = {
        "request": f"idempotency {user.pk} {route} {key}",
        "actor": user.pk,
        "route": route,
        "key": key,
    }
    [[(owner,)], found] = ask([LOCK, LOOK], values)
    if not owner:
        raise Refused([refuse(Code.IDEMPOTENCY_RUNNING)])
    return IdempotencyRecord.objects.get(pk=found[0][0]) if found else None
