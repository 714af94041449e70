"""The front desk's day: resources as columns, with what they are taken for."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api import schema
from scheduling.api.endpoint import Endpoint
from scheduling.api.holding import site_called
from scheduling.api.preconditions import none_match
from scheduling.api.represent import Json, appointment_json, load_appointments
from scheduling.api.schema import answers
from scheduling.api.staff_inputs import BoardQuery
from scheduling.api.staff_shapes import BoardShape
from scheduling.api.times import stamp
from scheduling.models import Closure, Reservation
from scheduling.permissions import Action
from scheduling.selectors.board import Column, board


class BoardView(Endpoint):
    @extend_schema(
        operation_id="read_board",
        parameters=[BoardQuery, schema.IF_NONE_MATCH, schema.ETAG],
        responses=answers(BoardShape) | {304: None},
    )
    def get(self, request: Request) -> Response:
        """One local day of a site. With `If-None-Match`: 304 while nothing has changed."""
        self.demand(Action.VIEW_BOARD)
        wanted = self.query(BoardQuery)
        site = site_called(wanted["site"])
        self.zone = site.timezone
        found = board(site, wanted["date"], self.now)
        by_id = {
            row.pk: appointment_json(row, self.actor, self.now)
            for row in load_appointments(found.appointments)
        }
        body = {
            "site": site.slug,
            "date": found.day.isoformat(),
            "timezone": site.timezone,
            "resources": [_column_json(column, by_id, site.timezone) for column in found.columns],
            "appointments": list(by_id.values()),
        }
        tag = f'"{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]}"'
        if none_match(request, tag):
            return Response(status=304, headers={"ETag": tag})
        return Response(body, headers={"ETag": tag})


def _column_json(column: Column, by_id: dict[UUID, Json], zone: str) -> Json:
    """A group's meeting has no appointment of its own; its seats are the series' column."""
    resource = column.resource
    lanes: dict[Any, Reservation] = {}
    for entry in column.entries:
        lanes.setdefault(entry.appointment_id, entry)
    return {
        "id": str(resource.pk),
        "name": resource.name,
        "kind": resource.kind,
        "roles": resource.roles,
        "capacity": resource.capacity,
        "hours": [
            {"start": stamp(low, zone), "end": stamp(high, zone)} for low, high in column.hours
        ],
        "closures": [_closure_json(closure, zone) for closure in column.closures],
        "entries": [_entry_json(entry, zone) for entry in column.entries],
        "appointments": [by_id[key] for key in lanes if key in by_id],
    }


def _closure_json(closure: Closure, zone: str) -> Json:
    return {
        "id": str(closure.pk),
        "start": stamp(closure.during.lower, zone),
        "end": stamp(closure.during.upper, zone),
        "reason": closure.reason,
        "opens": closure.opens,
    }


def _entry_json(entry: Reservation, zone: str) -> Json:
    return {
        "start": stamp(entry.during.lower, zone),
        "end": stamp(entry.during.upper, zone),
        "appointment": str(entry.appointment_id) if entry.appointment_id else None,
        "group_session": str(entry.group_session_id) if entry.group_session_id else None,
        "role": entry.role,
        "lane": entry.lane,
    }
