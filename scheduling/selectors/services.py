"""The services a clinic offers, as the planner sees them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from scheduling.core.catalogue import ServiceDefinition, service_for
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.service import Service
from scheduling.models import Service as ServiceRow
from scheduling.protocols.services import service_from_json


def definitions() -> dict[str, ServiceDefinition]:
    """Every active service by slug. One query."""
    rows = ServiceRow.objects.filter(active=True).values_list("slug", "definition")
    return {slug: service_from_json(definition) for slug, definition in rows}


def core_service(
    slug: str,
    mode: str = "in_person",
    *,
    alone: Collection[str] = (),
    known: Mapping[str, ServiceDefinition] | None = None,
) -> Service:
    """One service in one mode. One query, or none with `known` (a snapshot's `services`).

    In the roles of `alone` nobody watches another patient meanwhile: how a protocol treats its
    first dose. Raises Refused for a service that is not offered, or not in this mode.
    """
    definition = (definitions() if known is None else known).get(slug)
    if definition is None:
        raise Refused([refuse(Code.UNKNOWN, field="service", value=slug)])
    if mode not in definition.modes:
        raise Refused([refuse(Code.UNKNOWN, field="mode", value=mode)])
    return service_for(definition, mode=mode, alone=alone)
