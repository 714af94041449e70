"""Single sessions: listed, booked, moved, cancelled, and followed through the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api import schema
from scheduling.api.care_plans import gate_called
from scheduling.api.care_shapes import AppointmentShape, EventShape
from scheduling.api.endpoint import Endpoint
from scheduling.api.holding import patient_to_book, service_and_site, who_what_where
from scheduling.api.inputs import (
    AppointmentFilter,
    BookSession,
    Cancel,
    Limit,
    Period,
    SetGate,
    Transition,
)
from scheduling.api.openings import limited, openings_answer
from scheduling.api.pages import page
from scheduling.api.preconditions import require_match, version_headers
from scheduling.api.represent import (
    Json,
    appointment_json,
    event_json,
    load_appointments,
)
from scheduling.api.schema import answers
from scheduling.api.shapes import OpeningsShape, page_of
from scheduling.api.times import as_instant
from scheduling.idempotency import Answer
from scheduling.models import Appointment, Event, GateCode, Site
from scheduling.operations.book import book_session
from scheduling.operations.cancel import cancel
from scheduling.operations.gates import set_gate
from scheduling.operations.transition import transition
from scheduling.permissions import Action, may
from scheduling.querysets import appointments_for
from scheduling.selectors.moves import openings_of_session

CHANGE: dict[str, Any] = {
    "parameters": [schema.IF_MATCH, schema.ETAG, schema.RETRY_AFTER],
    "responses": answers(AppointmentShape, writes=True),
}


class AppointmentsView(Endpoint):
    @extend_schema(
        operation_id="list_appointments",
        parameters=[AppointmentFilter],
        responses=answers(page_of(AppointmentShape)),
    )
    def get(self, request: Request) -> Response:
        """In order of their start. A day in `from` and `to` is a local day of each site."""
        wanted = self.query(AppointmentFilter)
        return page(
            self,
            load_appointments(_filtered(appointments_for(self.user), wanted)),
            ordering=["start", "id"],
            as_json=lambda row: appointment_json(row, self.actor, self.now),
        )

    @extend_schema(
        operation_id="book_session",
        request=BookSession,
        parameters=[schema.IDEMPOTENCY_KEY, schema.REPLAYED, schema.ETAG, schema.RETRY_AFTER],
        responses=answers(AppointmentShape, status=201, writes=True),
    )
    def post(self, request: Request) -> Response:
        """Book one session outside a course. Treatments are never booked this way."""

        def act() -> Answer:
            data = self.body(BookSession)
            if data.get("patient") is not None:
                patient, service, site = who_what_where(
                    self, data["patient"], data["service"], data["site"]
                )
            else:
                patient = patient_to_book(self, None)
                service, site = service_and_site(data["service"], data["site"])
            self.zone = site.timezone
            booked = book_session(
                actor=self.actor,
                patient=patient,
                service=service,
                site=site,
                start=data["start"],
                practitioners=resource_ids(data.get("practitioners")),
                mode=data.get("mode", "in_person"),
                now=self.now,
            )
            return Answer(
                201, appointment_json(booked, self.actor, self.now), version_headers(booked)
            )

        return self.answer_once(request, act)


class AppointmentEndpoint(Endpoint):
    """One session. `appointment` raises Http404 for what this person may not see."""

    def appointment(self, key: UUID) -> Appointment:
        rows = appointments_for(self.user).select_related("patient", "service", "site", "care_plan")
        found = get_object_or_404(rows, pk=key)
        self.zone = found.site.timezone
        return found

    def appointment_to(self, action: Action, key: UUID) -> Appointment:
        """The session, for somebody who may do this to it at all."""
        found = self.appointment(key)
        if not may(self.user, action, found):
            raise PermissionDenied
        return found


class AppointmentView(AppointmentEndpoint):
    @extend_schema(
        operation_id="read_appointment",
        parameters=[schema.ETAG],
        responses=answers(AppointmentShape),
    )
    def get(self, request: Request, key: UUID) -> Response:
        """One session."""
        return _answer(self, self.appointment(key).pk)


class AppointmentOpeningsView(AppointmentEndpoint):
    @extend_schema(
        operation_id="list_appointment_openings",
        parameters=[Period],
        responses=answers(OpeningsShape),
    )
    def get(self, request: Request, key: UUID) -> Response:
        """Starts to which this session can move while every rule of its course is kept."""
        appointment = self.appointment(key)
        first, last = limited(self.query(Period), self.zone)
        found = openings_of_session(appointment, start=first, end=last, now=self.now)
        return openings_answer(appointment.site, appointment.service_id, found)


class CancelView(AppointmentEndpoint):
    @extend_schema(operation_id="cancel_appointment", request=Cancel, **CHANGE)
    def post(self, request: Request, key: UUID) -> Response:
        """Cancel a session. `late` says whether that was inside the clinic's policy window."""
        data = self.body(Cancel)
        appointment = self.appointment_to(Action.CANCEL, key)
        cancel(
            actor=self.actor,
            appointment=appointment,
            reason=data["reason"],
            note=data.get("note", ""),
            version=require_match(request, appointment),
            now=self.now,
        )
        return _answer(self, key)


class TransitionView(AppointmentEndpoint):
    @extend_schema(operation_id="transition_appointment", request=Transition, **CHANGE)
    def post(self, request: Request, key: UUID) -> Response:
        """Follow a session through the day, or take back a step keyed wrongly. Staff only."""
        data = self.body(Transition)
        appointment = self.appointment_to(Action.TRANSITION, key)
        transition(
            actor=self.actor,
            appointment=appointment,
            to=data["to"],
            note=data.get("note", ""),
            reason=data.get("reason", ""),
            override_reason=(data.get("override") or {}).get("reason"),
            version=require_match(request, appointment),
            now=self.now,
        )
        return _answer(self, key)


class AppointmentGateView(AppointmentEndpoint):
    @extend_schema(
        operation_id="set_appointment_gate",
        request=SetGate,
        parameters=[schema.gate_parameter(GateCode.values), *CHANGE["parameters"]],
        responses=answers(AppointmentShape, writes=True),
    )
    def put(self, request: Request, key: UUID, gate: str) -> Response:
        """Close, reopen or override a gate of this session alone."""
        data = self.body(SetGate)
        appointment = self.appointment_to(Action.SET_GATE, key)
        set_gate(
            actor=self.actor,
            care_plan=None,
            appointment=appointment,
            code=gate_called(gate),
            status=data["status"],
            note=data.get("note", ""),
            override_reason=(data.get("override") or {}).get("reason"),
            version=require_match(request, appointment),
            now=self.now,
        )
        return _answer(self, key)


class EventsView(AppointmentEndpoint):
    @extend_schema(
        operation_id="list_appointment_events",
        parameters=[Limit],
        responses=answers(page_of(EventShape)),
    )
    def get(self, request: Request, key: UUID) -> Response:
        """What happened to the session, oldest first."""
        appointment = self.appointment(key)
        return page(
            self,
            Event.objects.filter(appointment=appointment).select_related("actor"),
            ordering=["id"],
            as_json=lambda event: event_json(event, self.zone, self.actor),
        )


def _filtered(rows: QuerySet[Appointment], wanted: Mapping[str, Any]) -> QuerySet[Appointment]:
    for name in ("status", "patient", "care_plan"):
        if name in wanted:
            rows = rows.filter(**{name: wanted[name]})
    if "resource" in wanted:
        rows = rows.filter(reservations__resource=wanted["resource"]).distinct()
    zones = tuple(Site.objects.values_list("timezone", flat=True).distinct())
    if "from" in wanted:
        rows = rows.filter(_at("end__gt", wanted["from"], zones))
    if "to" in wanted:
        rows = rows.filter(_at("start__lt", wanted["to"], zones))
    return rows


def _at(lookup: str, moment: date | datetime, zones: Iterable[str]) -> Q:
    """A day begins at a moment of its own in each site's zone."""
    if isinstance(moment, datetime):
        return Q(**{lookup: moment})
    per_zone = (Q(site__timezone=zone, **{lookup: as_instant(moment, zone)}) for zone in zones)
    return reduce(or_, per_zone, Q(pk__in=[]))


def represented(endpoint: Endpoint, key: UUID) -> tuple[Json, Mapping[str, Any]]:
    appointment = load_appointments(Appointment.objects.filter(pk=key)).get()
    body = appointment_json(appointment, endpoint.actor, endpoint.now)
    return body, version_headers(appointment)


def _answer(endpoint: Endpoint, key: UUID) -> Response:
    body, headers = represented(endpoint, key)
    return Response(body, headers=dict(headers))


def resource_ids(practitioners: Mapping[str, UUID] | None) -> dict[str, str]:
    return {role: str(unit) for role, unit in (practitioners or {}).items()}
