"""Pages that messages lead to, and calendars."""

from __future__ import annotations

from django.urls import path

from notifications.web import action, calendar, downloads, feed, messages

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
]
