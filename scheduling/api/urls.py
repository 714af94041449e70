"""The routes of `/api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.api import patients, public

urlpatterns: list[URLPattern] = [
    path("sites/", public.SitesView.as_view(), name="api-sites"),
    path("services/", public.ServicesView.as_view(), name="api-services"),
    path("protocols/", public.ProtocolsView.as_view(), name="api-protocols"),
    path("protocols/<slug:slug>/", public.ProtocolView.as_view(), name="api-protocol"),
    path("patients/", patients.PatientsView.as_view(), name="api-patients"),
    path("patients/search/", patients.PatientSearchView.as_view(), name="api-patient-search"),
]
