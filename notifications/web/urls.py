"""Pages that messages lead to, and pages about messages and other programs."""

from __future__ import annotations

from django.urls import path

from notifications.web import action, mail_events, reach, text_replies, texts, webhooks

urlpatterns = [
    path("m/<slug:secret>/", action.action, name="message-action"),
    path("hooks/mail/<slug:secret>/", mail_events.mail_events, name="mail-events"),
    path("hooks/texts/", text_replies.text_replies, name="text-replies"),
    path("account/texts/", texts.texts, name="texts"),
    path("desk/patients/<uuid:patient_id>/reach/", reach.reach, name="desk-reach"),
    path(
        "desk/patients/<uuid:patient_id>/reach/<int:suppression_id>/",
        reach.use_again,
        name="desk-use-again",
    ),
    path("desk/setup/webhooks/", webhooks.webhooks, name="setup-webhooks"),
    path("desk/setup/webhooks/<uuid:endpoint_id>/", webhooks.webhook, name="setup-webhook"),
    path(
        "desk/setup/webhooks/<uuid:endpoint_id>/rotate/",
        webhooks.rotate,
        name="setup-webhook-rotate",
    ),
    path(
        "desk/setup/webhooks/<uuid:endpoint_id>/switch/",
        webhooks.switch,
        name="setup-webhook-switch",
    ),
    path(
        "desk/setup/webhooks/<uuid:endpoint_id>/test/",
        webhooks.send_test,
        name="setup-webhook-test",
    ),
]
