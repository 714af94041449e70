"""Pages that messages lead to."""

from __future__ import annotations

from django.urls import path

from notifications.web import action

urlpatterns = [
    path("m/<slug:secret>/", action.action, name="message-action"),
]
