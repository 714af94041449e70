"""The routes of `/api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.api import (
    appointments,
    blocks,
    board,
    care_plans,
    clearance,
    closures,
    disruptions,
    openings,
    patients,
    public,
    rebooking,
    reports,
    rescheduling,
    searches,
    staff_tasks,
    waitlist,
)

urlpatterns: list[URLPattern] = [
    path("sites/", public.SitesView.as_view(), name="api-sites"),
    path("services/", public.ServicesView.as_view(), name="api-services"),
    path("protocols/", public.ProtocolsView.as_view(), name="api-protocols"),
    path("protocols/<slug:slug>/", public.ProtocolView.as_view(), name="api-protocol"),
    path("openings/", openings.OpeningsView.as_view(), name="api-openings"),
    path("course-searches/", searches.CourseSearchesView.as_view(), name="api-course-searches"),
    path("care-plans/", care_plans.CarePlansView.as_view(), name="api-care-plans"),
    path("care-plans/<uuid:key>/", care_plans.CarePlanView.as_view(), name="api-care-plan"),
    path("care-plans/<uuid:key>/confirm/", care_plans.ConfirmView.as_view(), name="api-confirm"),
    path("care-plans/<uuid:key>/release/", care_plans.ReleaseView.as_view(), name="api-release"),
    path("care-plans/<uuid:key>/extend/", care_plans.ExtendView.as_view(), name="api-extend"),
    path("care-plans/<uuid:key>/pause/", care_plans.PauseView.as_view(), name="api-pause"),
    path("care-plans/<uuid:key>/resume/", care_plans.ResumeView.as_view(), name="api-resume"),
    path("care-plans/<uuid:key>/revoke/", care_plans.RevokeView.as_view(), name="api-revoke"),
    path("care-plans/<uuid:key>/rebook/", rebooking.RebookView.as_view(), name="api-rebook"),
    path("care-plans/<uuid:key>/blocks/", blocks.BlocksView.as_view(), name="api-blocks"),
    path(
        "care-plans/<uuid:key>/gates/<slug:gate>/", care_plans.GateView.as_view(), name="api-gate"
    ),
    path("appointments/", appointments.AppointmentsView.as_view(), name="api-appointments"),
    path(
        "appointments/<uuid:key>/",
        appointments.AppointmentView.as_view(),
        name="api-appointment",
    ),
    path(
        "appointments/<uuid:key>/openings/",
        appointments.AppointmentOpeningsView.as_view(),
        name="api-appointment-openings",
    ),
    path(
        "appointments/<uuid:key>/reschedule/",
        rescheduling.RescheduleView.as_view(),
        name="api-reschedule",
    ),
    path("appointments/<uuid:key>/cancel/", appointments.CancelView.as_view(), name="api-cancel"),
    path(
        "appointments/<uuid:key>/transition/",
        appointments.TransitionView.as_view(),
        name="api-transition",
    ),
    path(
        "appointments/<uuid:key>/gates/<slug:gate>/",
        appointments.AppointmentGateView.as_view(),
        name="api-appointment-gate",
    ),
    path("appointments/<uuid:key>/events/", appointments.EventsView.as_view(), name="api-events"),
    path("board/", board.BoardView.as_view(), name="api-board"),
    path("patients/", patients.PatientsView.as_view(), name="api-patients"),
    path("patients/search/", patients.PatientSearchView.as_view(), name="api-patient-search"),
    path(
        "patients/<uuid:key>/clearance/",
        clearance.ClearanceView.as_view(),
        name="api-clearance",
    ),
    path("closures/", closures.ClosuresView.as_view(), name="api-closures"),
    path("disruptions/", disruptions.DisruptionsView.as_view(), name="api-disruptions"),
    path(
        "disruptions/<uuid:key>/",
        disruptions.DisruptionView.as_view(),
        name="api-disruption",
    ),
    path(
        "disruptions/<uuid:key>/alternatives/",
        disruptions.AlternativesView.as_view(),
        name="api-disruption-alternatives",
    ),
    path(
        "disruptions/<uuid:key>/apply/",
        disruptions.ApplyView.as_view(),
        name="api-disruption-apply",
    ),
    path(
        "disruptions/<uuid:key>/undo/",
        disruptions.UndoView.as_view(),
        name="api-disruption-undo",
    ),
    path("reports/<slug:name>/", reports.ReportView.as_view(), name="api-report"),
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
    path("waitlist-entries/", waitlist.WaitlistEntriesView.as_view(), name="api-waitlist-entries"),
    path(
        "waitlist-entries/<uuid:key>/withdraw/",
        waitlist.WithdrawView.as_view(),
        name="api-waitlist-withdraw",
    ),
    path(
        "waitlist-offers/<uuid:key>/accept/",
        waitlist.AcceptOfferView.as_view(),
        name="api-waitlist-accept",
    ),
    path(
        "waitlist-offers/<uuid:key>/decline/",
        waitlist.DeclineOfferView.as_view(),
        name="api-waitlist-decline",
    ),
]
