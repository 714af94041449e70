"""The routes that this app adds to `/api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from notifications.api import messages

urlpatterns: list[URLPattern] = [
    path("messages/", messages.MessagesView.as_view(), name="api-messages"),
]
