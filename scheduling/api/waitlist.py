"""Waiting for a better time, and answering what is offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Patient
from scheduling.api import schema
from scheduling.api.endpoint import Endpoint
from scheduling.api.holding import patient_to_book, service_and_site, site_called
from scheduling.api.inputs import Nothing
from scheduling.api.pages import page
from scheduling.api.represent import appointment_json, load_appointments
from scheduling.api.schema import answers
from scheduling.api.shapes import page_of
from scheduling.api.waitlist_shapes import (
    AcceptedShape,
    JoinWaitlist,
    WaitlistEntryShape,
    WaitlistFilter,
    WaitlistOfferShape,
    entry_json,
    offer_json,
)
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.idempotency import Answer
from scheduling.models import Appointment, Resource, Site, WaitlistEntry, WaitlistOffer
from scheduling.operations.answer_offer import accept_offer, decline_offer
from scheduling.operations.join_waitlist import Wish, join_waitlist, leave_waitlist
from scheduling.permissions import Action, may
from scheduling.querysets import appointments_for, waitlist_entries_for, waitlist_offers_for
from scheduling.selectors.protocols import latest


def loaded(rows: QuerySet[WaitlistEntry]) -> QuerySet[WaitlistEntry]:
    """Everything `entry_json` reads, in two queries."""
    return rows.select_related("site", "protocol_version").prefetch_related("offers")


class WaitlistEntriesView(Endpoint):
    @extend_schema(
        operation_id="list_waitlist_entries",
        parameters=[WaitlistFilter],
        responses=answers(page_of(WaitlistEntryShape)),
    )
    def get(self, request: Request) -> Response:
        """In the order of their turns, whatever their priority."""
        wanted = self.query(WaitlistFilter)
        rows = waitlist_entries_for(self.user)
        for name in ("status", "patient"):
            if name in wanted:
                rows = rows.filter(**{name: wanted[name]})
        return page(self, loaded(rows), ordering=["turn", "id"], as_json=entry_json)

    @extend_schema(
        operation_id="join_waitlist",
        request=JoinWaitlist,
        parameters=[schema.IDEMPOTENCY_KEY, schema.REPLAYED, schema.RETRY_AFTER],
        responses=answers(WaitlistEntryShape, status=201, writes=True),
    )
    def post(self, request: Request) -> Response:
        """Wait for another time of a session, for a visit, or for a whole course."""

        def act() -> Answer:
            data = self.body(JoinWaitlist)
            patient, site, wish = self._wish(data)
            self.zone = site.timezone
            if not may(self.user, Action.JOIN_WAITLIST, patient):
                raise PermissionDenied
            entry = join_waitlist(
                actor=self.actor, patient=patient, site=site, wish=wish, now=self.now
            )
            return Answer(201, entry_json(loaded(WaitlistEntry.objects.all()).get(pk=entry.pk)))

        return self.answer_once(request, act)

    def _wish(self, data: Mapping[str, Any]) -> tuple[Patient, Site, Wish]:
        """Raises Http404 for what this person may not see; Refused (UNKNOWN)."""
        common = {
            "want": data["want"],
            "weekdays": data.get("weekdays", ()),
            "day_parts": data.get("day_parts", ()),
            "earliest": data.get("earliest"),
            "latest": data.get("latest"),
        }
        if data.get("appointment"):
            rows = appointments_for(self.user).select_related(
                "patient", "site", "service", "care_plan__protocol_version", "care_plan__site"
            )
            found = get_object_or_404(rows, pk=data["appointment"])
            person = _person(found.site, data.get("person"))
            return (
                found.patient, found.site, Wish(appointment=found, person=person, **common),
            )  # fmt: skip
        patient = patient_to_book(self, data.get("patient"))
        if data.get("service"):
            service, site = service_and_site(data["service"], data["site"])
            wish = Wish(
                service=service,
                mode=data.get("mode", "in_person"),
                person=_person(site, data.get("person")),
                **common,
            )
            return patient, site, wish
        site = site_called(data["site"])
        wish = Wish(
            protocol_version=latest(data["protocol"]),
            blocks=tuple(data.get("blocks", ())),
            modes=data.get("modes", {}),
            person=_person(site, data.get("person")),
            **common,
        )
        return patient, site, wish


class WithdrawView(Endpoint):
    @extend_schema(
        operation_id="withdraw_waitlist_entry",
        request=Nothing,
        parameters=[schema.RETRY_AFTER],
        responses=answers(WaitlistEntryShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Stop waiting. An offer that stands is given back."""
        self.body(Nothing)
        entry = get_object_or_404(
            waitlist_entries_for(self.user).select_related("patient", "site"), pk=key
        )
        self.zone = entry.site.timezone
        if not may(self.user, Action.JOIN_WAITLIST, entry):
            raise PermissionDenied
        leave_waitlist(actor=self.actor, entry=entry, now=self.now)
        return Response(entry_json(loaded(WaitlistEntry.objects.all()).get(pk=key)))


class OfferEndpoint(Endpoint):
    def offer(self, key: UUID) -> WaitlistOffer:
        """The offer, for somebody who may answer it. Raises Http404, PermissionDenied."""
        rows = waitlist_offers_for(self.user).select_related("entry__site", "entry__patient")
        found = get_object_or_404(rows, pk=key)
        self.zone = found.entry.site.timezone
        if not may(self.user, Action.ANSWER_OFFER, found):
            raise PermissionDenied
        return found


class AcceptOfferView(OfferEndpoint):
    @extend_schema(
        operation_id="accept_waitlist_offer",
        request=Nothing,
        parameters=[schema.IDEMPOTENCY_KEY, schema.REPLAYED, schema.RETRY_AFTER],
        responses=answers(AcceptedShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Book what is held: all of it, or nothing."""
        offer = self.offer(key)

        def act() -> Answer:
            self.body(Nothing)
            booked = accept_offer(actor=self.actor, offer=offer, now=self.now)
            fresh = WaitlistOffer.objects.get(pk=key)
            shown = (
                load_appointments(Appointment.objects.filter(pk=booked.pk)).get()
                if booked
                else None
            )
            plan = booked.care_plan_id if booked else fresh.care_plan_id
            body = {
                "offer": offer_json(fresh, self.zone),
                "appointment": appointment_json(shown, self.actor, self.now) if shown else None,
                "care_plan": str(plan) if plan else None,
            }
            return Answer(200, body)

        return self.answer_once(request, act)


class DeclineOfferView(OfferEndpoint):
    @extend_schema(
        operation_id="decline_waitlist_offer",
        request=Nothing,
        parameters=[schema.RETRY_AFTER],
        responses=answers(WaitlistOfferShape, writes=True),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Let it go to the next. You stay on the list."""
        self.body(Nothing)
        decline_offer(actor=self.actor, offer=self.offer(key), now=self.now)
        return Response(offer_json(WaitlistOffer.objects.get(pk=key), self.zone))


def _person(site: Site, key: UUID | None) -> Resource | None:
    """Raises Refused (UNKNOWN) for nobody of the site."""
    if key is None:
        return None
    found = Resource.objects.filter(site=site, active=True, pk=key).first()
    if found is None:
        raise Refused([refuse(Code.UNKNOWN, field="person", value=str(key))])
    return found
