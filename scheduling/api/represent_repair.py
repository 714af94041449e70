"""A disruption and its repair as the API answers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from scheduling.api.problems import refusal_json
from scheduling.api.times import stamp, stamp_or_none
from scheduling.core.plan import Session
from scheduling.core.repair_table import Place
from scheduling.models import Disruption, Resource, Site
from scheduling.operations.proposal import read, refusals_of
from scheduling.operations.undo_repair import may_be_undone
from scheduling.operations.write import instant
from scheduling.selectors.disruptions import progress, state_of

Names = Mapping[UUID, str]


def names_at(site: Site) -> dict[UUID, str]:
    """What everybody and everything at the site is called. One query."""
    return dict(Resource.objects.filter(site=site).values_list("pk", "name"))


def disruption_json(disruption: Disruption, names: Names, now: datetime) -> dict[str, Any]:
    """The whole of it. No query of its own, but for whether it may be undone."""
    zone, proposal = disruption.site.timezone, disruption.proposal
    stored = {str(one.appointment): one for one in read(proposal)}
    return {
        "id": str(disruption.pk),
        "site": disruption.site.slug,
        "resource": str(disruption.resource_id) if disruption.resource_id else None,
        "start": stamp(disruption.during.lower, zone),
        "end": stamp(disruption.during.upper, zone),
        "timezone": zone,
        "reason": disruption.reason,
        "status": state_of(disruption),
        "revision": disruption.revision,
        "affected": proposal["affected"],
        "depends": proposal["depends"],
        "changes": [
            {
                "appointment": one["appointment"],
                "step": one["step"],
                "from": stamp(instant(one["from"]), zone),
                "to": stamp(instant(one["start"]), zone),
                "end": stamp(instant(one["end"]), zone),
                "resources": units_json(stored[one["appointment"]].change.session, names),
                "price": one["price"],
                "pinned": one["pinned"],
                "follows": one["follows"],
                "option": one.get("option"),
                "overtime": overtime_json(one.get("opens", ()), names, zone),
            }
            for one in proposal["changes"]
        ],
        "unplaced": [
            {
                "appointment": one["appointment"],
                "refusals": [refusal_json(refusal, zone) for refusal in refusals_of(one)],
                "options": [
                    {
                        "option": way["option"],
                        "start": stamp_or_none(
                            datetime.fromisoformat(way["start"]) if way["start"] else None, zone
                        ),
                        "site": way.get("site") or None,
                        "overtime": overtime_json(way.get("opens", ()), names, zone),
                    }
                    for way in one["options"]
                ],
            }
            for one in proposal["unplaced"]
        ],
        "pins": [
            {
                "appointment": key,
                "start": stamp(instant(pin["start"]), zone),
                "option": pin.get("option"),
            }
            for key, pin in sorted(disruption.pins.items())
        ],
        "exclusions": [str(key) for key in disruption.exclusions],
        "cost": disruption.cost,
        "progress": {"ended": disruption.search_ended, "share": progress(disruption, now)},
        "applied_at": stamp_or_none(disruption.applied_at, zone),
        "undo": may_be_undone(disruption, now),
    }


def overtime_json(opens: Iterable[Sequence[Any]], names: Names, zone: str) -> list[dict[str, Any]]:
    """Who would have to stay, or what be open longer, from when to when."""
    return [
        {
            "id": unit,
            "name": names.get(UUID(unit), ""),
            "start": stamp(instant(start), zone),
            "end": stamp(instant(end), zone),
        }
        for unit, start, end in opens
    ]


def alternative_json(place: Place, names: Names, zone: str) -> dict[str, Any]:
    """One other place for a session."""
    return {
        "start": stamp(instant(place.session.start), zone),
        "end": stamp(instant(place.session.end), zone),
        "resources": units_json(place.session, names),
        "price": place.price,
    }


def units_json(session: Session, names: Names) -> list[dict[str, Any]]:
    """Who and what the session takes, each once."""
    taken: Iterable[tuple[str, str]] = dict.fromkeys(
        (one.role, one.unit) for one in session.taken if one.lanes
    )
    return [{"role": role, "id": unit, "name": names.get(UUID(unit), "")} for role, unit in taken]
