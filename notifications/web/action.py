"""Links in messages that act without signing in.

Looking changes nothing, because scanners of mail look first; sending the page's form acts. There is
no session and no CSRF token: the secret in the address is the authority, another site that knew it
could as well send the form by itself, and one that does not know it has no address to send to.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rest_framework.throttling import SimpleRateThrottle

from notifications.core.standing import Standing
from notifications.models import ActionLink, Purpose
from notifications.operations import act, reminders
from notifications.operations.links import find_link, undo_secret
from scheduling.core.reasons import Cancelled
from scheduling.core.refusals import Refused
from scheduling.models import Site
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import is_late
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.book import first_site
from scheduling.web.patient.cancel import REASONS
from scheduling.web.patient.throttle import View, limited

ONE_CLICK = "One-Click"
"""RFC 8058: what a mail program sends as `List-Unsubscribe`, for its reader."""
START = "start"
OUTSIDE = {code: words for code, words in REASONS.items() if code != Cancelled.NO_RIDE}
"""A page that anybody can open who has the address says nothing of rides."""


class ActionThrottle(SimpleRateThrottle):
    """By address: nobody is signed in."""

    scope = "message_action"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        """Whose looks are counted together."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}  # type: ignore[arg-type]


def neutral(view: View[[str]]) -> View[[str]]:
    """Nobody keeps the page, finds it, or learns its address from where its links lead."""

    def dressed(request: HttpRequest, secret: str) -> HttpResponse:
        response = view(request, secret)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        patch_cache_control(response, no_store=True, private=True)
        return response

    return dressed


throttled = partial(limited, by=ActionThrottle, page="notifications/action/wait.html")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@neutral
@throttled
def action(request: HttpRequest, secret: str) -> HttpResponse:
    """What the link is for, with a button that does it; afterwards what has been done."""
    link = find_link(secret)
    if link is None:
        site = first_site()
        if site is None:
            raise Http404
        return _page(request, site, "unknown", {}, status=404)
    with translation.override(link.message.language or translation.get_language()):
        if request.method == "POST":
            return _act(request, link, secret)
        return _show(request, link, secret)


def _act(request: HttpRequest, link: ActionLink, secret: str) -> HttpResponse:
    """Do what this link is for, and nothing that is for another. A form that asks for anything else
    is answered like a look."""
    now = timezone.now()
    asked = request.POST.get("act", "")
    if link.purpose == Purpose.STOP:
        return _remind(request, link, secret, asked)
    if asked != link.purpose or act.standing_of(link, now) != Standing.OPEN:
        return _show(request, link, secret)
    try:
        if asked == Purpose.CONFIRM:
            act.confirm(link, now)
        elif asked == Purpose.UNDO:
            act.take_back(link, now)
        elif request.POST.get("reason") in OUTSIDE:
            act.call_off(link, request.POST["reason"], secret, now)
        else:
            return _show(request, link, secret, reason_missing=True, status=400)
    except Refused:
        return _after_refusal(request, secret)
    return redirect("message-action", secret)


def _after_refusal(request: HttpRequest, secret: str) -> HttpResponse:
    """Somebody was quicker, or the time is gone: say how it stands now."""
    link = find_link(secret)
    if link is None:
        raise ValueError("links are not removed")
    if act.standing_of(link, timezone.now()) == Standing.OPEN:
        return _show(request, link, secret, refused=True, status=409)
    return _show(request, link, secret)


def _remind(request: HttpRequest, link: ActionLink, secret: str, asked: str) -> HttpResponse:
    now, patient = timezone.now(), act.patient_of(link)
    one_click = request.POST.get("List-Unsubscribe") == ONE_CLICK
    if now < link.expires_at:
        if one_click or asked == Purpose.STOP:
            reminders.stop_reminders(patient=patient, site=link.message.site, now=now)
        elif asked == START:
            actor = Actor.by_message_link(patient)
            reminders.start_reminders(actor=actor, patient=patient, now=now)
    if one_click:  # a mail program wants its answer here, not where a redirect leads
        return _show(request, link, secret)
    return redirect("message-action", secret)


def _show(
    request: HttpRequest, link: ActionLink, secret: str, *, status: int = 200, **said: Any
) -> HttpResponse:
    now, one, site = timezone.now(), link.appointment, link.message.site
    standing = act.standing_of(link, now)
    context: dict[str, Any] = {"visit": one, "done": standing == Standing.DONE, "secret": secret}
    if standing in (Standing.CHANGED, Standing.EXPIRED):
        context["changed"] = standing == Standing.CHANGED
        return _page(request, site, "over", context, status=410)
    if link.purpose == Purpose.CONFIRM:
        context["visits"] = act.told_by(link)
    if one is not None and link.purpose == Purpose.CANCEL:
        context |= {
            "late": is_late(one, now),
            "hours": site.late_cancel_hours_treatment if one.treatment else site.late_cancel_hours,
            "reasons": OUTSIDE.items(),
        }
        if context["done"]:
            context |= _undo(secret)
    return _page(request, site, link.purpose, context | said, status=status)


def _undo(secret: str) -> dict[str, Any]:
    """The link that takes back what this one has cancelled, while it can."""
    key = undo_secret(secret)
    link = find_link(key)
    if link is None:
        return {}
    standing = act.standing_of(link, timezone.now())
    if standing == Standing.OPEN:
        return {"undo": key, "undo_until": link.expires_at}
    return {"undone": standing == Standing.DONE}


def _page(
    request: HttpRequest, site: Site, name: str, context: dict[str, Any], status: int
) -> HttpResponse:
    template = f"notifications/action/{name}.html"
    return render_at(request, site, template, {"site": site, **context}, status=status)
