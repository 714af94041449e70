"""Change a closure: the old one ends and another takes its place, both or neither."""

from __future__ import annotations

from datetime import datetime

from scheduling.models import Closure, Resource, Site
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.close import Closed, close
from scheduling.operations.reopen import reopen


def change_closure(
    *,
    actor: Actor,
    closure: Closure,
    site: Site | None = None,
    resource: Resource | None = None,
    start: datetime,
    end: datetime,
    reason: str,
    now: datetime,
) -> Closed:
    """End `closure` with its open tasks, and close anew, which asks for those it still meets.

    Raises Refused as `close` and `reopen` do: WRONG_STATE where somebody has ended it meanwhile.
    """

    def work() -> Closed:
        reopen(actor=actor, closure=closure, now=now)
        return close(
            actor=actor,
            site=site,
            resource=resource,
            start=start,
            end=end,
            reason=reason,
            now=now,
        )

    return atomic.run(work)
