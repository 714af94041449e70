"""Pages under `/desk/`."""

from __future__ import annotations

from django.urls import path

from scheduling.web.desk import alerts, forms, on_call, people, recover, screening, site

urlpatterns = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/acknowledge/", alerts.acknowledge, name="alert-acknowledge"),
    path("courses/<uuid:plan_id>/screening/", screening.screening, name="desk-screening"),
    path("courses/<uuid:plan_id>/forms/", forms.forms, name="desk-forms"),
    path("courses/<uuid:plan_id>/forms/<uuid:form_id>/", forms.record, name="desk-form-record"),
    path("courses/<uuid:plan_id>/consent/", forms.consent, name="desk-consent"),
    path("site/<slug:slug>/", site.site, name="site"),
    path("people/invite/", people.people, name="people"),
    path("people/invite/staff/", people.staff, name="invite-staff"),
    path("people/invite/<uuid:patient_id>/", people.patient, name="invite-patient"),
    path(
        "people/invitations/<uuid:invitation_id>/revoke/", people.revoke, name="invitation-revoke"
    ),
    path("people/recover/", recover.patient, name="recover-patient"),
    path("people/recover/staff/", recover.staff, name="recover-staff"),
    path("on-call/<slug:slug>/", on_call.on_call, name="on-call"),
]
