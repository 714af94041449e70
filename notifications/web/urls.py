"""Pages that messages lead to, and calendars."""

from __future__ import annotations

from django.urls import path

from notifications.web import (
    action,
    calendar,
    downloads,
    feed,
    mail_events,
    messages,
    reach,
    reminders,
    text_replies,
    texts,
    webhooks,
)

urlpatterns = [
    path("desk/setup/messages/", messages.index, name="setup-messages"),
    path("desk/setup/messages/<slug:name>/", messages.sample, name="setup-message"),
    path("desk/setup/messages/<slug:name>/html/", messages.letter_html, name="setup-message-html"),
    path("m/<slug:secret>/", action.action, name="message-action"),
    path("cal/<slug:secret>.ics", feed.feed, name="calendar-feed"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/ahead.ics", downloads.ahead, name="calendar-ahead"),
    path("calendar/sessions/<uuid:appointment_id>.ics", downloads.session, name="calendar-session"),
    path("calendar/courses/<uuid:plan_id>.ics", downloads.course, name="calendar-course"),
    path("calendar/courses/<uuid:plan_id>/", calendar.plan_calendar, name="plan-calendar"),
    path("calendar/address/<slug:kind>/", calendar.make, name="calendar-make"),
    path("calendar/address/<slug:kind>/revoke/", calendar.revoke, name="calendar-revoke"),
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
    path("account/reminders/", reminders.reminders, name="account-reminders"),
]
