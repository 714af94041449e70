"""Pages of scheduling."""

from __future__ import annotations

from django.urls import path

from scheduling.web import invitation, recover
from scheduling.web.patient import (
    again,
    ask,
    book,
    cancel,
    changes,
    choose,
    consent,
    draft,
    history,
    hold,
    home,
    move,
    pause,
    plan,
    questionnaire,
    ride,
    screening,
    trend,
    visit,
    visit_hold,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("book/", choose.choose, name="book"),
    path("book/hold/", hold.hold, name="hold"),
    path("book/call/", ask.ask, name="ask-to-call"),
    path("book/look/", draft.open_draft, name="open-draft"),
    path("book/plans/<slug:search>/", book.proposals, name="proposals"),
    path("book/plan/<slug:name>/", draft.draft, name="draft"),
    path("book/plan/<slug:name>/<int:number>/", draft.change, name="draft-change"),
    path("book/<slug:key>/", choose.course, name="course"),
    path("book/<slug:key>/when/", book.preferences, name="preferences"),
    path("visits/<slug:key>/", visit.visit, name="visit"),
    path("visits/held/<uuid:appointment_id>/", visit_hold.page, name="visit-page"),
    path("visits/held/<uuid:appointment_id>/book/", visit_hold.book, name="visit-book"),
    path("visits/held/<uuid:appointment_id>/extend/", visit_hold.extend, name="visit-extend"),
    path("visits/held/<uuid:appointment_id>/release/", visit_hold.release, name="visit-release"),
    path("invitation/", invitation.invitation, name="invitation"),
    path("invitation/<slug:secret>/", invitation.open_link, name="invitation-link"),
    path("recover/", recover.recover, name="recover"),
    path("recover/new/", recover.recovered, name="recovered"),
    path("courses/", plan.plans, name="plans"),
    path("courses/<uuid:plan_id>/", plan.plan, name="plan"),
    path("courses/<uuid:plan_id>/confirm/", hold.confirm, name="confirm"),
    path("courses/<uuid:plan_id>/extend/", hold.extend, name="extend"),
    path("courses/<uuid:plan_id>/release/", hold.release, name="release"),
    path("courses/<uuid:plan_id>/retake/", hold.retake, name="retake"),
    path("courses/<uuid:plan_id>/pause/", pause.pause, name="pause"),
    path("courses/<uuid:plan_id>/history/", history.history, name="history"),
    path("courses/<uuid:plan_id>/screening/", screening.screening, name="patient-screening"),
    path("courses/<uuid:plan_id>/screening/answer/", screening.answer, name="screening-answer"),
    path("courses/<uuid:plan_id>/consent/", consent.consent, name="patient-consent"),
    path("courses/<uuid:plan_id>/consent/copy/", consent.copy, name="consent-copy"),
    path("courses/<uuid:plan_id>/progress/", trend.trend, name="patient-trend"),
    path(
        "courses/<uuid:plan_id>/questions/<uuid:form_id>/",
        questionnaire.questionnaire,
        name="patient-questionnaire",
    ),
    path(
        "courses/<uuid:plan_id>/questions/<uuid:form_id>/answer/",
        questionnaire.answer,
        name="questionnaire-answer",
    ),
    path("sessions/<uuid:appointment_id>/move/", move.move, name="move"),
    path("sessions/<uuid:appointment_id>/cancel/", cancel.cancel, name="cancel"),
    path("sessions/<uuid:appointment_id>/again/", again.again, name="again"),
    path("sessions/<uuid:appointment_id>/undo/", again.undo, name="undo"),
    path("sessions/<uuid:appointment_id>/ride/", ride.ride, name="ride"),
    path("changes/<uuid:key>/", changes.changes, name="my-changes"),
    path(
        "sessions/<uuid:appointment_id>/history/", history.session_history, name="session-history"
    ),
]
