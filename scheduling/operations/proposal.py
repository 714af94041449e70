"""A repair as it is kept with its disruption: plain values, by appointment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from scheduling.core.clinic import Booking
from scheduling.core.plan import Session, Taken
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.repair import Change, Key, Repair
from scheduling.core.repair_allow import needed
from scheduling.core.repair_check import checked
from scheduling.core.repair_options import Way, ways_out, why_not
from scheduling.operations.elsewhere import at_another_site
from scheduling.operations.overtime import shut_at
from scheduling.operations.shock import Met, key_of
from scheduling.operations.write import instant

Proposal = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """One change as it was proposed, with the version its appointment had."""

    appointment: UUID
    version: int
    change: Change
    step: str


def to_json(
    met: Met, repair: Repair, *, exclusions: Collection[UUID] = (), ways: bool = True
) -> Proposal:
    """The repair, looked at once more, with reasons and (`ways`) options for what has no place."""
    repair = checked(met.shock, repair)
    affected = {one.pk for one in met.affected}
    return {
        "affected": [str(one.pk) for one in met.affected],
        "depends": [str(one.pk) for one in met.depends],
        "excluded": [str(key) for key in sorted(affected & set(exclusions))],
        "changes": list(_changes(met, repair)),
        "unplaced": list(_unplaced(met, repair, set(exclusions), ways)),
        "cost": repair.price,
        "ways": ways,
    }


def read(proposal: Mapping[str, Any]) -> list[Stored]:
    """The changes that `to_json` wrote."""
    return [
        Stored(
            UUID(one["appointment"]),
            one["version"],
            Change(
                Session(
                    one["step"],
                    one["start"],
                    one["end"],
                    tuple(Taken(*taken) for taken in one["taken"]),
                ),
                one["price"],
                one["follows"],
            ),
            one["step"],
        )
        for one in proposal.get("changes", ())
    ]


def repair_of(met: Met, proposal: Mapping[str, Any]) -> Repair:
    """The same as a repair of what it meets now: only what is still affected, or follows."""
    by_id = {row.pk: key for key, row in met.appointments.items()}
    wanted = {(course.id, step) for course in met.shock.courses for step in course.affected}
    changes: dict[Key, Change] = {}
    for one in read(proposal):
        key = by_id.get(one.appointment)
        if key is not None and (key in wanted or one.change.follows):
            changes[key] = one.change
    return Repair(changes, frozenset(wanted - changes.keys()))


def _changes(met: Met, repair: Repair) -> Iterator[dict[str, Any]]:
    def when(key: Key) -> tuple[int, str]:
        return int(met.appointments[key].start.timestamp()), key[0]

    for key in sorted(repair.changes, key=when):
        change, row = repair.changes[key], met.appointments[key]
        session, pin = change.session, met.shock.pins.get(key)
        opens = needed(pin.opens, session) if pin else []
        yield {
            "appointment": str(row.pk),
            "step": row.step,
            "version": row.version,
            "from": int(row.start.timestamp()),
            "start": session.start,
            "end": session.end,
            "taken": [[t.role, t.unit, t.start, t.end, t.lanes] for t in session.taken],
            "price": change.price,
            "follows": change.follows,
            "pinned": pin is not None,
            "option": pin.option.value if pin and pin.option else None,
            "opens": [[one.unit, one.start, one.end] for one in opens],
        }


def _unplaced(
    met: Met, repair: Repair, exclusions: Collection[UUID], ways: bool
) -> Iterator[dict[str, Any]]:
    shut: list[Booking] | None = None
    for row in met.affected:
        if row.pk in exclusions:
            continue
        if row.pk in met.stuck:
            yield _without_place(row.pk, [met.stuck[row.pk]], [])
            continue
        key = key_of(row)
        if key in repair.unplaced:
            found: list[Way] = []
            if ways:
                soonest = instant(met.shock.not_before)
                if shut is None:
                    shut = [*met.closed, *shut_at(row.site_id, soonest)]
                found = ways_out(met.shock, repair, key, shut)
                found[-1:-1] = at_another_site(row, soonest)
            reasons = why_not(met.shock, repair, key)
            yield _without_place(row.pk, reasons, found)


def _without_place(
    key: UUID, refusals: Collection[Refusal], ways: Collection[Way]
) -> dict[str, Any]:
    return {
        "appointment": str(key),
        "refusals": [{"code": one.code.value, **one.facts} for one in refusals],
        "options": [
            {
                "option": way.option.value,
                "start": instant(way.start).isoformat() if way.start else None,
                "site": way.site,
                "opens": [[one.unit, one.start, one.end] for one in way.opens],
            }
            for way in ways
        ],
    }


def refusals_of(unplaced: Mapping[str, Any]) -> list[Refusal]:
    """The reasons of one session without a place, as they were kept."""
    return [
        refuse(Code(one["code"]), **{name: value for name, value in one.items() if name != "code"})
        for one in unplaced["refusals"]
    ]
