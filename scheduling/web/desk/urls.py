"""Pages under `/desk/`."""

from __future__ import annotations

from django.urls import path

from scheduling.web.desk import alerts, forms, on_call, screening

urlpatterns = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/acknowledge/", alerts.acknowledge, name="alert-acknowledge"),
    path("courses/<uuid:plan_id>/screening/", screening.screening, name="desk-screening"),
    path("courses/<uuid:plan_id>/forms/", forms.forms, name="desk-forms"),
    path("courses/<uuid:plan_id>/forms/<uuid:form_id>/", forms.record, name="desk-form-record"),
    path("courses/<uuid:plan_id>/consent/", forms.consent, name="desk-consent"),
    path("on-call/<slug:slug>/", on_call.on_call, name="on-call"),
]
