"""The routes of `/api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.api import closures, patients, public, staff_tasks

urlpatterns: list[URLPattern] = [
    path("sites/", public.SitesView.as_view(), name="api-sites"),
    path("services/", public.ServicesView.as_view(), name="api-services"),
    path("protocols/", public.ProtocolsView.as_view(), name="api-protocols"),
    path("protocols/<slug:slug>/", public.ProtocolView.as_view(), name="api-protocol"),
    path("patients/", patients.PatientsView.as_view(), name="api-patients"),
    path("patients/search/", patients.PatientSearchView.as_view(), name="api-patient-search"),
    path("closures/", closures.ClosuresView.as_view(), name="api-closures"),
    path("staff-tasks/", staff_tasks.StaffTasksView.as_view(), name="api-staff-tasks"),
    path(
        "staff-tasks/<uuid:key>/claim/",
        staff_tasks.ClaimTaskView.as_view(),
        name="api-staff-task-claim",
    ),
    path(
        "staff-tasks/<uuid:key>/finish/",
        staff_tasks.FinishTaskView.as_view(),
        name="api-staff-task-finish",
    ),
]
