"""Pages that messages lead to."""

from __future__ import annotations

from django.urls import path

from notifications.web import action, messages

urlpatterns = [
    path("desk/setup/messages/", messages.index, name="setup-messages"),
    path("desk/setup/messages/<slug:name>/", messages.sample, name="setup-message"),
    path("desk/setup/messages/<slug:name>/html/", messages.letter_html, name="setup-message-html"),
    path("m/<slug:secret>/", action.action, name="message-action"),
]
