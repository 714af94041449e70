"""Optional parts of a course, added later."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api import schema
from scheduling.api.care_plans import CHANGE, CarePlanEndpoint, represented
from scheduling.api.care_shapes import CarePlanShape
from scheduling.api.inputs import AddBlock
from scheduling.api.schema import answers
from scheduling.idempotency import Answer
from scheduling.operations.add_block import add_block
from scheduling.permissions import Action


class BlocksView(CarePlanEndpoint):
    @extend_schema(
        operation_id="add_block",
        request=AddBlock,
        parameters=[schema.IDEMPOTENCY_KEY, schema.REPLAYED, *CHANGE["parameters"]],
        responses=answers(CarePlanShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Add an optional block to the course: all of its sessions, or none."""
        self.plan(key)

        def act() -> Answer:
            data = self.body(AddBlock)
            plan, version = self.plan_to(Action.ADD_BLOCK, key)
            add_block(actor=self.actor, care_plan=plan, version=version, now=self.now, **data)
            return Answer(200, *represented(self, key))

        return self.answer_once(request, act)
