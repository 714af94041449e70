"""What anybody may read: sites, services and courses."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api.endpoint import Endpoint
from scheduling.api.inputs import Limit
from scheduling.api.pages import page
from scheduling.api.schema import answers
from scheduling.api.shapes import (
    ProtocolDetailShape,
    ProtocolShape,
    ServiceShape,
    SiteShape,
    page_of,
)
from scheduling.core.course import Window
from scheduling.core.gates import Gate
from scheduling.core.protocol import ProtocolDefinition, StepTemplate
from scheduling.core.refusals import Refused
from scheduling.models import Protocol, ProtocolVersion, Service, Site
from scheduling.protocols.services import service_from_json
from scheduling.selectors.protocols import definition_of, latest


class PublicEndpoint(Endpoint):
    permission_classes = [AllowAny]


class SitesView(PublicEndpoint):
    @extend_schema(
        operation_id="list_sites", parameters=[Limit], responses=answers(page_of(SiteShape))
    )
    def get(self, request: Request) -> Response:
        """The clinic's addresses, with their time zones."""
        return page(self, Site.objects.filter(active=True), ordering=["slug"], as_json=_site_json)


class ServicesView(PublicEndpoint):
    @extend_schema(
        operation_id="list_services", parameters=[Limit], responses=answers(page_of(ServiceShape))
    )
    def get(self, request: Request) -> Response:
        """Every bookable kind of session."""
        return page(
            self, Service.objects.filter(active=True), ordering=["slug"], as_json=_service_json
        )


class ProtocolsView(PublicEndpoint):
    @extend_schema(
        operation_id="list_protocols",
        parameters=[Limit],
        responses=answers(page_of(ProtocolShape)),
    )
    def get(self, request: Request) -> Response:
        """The courses that can be booked, each in its newest version."""
        newest = ProtocolVersion.objects.order_by("protocol_id", "-number").distinct("protocol_id")
        rows = Protocol.objects.filter(active=True, versions__isnull=False).distinct()
        return page(
            self,
            rows.prefetch_related(Prefetch("versions", newest, to_attr="newest")),
            ordering=["slug"],
            as_json=lambda row: _protocol_json(row, row.newest[0]),
        )


class ProtocolView(PublicEndpoint):
    @extend_schema(operation_id="read_protocol", responses=answers(ProtocolDetailShape))
    def get(self, request: Request, slug: str) -> Response:
        """One course with its steps. Days are local calendar days."""
        try:
            version = latest(slug)
        except Refused as refused:
            raise Http404 from refused
        definition = definition_of(version)
        gates = _service_gates(definition)
        blocks = {step.id: block.id for block in definition.blocks for step in block.steps}
        return Response(
            _protocol_json(version.protocol, version)
            | {
                "evidence": {
                    "strength": definition.evidence.strength.value,
                    "summary": definition.evidence.summary,
                    "sources": list(definition.evidence.sources),
                },
                "steps": [
                    _step_json(step, blocks.get(step.id), gates[step.service])
                    for step in definition.steps()
                ],
            }
        )


def _site_json(site: Site) -> dict[str, Any]:
    return {
        "slug": site.slug,
        "name": site.name,
        "timezone": site.timezone,
        "address": site.address,
        "phone": site.phone,
    }


def _service_json(service: Service) -> dict[str, Any]:
    phases = service_from_json(service.definition).phases
    return {
        "slug": service.slug,
        "title": service.title,
        "modes": service.modes,
        "bookable_by": service.bookable_by,
        "min_age": service.min_age,
        "treatment": service.treatment,
        "minutes": sum(phase.minutes for phase in phases if phase.name != "turnover"),
        "phases": [{"name": phase.name, "minutes": phase.minutes} for phase in phases],
    }


def _protocol_json(protocol: Protocol, version: ProtocolVersion) -> dict[str, Any]:
    definition = definition_of(version)
    return {
        "slug": protocol.slug,
        "title": protocol.title,
        "summary": definition.summary,
        "version": version.number,
        "bookable_by": definition.bookable_by.value,
        "experimental": protocol.experimental,
        "sessions": _sessions(definition.core),
        "blocks": [
            {"id": block.id, "title": block.title, "sessions": _sessions(block.steps)}
            for block in definition.blocks
        ],
    }


def _sessions(steps: tuple[StepTemplate, ...]) -> int:
    return sum(len(step.occurrences()) for step in steps)


def _step_json(step: StepTemplate, block: str | None, gates: frozenset[str]) -> dict[str, Any]:
    window = step.window
    anchor = step.anchor or (step.after[0] if step.after else None)
    if step.first and window is None and step.within is not None:
        anchor, window = "start", Window(min=0, max=step.within)
    return {
        "id": step.id,
        "service": step.service,
        "count": step.count,
        "block": block,
        "anchor": anchor,
        "anchors": list(step.after),
        "window_days": _days(window),
        "gap_days": _days(step.gap),
        "before": step.before,
        "not_same_day_as": list(step.not_same_day_as),
        "gates": [gate for gate in Gate if gate in gates or gate in step.gates],
    }


def _days(window: Window | None) -> dict[str, int | None] | None:
    if window is None:
        return None
    return {"min": window.min, "target": window.target, "max": window.max}


def _service_gates(definition: ProtocolDefinition) -> dict[str, frozenset[str]]:
    """Per service, the gates that every session of it has. One query."""
    slugs = {step.service for step in definition.steps()}
    rows = Service.objects.filter(slug__in=slugs).values_list("slug", "definition")
    found = {slug: frozenset(stored.get("gates", {})) for slug, stored in rows}
    return {slug: found.get(slug, frozenset()) for slug in slugs}
