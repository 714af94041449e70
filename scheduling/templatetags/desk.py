"""The places of the desk, for the navigation of its pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from scheduling.permissions import Action, may
from scheduling.selectors.pulse import pulse

register = template.Library()
PLACES = (
    ("desk", _("Day"), Action.VIEW_BOARD),
    ("inbox", _("Inbox"), Action.WORK_ON_TASK),
    ("alerts", _("Alerts"), Action.VIEW_ALERTS),
    ("chairs", _("Chairs"), Action.VIEW_BOARD),
    ("my-day", _("My day"), Action.READ_ANSWERS),
    ("disruptions", _("Repair"), Action.CLOSE),
    ("waitlist", _("Waitlist"), Action.CLOSE),
    ("print", _("Print"), Action.VIEW_BOARD),
    ("people", _("Invite"), Action.INVITE_PATIENT),
    ("education-pages", _("Pages"), Action.EDIT_PAGES),
    ("reports", _("Reports"), Action.VIEW_REPORTS),
    ("setup", _("Set up"), Action.EDIT_CLINIC),
)


@register.simple_tag(takes_context=True)
def desk_places(context: Context) -> list[dict[str, Any]]:
    """Where the reader may go, with how much waits there. One query, none where the page has asked
    already."""
    request = context["request"]
    heart = context.get("pulse") or pulse(request.user)
    counts = {"inbox": ("tasks", heart.tasks), "alerts": ("alerts", heart.alerts)}
    places = []
    for name, words, action in PLACES:
        if not may(request.user, action):
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        what, count = counts.get(name, ("", 0))
        here = request.path == url or (name != "desk" and request.path.startswith(url))
        places.append(
            {
                "url": url,
                "words": words,
                "here": here,
                "name": what,
                "count": count,
                "warn": name == "alerts",
            }
        )
    return places
