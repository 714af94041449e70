"""Patients, found and entered by staff. No name ever stands in a URL."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Patient
from scheduling.api.endpoint import Endpoint
from scheduling.api.represent import patient_json
from scheduling.api.schema import answers
from scheduling.api.shapes import page_of
from scheduling.api.staff_inputs import NewPatient, PatientSearch
from scheduling.api.staff_shapes import PatientShape
from scheduling.permissions import Action
from scheduling.querysets import patients_for

FOUND = 50


class PatientSearchView(Endpoint):
    @extend_schema(
        operation_id="search_patients",
        request=PatientSearch,
        responses=answers(page_of(PatientShape), writes=True),
    )
    def post(self, request: Request) -> Response:
        """Find patients by the beginning of any name, by e-mail address, birth date or phone."""
        self.demand(Action.FIND_PATIENTS)
        data = self.body(PatientSearch)
        rows = _matching(patients_for(self.user), data["q"])[: data.get("limit", FOUND)]
        return Response(
            {"next": None, "previous": None, "results": [patient_json(row) for row in rows]}
        )


class PatientsView(Endpoint):
    @extend_schema(
        operation_id="create_patient",
        request=NewPatient,
        responses=answers(PatientShape, status=201, writes=True),
    )
    def post(self, request: Request) -> Response:
        """Enter a new patient, who needs no login."""
        self.demand(Action.CREATE_PATIENT)
        return Response(patient_json(Patient.objects.create(**self.body(NewPatient))), 201)


def _matching(rows: QuerySet[Patient], said: str) -> QuerySet[Patient]:
    """Every word must begin a name, or be found in the address, the phone or the birth date."""
    for word in said.split()[:5]:
        found = (
            Q(given_name__istartswith=word)
            | Q(family_name__istartswith=word)
            | Q(preferred_name__istartswith=word)
            | Q(given_name__icontains=f" {word}")
            | Q(family_name__icontains=f" {word}")
            | Q(email__istartswith=word)
        )
        if sum(letter.isdigit() for letter in word) >= 4:
            found |= Q(phone__contains=word) | Q(birth_date__contains=word)
        rows = rows.filter(found)
    return rows.order_by(Lower("family_name"), Lower("given_name"), "pk")
