"""Pages that messages lead to."""

from __future__ import annotations

from django.urls import path

from notifications.web import action, reminders

urlpatterns = [
    path("m/<slug:secret>/", action.action, name="message-action"),
    path("account/reminders/", reminders.reminders, name="account-reminders"),
]
