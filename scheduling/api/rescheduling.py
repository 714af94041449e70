"""Moving a session, alone or with the least change to the rest of its course."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api import schema
from scheduling.api.appointments import AppointmentEndpoint, represented, resource_ids
from scheduling.api.care_shapes import RescheduledShape
from scheduling.api.inputs import Reschedule
from scheduling.api.preconditions import require_match
from scheduling.api.problems import moved_json, refusal_json
from scheduling.api.schema import answers
from scheduling.operations.reschedule import reschedule
from scheduling.permissions import Action


class RescheduleView(AppointmentEndpoint):
    @extend_schema(
        operation_id="reschedule_appointment",
        request=Reschedule,
        parameters=[schema.IF_MATCH, schema.ETAG, schema.RETRY_AFTER],
        responses=answers(RescheduledShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Move a session: alone, or with the least change to the rest of its course.

        A dry run writes nothing and needs no `If-Match`.
        """
        data = self.body(Reschedule)
        appointment = self.appointment_to(Action.RESCHEDULE, key)
        version = appointment.version
        if not data["dry_run"] or "If-Match" in request.headers:
            version = require_match(request, appointment)
        done = reschedule(
            actor=self.actor,
            appointment=appointment,
            start=data["start"],
            practitioners=resource_ids(data.get("practitioners")) or None,
            cascade=data["cascade"],
            dry_run=data["dry_run"],
            override_reason=(data.get("override") or {}).get("reason"),
            version=version,
            now=self.now,
        )
        body, headers = represented(self, key)
        return Response(
            {
                "appointment": body,
                "moved": moved_json(done.moved, self.zone),
                "warnings": [refusal_json(warning, self.zone) for warning in done.warnings],
                "dry_run": done.dry_run,
            },
            headers=dict(headers),
        )
