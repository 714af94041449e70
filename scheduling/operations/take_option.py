"""What could be done about a session without a place, done: within the proposal, or at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from scheduling import stored_wishes
from scheduling.core.clinic import Booking
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.repair import Option, Pin
from scheduling.core.wishes import DAY_PARTS
from scheduling.models import Appointment, Disruption, WaitlistEntry, WaitlistWant
from scheduling.operations.actor import Actor
from scheduling.operations.adjust import adjust
from scheduling.operations.close import require_may_close
from scheduling.operations.disrupt import require_open
from scheduling.operations.join_waitlist import Wish, join_waitlist

PINNED = frozenset({Option.VIDEO, Option.OVERTIME, Option.OTHER_TIMES, Option.LATER_START})
"""Options that become part of the proposal. The others are acts of their own."""
EVERY_DAY = 7


def take_option(
    *,
    actor: Actor,
    disruption: Disruption,
    appointment: UUID,
    option: Option,
    start: int,
    stays: Collection[str] | None = None,
    now: datetime,
) -> Disruption:
    """Pin a session without a place to the time (POSIX seconds) that was shown for this option, and
    propose anew; nothing moves before the proposal is applied. `stays`: the units that were shown
    with overtime, for somebody may have asked these people and no others.

    Raises Refused: NOT_ALLOWED; WRONG_STATE once it was applied; UNKNOWN for what cannot be a part
    of the proposal; TAKEN where it cannot be any more; STALE where overtime would be another by
    now, or somebody else adjusted it in the same moment.
    """
    require_may_close(actor, "adjust")
    require_open(disruption, "adjust")
    if option not in PINNED:
        raise Refused([refuse(Code.UNKNOWN, field="option", value=option.value)])
    opens = overtime_of(disruption, appointment, start) if option is Option.OVERTIME else ()
    others = stays is not None and {one.unit for one in opens} != set(stays)
    if option is Option.OVERTIME and (not opens or others):
        raise Refused([refuse(Code.STALE, version=disruption.revision)])
    pin = Pin(start, option=option, opens=opens)
    return adjust(actor=actor, disruption=disruption, pins={appointment: pin}, now=now)


def overtime_of(disruption: Disruption, appointment: UUID, start: int) -> tuple[Booking, ...]:
    """Who would have to stay for that start (POSIX seconds), as it was found or is pinned; nothing
    for any other start."""
    way = _offered(disruption, appointment, Option.OVERTIME)
    if way is not None and datetime.fromisoformat(way["start"]).timestamp() == start:
        return tuple(Booking(*one) for one in way.get("opens", ()))
    pin = disruption.pins.get(str(appointment), {})
    return tuple(Booking(*one) for one in pin.get("opens", ())) if pin.get("start") == start else ()


def wait_for_a_place(
    *, actor: Actor, disruption: Disruption, appointment: UUID, now: datetime
) -> WaitlistEntry:
    """Put the patient of a session without a place on the waitlist for any time of it that comes
    free, on the days and in the parts of the day they once asked for. The session still needs
    somebody: nothing may come free in time.

    Before the repair is applied and afterwards. Raises Refused: UNKNOWN for what is not offered; as
    `join_waitlist` does.
    """
    require_may_close(actor, "adjust")
    if _offered(disruption, appointment, Option.WAITLIST) is None:
        raise Refused([refuse(Code.UNKNOWN, field="option", value=Option.WAITLIST.value)])
    rows = Appointment.objects.select_related("patient", "site", "service", "care_plan")
    session = rows.get(pk=appointment)
    plan = session.care_plan
    wish = Wish(want=WaitlistWant.TIME_OF_DAY, appointment=session)
    if plan is not None:
        said = stored_wishes.from_json(plan.wishes, plan.earliest)
        wish = Wish(
            want=WaitlistWant.TIME_OF_DAY,
            appointment=session,
            weekdays=said.weekdays if len(said.weekdays) < EVERY_DAY else (),
            day_parts=said.day_parts if said.day_parts < DAY_PARTS.keys() else (),
        )
    return join_waitlist(
        actor=actor, patient=session.patient, site=session.site, wish=wish, now=now
    )


def _offered(disruption: Disruption, appointment: UUID, option: Option) -> dict[str, Any] | None:
    """The option as the proposal names it for the session."""
    for one in disruption.proposal.get("unplaced", ()):
        if one["appointment"] == str(appointment):
            return next((way for way in one["options"] if way["option"] == option), None)
    return None
