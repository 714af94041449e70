"""Pages under `/desk/`."""

from __future__ import annotations

from django.urls import path

from scheduling.web.desk import alerts, on_call, screening

urlpatterns = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/acknowledge/", alerts.acknowledge, name="alert-acknowledge"),
    path("courses/<uuid:plan_id>/screening/", screening.screening, name="desk-screening"),
    path("on-call/<slug:slug>/", on_call.on_call, name="on-call"),
]
