"""Booking again what a course has lost."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api import schema
from scheduling.api.care_plans import CHANGE, CarePlanEndpoint, represented
from scheduling.api.care_shapes import RebookedShape
from scheduling.api.inputs import Rebook
from scheduling.api.schema import answers
from scheduling.api.times import stamp
from scheduling.idempotency import Answer
from scheduling.operations.rebook import rebook
from scheduling.operations.write import instant
from scheduling.permissions import Action


class RebookView(CarePlanEndpoint):
    @extend_schema(
        operation_id="rebook_sessions",
        request=Rebook,
        parameters=[schema.IDEMPOTENCY_KEY, schema.REPLAYED, *CHANGE["parameters"]],
        responses=answers(RebookedShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Book cancelled or missed steps of the course again: all that are asked for, or none."""
        self.plan(key)

        def act() -> Answer:
            data = self.body(Rebook)
            plan, version = self.plan_to(Action.REBOOK, key)
            done = rebook(
                actor=self.actor,
                care_plan=plan,
                starts={one["step"]: one.get("start") for one in data.get("sessions", ())},
                version=version,
                dry_run=data["dry_run"],
                now=self.now,
            )
            body, headers = represented(self, key)
            booked = [
                {
                    "step": one.step,
                    "start": stamp(instant(one.start), self.zone),
                    "end": stamp(instant(one.end), self.zone),
                }
                for one in done.sessions
            ]
            answer = {"care_plan": body, "booked": booked, "dry_run": done.dry_run}
            return Answer(200, answer, headers)

        return self.answer_once(request, act)
