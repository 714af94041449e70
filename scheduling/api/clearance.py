"""Clearance for treatment: a prescriber's decision, never the software's."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api.care_plans import plan_answer
from scheduling.api.care_shapes import CarePlanShape
from scheduling.api.endpoint import Endpoint
from scheduling.api.schema import answers
from scheduling.api.staff_inputs import Clear
from scheduling.operations.clear import clear
from scheduling.permissions import Action
from scheduling.querysets import care_plans_for, patients_for


class ClearanceView(Endpoint):
    @extend_schema(
        operation_id="clear_patient",
        request=Clear,
        responses=answers(CarePlanShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """A prescriber clears the patient for a course's treatments, or declines."""
        self.demand(Action.CLEAR)
        person = get_object_or_404(patients_for(self.user), pk=key)
        data = self.body(Clear)
        plan = get_object_or_404(
            care_plans_for(self.user), pk=data.pop("care_plan"), patient=person
        )
        if data.get("condition") and data["decision"] == "cleared":
            data["decision"] = "conditional"
        clear(actor=self.actor, care_plan=plan, now=self.now, **data)
        return plan_answer(self, plan.pk)
