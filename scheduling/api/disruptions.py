"""Somebody or something is out: the repair that is proposed, adjusted, taken and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api import schema
from scheduling.api.appointments import resource_ids
from scheduling.api.endpoint import Endpoint
from scheduling.api.inputs import Nothing
from scheduling.api.represent_repair import alternative_json, disruption_json, names_at
from scheduling.api.schema import answers
from scheduling.api.staff_inputs import Adjust, AlternativesQuery, ApplyRepair, Close
from scheduling.api.staff_shapes import DisruptionShape, RepairAlternativesShape
from scheduling.core.refusals import Code, Refused
from scheduling.core.repair import Option, Pin
from scheduling.idempotency import Answer
from scheduling.models import Disruption, Resource, Site
from scheduling.operations.adjust import adjust, refresh
from scheduling.operations.apply_repair import apply_repair
from scheduling.operations.disrupt import disrupt, other_places
from scheduling.operations.take_option import overtime_of
from scheduling.operations.undo_repair import undo_repair
from scheduling.permissions import Action

WRITES: dict[str, Any] = {
    "parameters": [schema.IDEMPOTENCY_KEY, schema.REPLAYED, schema.RETRY_AFTER],
    "responses": answers(DisruptionShape, writes=True),
}


class DisruptionEndpoint(Endpoint):
    def disruption(self, key: UUID) -> Disruption:
        """The disruption, for somebody who may close. Raises Http404 or PermissionDenied."""
        self.demand(Action.CLOSE)
        rows = Disruption.objects.select_related("site", "resource", "closure")
        found = get_object_or_404(rows, pk=key)
        self.zone = found.site.timezone
        return found

    def shown(self, disruption: Disruption) -> dict[str, Any]:
        """The disruption as it is answered, with the names of everybody at the site."""
        return disruption_json(disruption, names_at(disruption.site), self.now)


class DisruptionsView(DisruptionEndpoint):
    @extend_schema(
        operation_id="disrupt",
        request=Close,
        parameters=WRITES["parameters"],
        responses=answers(DisruptionShape, status=201, writes=True),
    )
    def post(self, request: Request) -> Response:
        """Close a person, a place or a whole site at once, and propose a complete repair of every
        course that this meets. Nothing moves before `apply`; a search for something better goes on
        for a few seconds, and `GET` shows the best so far."""
        self.demand(Action.CLOSE)

        def act() -> Answer:
            data = self.body(Close)
            site: Site | None = None
            resource: Resource | None = None
            if data.get("site"):
                site = get_object_or_404(Site, slug=data["site"], active=True)
                self.zone = site.timezone
            else:
                rows = Resource.objects.select_related("site")
                resource = get_object_or_404(rows, pk=data["resource"])
                self.zone = resource.site.timezone
            made = disrupt(
                actor=self.actor,
                site=site,
                resource=resource,
                start=data["start"],
                end=data["end"],
                reason=data["reason"],
                now=self.now,
            )
            return Answer(201, self.shown(made))

        return self.answer_once(request, act)


class DisruptionView(DisruptionEndpoint):
    @extend_schema(operation_id="get_disruption", responses=answers(DisruptionShape))
    def get(self, request: Request, key: UUID) -> Response:
        """The best repair so far, and whether a better one is still looked for."""
        return Response(self.shown(self.disruption(key)))

    @extend_schema(
        operation_id="adjust_disruption",
        request=Adjust,
        parameters=[schema.RETRY_AFTER],
        responses=answers(DisruptionShape, writes=True),
    )
    def patch(self, request: Request, key: UUID) -> Response:
        """Say what the repair must keep to; it is made anew at once. Each list that is sent takes
        the place of the one before."""
        found = self.disruption(key)
        data = self.body(Adjust)
        pins: dict[UUID, Pin | None] = {}
        if "pins" in data:
            pins = {UUID(key): None for key in found.pins}
            pins |= {one["appointment"]: _pin(found, one) for one in data["pins"]}
        exclusions: dict[UUID, bool] = {}
        if "exclusions" in data:
            exclusions = dict.fromkeys(found.exclusions, False)
            exclusions |= dict.fromkeys(data["exclusions"], True)
        changed = adjust(
            actor=self.actor, disruption=found, pins=pins, exclusions=exclusions, now=self.now
        )
        return Response(self.shown(changed))


def _pin(disruption: Disruption, said: Mapping[str, Any]) -> Pin:
    start, units = int(said["start"].timestamp()), resource_ids(said.get("practitioners"))
    option = Option(said["option"]) if "option" in said else None
    overtime = option is Option.OVERTIME
    opens = overtime_of(disruption, said["appointment"], start) if overtime else ()
    return Pin(start, units, option, opens)


class AlternativesView(DisruptionEndpoint):
    @extend_schema(
        operation_id="get_repair_alternatives",
        parameters=[AlternativesQuery],
        responses=answers(RepairAlternativesShape, writes=True),
    )
    def get(self, request: Request, key: UUID) -> Response:
        """Where else one affected session could go while all others stay as proposed, cheapest
        first. Pin it to one of these to take it."""
        found = self.disruption(key)
        wanted = self.query(AlternativesQuery)["appointment"]
        places = other_places(found, wanted, self.now)
        if places is None:
            raise Http404
        names = names_at(found.site)
        return Response(
            {
                "appointment": str(wanted),
                "timezone": self.zone,
                "alternatives": [alternative_json(one, names, self.zone) for one in places],
            }
        )


class ApplyView(DisruptionEndpoint):
    @extend_schema(operation_id="apply_disruption", request=ApplyRepair, **WRITES)
    def post(self, request: Request, key: UUID) -> Response:
        """Move all that is proposed, or nothing: 409 with a fresh proposal as `disruption` where
        the world has moved, or where another revision than the given one stands there by now."""
        found = self.disruption(key)

        def act() -> Answer:
            data = self.body(ApplyRepair)
            done = apply_repair(
                actor=self.actor,
                disruption=self.disruption(key),
                revision=data.get("revision"),
                now=self.now,
            )
            return Answer(200, self.shown(done))

        try:
            return self.answer_once(request, act)
        except Refused as refused:
            if Code.PROPOSAL_OUTDATED not in {one.code for one in refused.refusals}:
                raise
            fresh = refresh(found, self.now)
            raise Refused(
                refused.refusals, alternatives={"disruption": self.shown(fresh)}
            ) from refused


class UndoView(DisruptionEndpoint):
    @extend_schema(
        operation_id="undo_disruption",
        request=Nothing,
        parameters=[schema.RETRY_AFTER],
        responses=answers(DisruptionShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Put everything back while no patient has been told. Then it is a proposal again."""
        found = self.disruption(key)
        self.body(Nothing)
        return Response(self.shown(undo_repair(actor=self.actor, disruption=found, now=self.now)))
