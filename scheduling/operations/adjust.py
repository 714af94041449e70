"""Staff say what a repair must keep to: sessions pinned where they want them, others left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from django.db.models import F

from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.repair import Key, Option, Pin, Shock
from scheduling.core.repair_table import Table
from scheduling.models import Disruption, DisruptionStatus
from scheduling.nudge import nudge
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.close import require_may_close
from scheduling.operations.disrupt import IMPROVE, SEARCH, meet_again, propose, require_open
from scheduling.operations.shock import VIDEO, Met
from scheduling.operations.write import instant


def adjust(
    *,
    actor: Actor,
    disruption: Disruption,
    pins: Mapping[UUID, Pin | None] | None = None,
    exclusions: Mapping[UUID, bool] | None = None,
    now: datetime,
) -> Disruption:
    """Pin sessions (None: no longer), leave sessions to a person (False: no longer), and propose
    anew at once. What is not named stays as it was said before.

    Raises Refused: NOT_ALLOWED; WRONG_STATE once it was applied or its closure ended; UNKNOWN for
    a session that is not affected; TAKEN for a pin that cannot be; STALE where somebody else
    adjusted it in the same moment.
    """
    require_may_close(actor, "adjust")
    require_open(disruption, "adjust")
    changed = Disruption(
        **{
            field.attname: getattr(disruption, field.attname)
            for field in Disruption._meta.concrete_fields
        }
    )
    changed.pins = _merged(disruption.pins, pins or {})
    changed.exclusions = sorted(_chosen(disruption.exclusions, exclusions or {}))
    for key in changed.exclusions:
        changed.pins.pop(str(key), None)
    met = meet_again(changed, now)
    _require_possible(met, {*(pins or {}), *(exclusions or {})}, changed)
    return write_anew(changed, met, now)


def write_anew(disruption: Disruption, met: Met, now: datetime) -> Disruption:
    """Keep a fresh proposal for what staff ask for now, and let the search begin again."""
    found = propose(met, disruption)

    def work() -> Disruption:
        written = Disruption.objects.filter(
            pk=disruption.pk, status=DisruptionStatus.PROPOSED, inputs=disruption.inputs
        ).update(
            pins=disruption.pins,
            exclusions=disruption.exclusions,
            inputs=F("inputs") + 1,
            proposal=found,
            cost=found["cost"],
            revision=F("revision") + 1,
            search_began=now,
            search_until=now + SEARCH,
            search_ended=not found["cost"] and found["ways"],
            claimed_until=None,
        )
        if not written:
            raise Refused([refuse(Code.STALE, version=disruption.revision)])
        nudge(IMPROVE)
        return Disruption.objects.select_related("site", "resource", "closure").get(
            pk=disruption.pk
        )

    return atomic.run(work)


def refresh(disruption: Disruption, now: datetime) -> Disruption:
    """Propose anew after the world has moved. Raises Refused (STALE, WRONG_STATE)."""
    fresh = Disruption.objects.select_related("site", "resource", "closure").get(pk=disruption.pk)
    require_open(fresh, "refresh")
    return write_anew(fresh, meet_again(fresh, now), now)


def _merged(said: Mapping[str, object], pins: Mapping[UUID, Pin | None]) -> dict[str, object]:
    merged = dict(said)
    for key, pin in pins.items():
        if pin is None:
            merged.pop(str(key), None)
        else:
            kept: dict[str, object] = {"start": pin.start, "units": dict(pin.units)}
            if pin.option is not None:
                kept["option"] = pin.option.value
                kept["opens"] = [[one.unit, one.start, one.end] for one in pin.opens]
            merged[str(key)] = kept
    return merged


def _chosen(said: Collection[UUID], exclusions: Mapping[UUID, bool]) -> set[UUID]:
    dropped = {key for key, out in exclusions.items() if not out}
    return (set(said) - dropped) | {key for key, out in exclusions.items() if out}


def _require_possible(met: Met, named: AbstractSet[UUID], changed: Disruption) -> None:
    """Raises Refused with every session that is not affected, and every pin that cannot be."""
    affected = {one.pk: one for one in met.affected}
    refusals: list[Refusal] = [_unknown(key) for key in named if key not in affected]
    refusals += [met.stuck[key] for key in named & met.stuck.keys() if str(key) in changed.pins]
    table = Table(met.shock)
    for key, pin in sorted(met.shock.pins.items()):
        appointment = met.appointments[key]
        if key not in table.cases:
            refusals.append(_unknown(appointment.pk))
            continue
        place = table.at(key, pin)
        if not _means_something(met.shock, key, pin):
            refusals.append(refuse(Code.UNKNOWN, field="option", value=str(pin.option)))
        elif place is None:
            start = instant(pin.start).isoformat()
            refusals.append(refuse(Code.TAKEN, step=appointment.step, start=start))
        else:
            table.put(key, place)
    if refusals:
        raise Refused(refusals)


def _means_something(shock: Shock, key: Key, pin: Pin) -> bool:
    """Whether what is allowed with the pin is something that the session has."""
    if pin.option is Option.VIDEO:
        course = next(one for one in shock.courses if one.id == key[0])
        return course.course.step(key[1]).service.mode == VIDEO
    if pin.option is Option.OVERTIME:
        return bool(pin.opens)
    return pin.option in (None, Option.OTHER_TIMES, Option.LATER_START)


def _unknown(key: UUID) -> Refusal:
    return refuse(Code.UNKNOWN, field="appointment", value=str(key))
