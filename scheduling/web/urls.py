"""Pages of scheduling."""

from __future__ import annotations

from django.urls import path

from scheduling.web.patient import again, book, cancel, history, hold, home, move, pause, plan, ride

urlpatterns = [
    path("", home.home, name="home"),
    path("book/", book.book, name="book"),
    path("book/hold/", book.hold, name="hold"),
    path("courses/", plan.plans, name="plans"),
    path("courses/<uuid:plan_id>/", plan.plan, name="plan"),
    path("courses/<uuid:plan_id>/confirm/", hold.confirm, name="confirm"),
    path("courses/<uuid:plan_id>/extend/", hold.extend, name="extend"),
    path("courses/<uuid:plan_id>/release/", hold.release, name="release"),
    path("courses/<uuid:plan_id>/pause/", pause.pause, name="pause"),
    path("courses/<uuid:plan_id>/history/", history.history, name="history"),
    path("sessions/<uuid:appointment_id>/move/", move.move, name="move"),
    path("sessions/<uuid:appointment_id>/cancel/", cancel.cancel, name="cancel"),
    path("sessions/<uuid:appointment_id>/again/", again.again, name="again"),
    path("sessions/<uuid:appointment_id>/undo/", again.undo, name="undo"),
    path("sessions/<uuid:appointment_id>/ride/", ride.ride, name="ride"),
]
