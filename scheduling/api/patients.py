"""Patients, found and entered by staff. No name ever stands in a URL."""

from __future__ import annotations

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
from scheduling.selectors.patients import matching

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
        rows = matching(patients_for(self.user), data["q"])[: data.get("limit", FOUND)]
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
