"""Closing a site or a resource for a while, and seeing at once whom that meets."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api import schema
from scheduling.api.endpoint import Endpoint
from scheduling.api.represent import appointment_json, load_appointments
from scheduling.api.schema import answers
from scheduling.api.staff_inputs import Close
from scheduling.api.staff_shapes import ClosedShape
from scheduling.api.times import stamp
from scheduling.models import Appointment, Resource, Site
from scheduling.operations.close import close
from scheduling.permissions import Action


class ClosuresView(Endpoint):
    @extend_schema(
        operation_id="close",
        request=Close,
        parameters=[schema.RETRY_AFTER],
        responses=answers(ClosedShape, status=201, writes=True),
    )
    def post(self, request: Request) -> Response:
        """Nothing is offered there any more; `affected` are the sessions that stand in it."""
        self.demand(Action.CLOSE)
        data = self.body(Close)
        site: Site | None = None
        resource: Resource | None = None
        if data.get("site"):
            site = get_object_or_404(Site, slug=data["site"], active=True)
            self.zone = site.timezone
        else:
            resource = get_object_or_404(
                Resource.objects.select_related("site"), pk=data["resource"]
            )
            self.zone = resource.site.timezone
        done = close(
            actor=self.actor,
            site=site,
            resource=resource,
            start=data["start"],
            end=data["end"],
            reason=data["reason"],
            now=self.now,
        )
        affected = load_appointments(
            Appointment.objects.filter(pk__in=[row.pk for row in done.affected])
        )
        during = done.closure.during
        return Response(
            {
                "id": str(done.closure.pk),
                "site": site.slug if site else None,
                "resource": str(resource.pk) if resource else None,
                "start": stamp(during.lower, self.zone),
                "end": stamp(during.upper, self.zone),
                "timezone": self.zone,
                "reason": done.closure.reason,
                "affected": [
                    appointment_json(row, self.actor, self.now)
                    for row in affected.order_by("start", "id")
                ],
            },
            201,
        )
