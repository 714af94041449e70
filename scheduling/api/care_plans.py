"""Courses: held whole, confirmed, and changed as one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling import stored_wishes
from scheduling.api import schema
from scheduling.api.care_shapes import CarePlanShape
from scheduling.api.endpoint import Endpoint
from scheduling.api.holding import hold, patient_to_book
from scheduling.api.inputs import (
    CarePlanFilter,
    Hold,
    Nothing,
    Pause,
    Revoke,
    SetGate,
)
from scheduling.api.pages import page
from scheduling.api.preconditions import require_match, version_headers
from scheduling.api.represent import Json, care_plan_json, load_care_plans
from scheduling.api.schema import answers
from scheduling.api.searches import proposals_json
from scheduling.api.shapes import page_of
from scheduling.core.refusals import Code, Refused
from scheduling.core.walltime import local_date
from scheduling.idempotency import Answer
from scheduling.models import CarePlan, GateCode
from scheduling.operations.confirm import confirm
from scheduling.operations.extend import extend
from scheduling.operations.gates import set_gate
from scheduling.operations.pause import pause
from scheduling.operations.release import release
from scheduling.operations.resume import resume
from scheduling.operations.revoke import revoke
from scheduling.permissions import Action, may
from scheduling.querysets import care_plans_for
from scheduling.selectors.course_search import search
from scheduling.selectors.courses import warnings_of
from scheduling.selectors.services import definitions

CHANGE: dict[str, Any] = {
    "parameters": [schema.IF_MATCH, schema.ETAG, schema.RETRY_AFTER],
    "responses": answers(CarePlanShape, writes=True),
}


class CarePlansView(Endpoint):
    @extend_schema(
        operation_id="list_care_plans",
        parameters=[CarePlanFilter],
        responses=answers(page_of(CarePlanShape)),
    )
    def get(self, request: Request) -> Response:
        """Newest first: a patient's own courses, or for staff everybody's."""
        wanted = self.query(CarePlanFilter)
        rows = care_plans_for(self.user)
        if "status" in wanted:
            rows = rows.filter(status=wanted["status"])
        if "patient" in wanted:
            rows = rows.filter(patient=wanted["patient"])
        known = definitions()
        return page(
            self,
            load_care_plans(rows),
            ordering=["-created_at", "id"],
            as_json=lambda plan: care_plan_json(
                plan, self.actor, self.now, warnings_of(plan, known)
            ),
        )

    @extend_schema(
        operation_id="hold_course",
        request=Hold,
        parameters=[schema.IDEMPOTENCY_KEY, schema.REPLAYED, schema.ETAG, schema.RETRY_AFTER],
        responses=answers(CarePlanShape, status=201, writes=True),
    )
    def post(self, request: Request) -> Response:
        """Hold every session of a course for fifteen minutes, or none of them."""

        def act() -> Answer:
            data = self.body(Hold)
            patient = patient_to_book(self, data.get("patient"))
            plan = hold(self, patient, data)
            return Answer(201, *represented(self, plan.pk))

        return self.answer_once(request, act)


class CarePlanEndpoint(Endpoint):
    """One course. `plan` raises Http404 for what this person may not see."""

    def plan(self, key: UUID) -> CarePlan:
        plan = get_object_or_404(
            care_plans_for(self.user).select_related("patient", "site", "protocol_version"), pk=key
        )
        self.zone = plan.site.timezone
        return plan

    def plan_to(self, action: Action, key: UUID) -> tuple[CarePlan, int]:
        """The course and its version, for somebody who may change it and saw it as it is."""
        plan = self.plan(key)
        if not may(self.user, action, plan):
            raise PermissionDenied
        return plan, require_match(self.request, plan)


class CarePlanView(CarePlanEndpoint):
    @extend_schema(
        operation_id="read_care_plan",
        parameters=[schema.ETAG],
        responses=answers(CarePlanShape),
    )
    def get(self, request: Request, key: UUID) -> Response:
        """One course with all its sessions."""
        return plan_answer(self, self.plan(key).pk)


class ConfirmView(CarePlanEndpoint):
    @extend_schema(
        operation_id="confirm_care_plan",
        request=Nothing,
        parameters=[
            schema.IDEMPOTENCY_KEY,
            schema.REPLAYED,
            *CHANGE["parameters"],
        ],
        responses=answers(CarePlanShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Turn a hold into a booked course. An expired hold answers 409 with a fresh proposal."""
        plan = self.plan(key)

        def act() -> Answer:
            self.body(Nothing)
            seen, version = self.plan_to(Action.CONFIRM, key)
            confirm(actor=self.actor, care_plan=seen, version=version, now=self.now)
            return Answer(200, *represented(self, key))

        try:
            return self.answer_once(request, act)
        except Refused as refused:
            if any(refusal.code == Code.HOLD_EXPIRED for refusal in refused.refusals):
                raise with_fresh_proposal(refused, plan, self.now) from None
            raise


class ReleaseView(CarePlanEndpoint):
    @extend_schema(operation_id="release_care_plan", request=Nothing, **CHANGE)
    def post(self, request: Request, key: UUID) -> Response:
        """Give a hold back."""
        self.body(Nothing)
        plan, version = self.plan_to(Action.RELEASE, key)
        release(actor=self.actor, care_plan=plan, version=version, now=self.now)
        return plan_answer(self, key)


class ExtendView(CarePlanEndpoint):
    @extend_schema(operation_id="extend_care_plan", request=Nothing, **CHANGE)
    def post(self, request: Request, key: UUID) -> Response:
        """Prolong a hold, once."""
        self.body(Nothing)
        plan, _ = self.plan_to(Action.EXTEND, key)
        extend(actor=self.actor, care_plan=plan, now=self.now)
        return plan_answer(self, key)


class PauseView(CarePlanEndpoint):
    @extend_schema(operation_id="pause_care_plan", request=Pause, **CHANGE)
    def post(self, request: Request, key: UUID) -> Response:
        """Hold the next treatments back; talk sessions stay. Only staff choose `until`: a
        patient's pause reaches two days ahead and asks a clinician to call."""
        data = self.body(Pause)
        plan, version = self.plan_to(Action.PAUSE, key)
        pause(actor=self.actor, care_plan=plan, version=version, now=self.now, **data)
        return plan_answer(self, key)


class ResumeView(CarePlanEndpoint):
    @extend_schema(operation_id="resume_care_plan", request=Nothing, **CHANGE)
    def post(self, request: Request, key: UUID) -> Response:
        """Go on with a paused course. Staff only."""
        self.body(Nothing)
        plan, version = self.plan_to(Action.RESUME, key)
        resume(actor=self.actor, care_plan=plan, version=version, now=self.now)
        return plan_answer(self, key)


class RevokeView(CarePlanEndpoint):
    @extend_schema(operation_id="revoke_care_plan", request=Revoke, **CHANGE)
    def post(self, request: Request, key: UUID) -> Response:
        """End a course early and cancel what is still ahead. Staff only."""
        data = self.body(Revoke)
        plan, version = self.plan_to(Action.REVOKE, key)
        revoke(actor=self.actor, care_plan=plan, version=version, now=self.now, **data)
        return plan_answer(self, key)


class GateView(CarePlanEndpoint):
    @extend_schema(
        operation_id="set_gate",
        request=SetGate,
        parameters=[
            schema.gate_parameter(GateCode.values),
            *CHANGE["parameters"],
        ],
        responses=answers(CarePlanShape, writes=True),
    )
    def put(self, request: Request, key: UUID, gate: str) -> Response:
        """Close, reopen or override a gate, by those who have the authority for it."""
        plan, version = self.plan_to(Action.SET_GATE, key)
        data = self.body(SetGate)
        set_gate(
            actor=self.actor,
            care_plan=plan,
            code=gate_called(gate),
            status=data["status"],
            note=data.get("note", ""),
            override_reason=(data.get("override") or {}).get("reason"),
            version=version,
            now=self.now,
        )
        return plan_answer(self, key)


def with_fresh_proposal(refused: Refused, plan: CarePlan, now: datetime) -> Refused:
    """The refusal, with the best course that could be held instead, when one exists."""
    today = local_date(now, plan.site.timezone)
    found = search(
        site=plan.site,
        protocol_version=plan.protocol_version,
        blocks=tuple(plan.blocks),
        wishes=stored_wishes.from_json(plan.wishes, max(plan.earliest, today)),
        modes=plan.modes,
        patient=plan.patient,
        limit=1,
        now=now,
    )
    fresh = next(iter(proposals_json(found)), None)
    return Refused(refused.refusals, alternatives={**refused.alternatives, "proposal": fresh})


def gate_called(code: str) -> str:
    """A gate of the closed list. Raises Http404."""
    if code not in GateCode.values:
        raise Http404
    return code


def plan_answer(endpoint: Endpoint, key: UUID) -> Response:
    """The course as it is now, with its `ETag`."""
    body, headers = represented(endpoint, key)
    return Response(body, headers=dict(headers))


def represented(endpoint: Endpoint, key: UUID) -> tuple[Json, Mapping[str, Any]]:
    plan = load_care_plans(CarePlan.objects.filter(pk=key)).get()
    body = care_plan_json(plan, endpoint.actor, endpoint.now, warnings_of(plan))
    return body, version_headers(plan)
