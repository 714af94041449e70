"""Pages of the desk about messages."""

from __future__ import annotations

from django.urls import path

from notifications.web import told

urlpatterns = [
    path("patients/<uuid:patient_id>/messages/", told.messages_of, name="desk-messages"),
    path("messages/", told.unsettled, name="desk-unsettled"),
    path("messages/<uuid:message_id>/", told.message, name="desk-message"),
    path("messages/<uuid:message_id>/again/", told.again, name="desk-message-again"),
    path("messages/<uuid:message_id>/settle/", told.settle, name="desk-message-settle"),
]
