"""Work that only a person can do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api import schema
from scheduling.api.endpoint import Endpoint
from scheduling.api.inputs import Nothing
from scheduling.api.pages import page
from scheduling.api.represent import task_json
from scheduling.api.schema import answers
from scheduling.api.shapes import page_of
from scheduling.api.staff_inputs import FinishTask, TaskFilter
from scheduling.api.staff_shapes import StaffTaskShape
from scheduling.models import StaffTask
from scheduling.operations.finish_task import finish
from scheduling.operations.staff_tasks import claim
from scheduling.permissions import Action, may
from scheduling.querysets import staff_tasks_for

WRITES: dict[str, Any] = {
    "parameters": [schema.RETRY_AFTER],
    "responses": answers(StaffTaskShape, writes=True),
}


class StaffTasksView(Endpoint):
    @extend_schema(
        operation_id="list_staff_tasks",
        parameters=[TaskFilter],
        responses=answers(page_of(StaffTaskShape)),
    )
    def get(self, request: Request) -> Response:
        """Open tasks of your roles, oldest first; with `finished=true` those that are done."""
        self.demand(Action.WORK_ON_TASK)
        wanted = self.query(TaskFilter)
        rows = staff_tasks_for(self.user).filter(finished_at__isnull=not wanted["finished"])
        return page(
            self,
            rows.select_related("site", "owner"),
            ordering=["created_at", "id"],
            as_json=task_json,
        )


class StaffTaskEndpoint(Endpoint):
    def task(self, key: UUID) -> StaffTask:
        """The task, for somebody who may work on it. Raises Http404 or PermissionDenied."""
        self.demand(Action.WORK_ON_TASK)
        found = get_object_or_404(staff_tasks_for(self.user), pk=key)
        if not may(self.user, Action.WORK_ON_TASK, found):
            raise PermissionDenied
        return found

    def answer(self, key: UUID) -> Response:
        return Response(task_json(StaffTask.objects.select_related("site", "owner").get(pk=key)))


class ClaimTaskView(StaffTaskEndpoint):
    @extend_schema(operation_id="claim_staff_task", request=Nothing, **WRITES)
    def post(self, request: Request, key: UUID) -> Response:
        """Take a task on, so that nobody does it twice."""
        self.body(Nothing)
        claim(actor=self.actor, task=self.task(key), now=self.now)
        return self.answer(key)


class FinishTaskView(StaffTaskEndpoint):
    @extend_schema(operation_id="finish_staff_task", request=FinishTask, **WRITES)
    def post(self, request: Request, key: UUID) -> Response:
        """Close a task with its outcome."""
        data = self.body(FinishTask)
        finish(
            actor=self.actor,
            task=self.task(key),
            outcome=data["outcome"],
            note=data.get("note", ""),
            now=self.now,
        )
        return self.answer(key)
