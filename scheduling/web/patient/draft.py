"""One proposal week by week, before anything is held: any session can be changed, the rest follows.

Every change is a new draft with an address of its own, so that the back button takes it back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheduling import proposals
from scheduling.core.refusals import Code, Refused
from scheduling.selectors import course_drafts
from scheduling.selectors.course_drafts import Draft
from scheduling.web import words
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import cards, kept, month
from scheduling.web.patient.access import chosen_start
from scheduling.web.patient.book import back_to_plans, own_patient
from scheduling.web.patient.glimpse import by_week
from scheduling.web.patient.throttle import throttled
from scheduling.web.tell import tell


@require_POST
def open_draft(request: HttpRequest) -> HttpResponse:
    """Look inside a proposal."""
    token = request.POST.get("proposal", "")
    search = request.POST.get("search", "")
    try:
        proposals.read(token, timezone.now())
    except Refused as refused:
        tell(request, refused, timezone.get_default_timezone_name())
        return back_to_plans(request, search)
    known = search if kept.find(request, kept.SEARCHES, search) else ""
    draft = kept.keep(request, kept.DRAFTS, {"token": token, "search": known, "was": ""})
    return redirect("draft", draft)


@require_safe
@throttled
def draft(request: HttpRequest, name: str) -> HttpResponse:
    """The plan week by week, and what the last change has moved."""
    found = _find(request, name)
    if isinstance(found, HttpResponse):
        return found
    stored, current = found
    site = current.offer.site
    result = course_drafts.as_offered(current)
    card = cards.card(result, result.answer.proposals[0], site)
    context = {
        "name": name,
        "stored": stored,
        "token": stored["token"],
        "card": card,
        "weeks": by_week(card["sessions"]),
        "changes": _changes(request, stored["was"], card["sessions"]),
    }
    return render_at(request, site, "scheduling/patient/draft.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@throttled
def change(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Days and starts to which one session (counted by time) can go; after a choice a new draft."""
    found = _find(request, name)
    if isinstance(found, HttpResponse):
        return found
    stored, current = found
    site, now = current.offer.site, current.now
    ordered = sorted(current.current.values(), key=lambda one: (one.start, one.step))
    if not 1 <= number <= len(ordered):
        return redirect("draft", name)
    result = course_drafts.as_offered(current)
    session = cards.card(result, result.answer.proposals[0], site)["sessions"][number - 1]
    context: dict[str, Any] = {"name": name, "number": number, "session": session, "site": site}
    start = chosen_start(request) if request.method == "POST" else None
    if start is not None:
        try:
            moved = course_drafts.moved(current, session["step"], start)
        except Refused as refused:
            context["refusals"] = [
                words.sentence(refusal, site.timezone, words.in_search(result))
                for refusal in refused.refusals
            ]
        else:
            token = moved.token(moved.answer.proposals[0])
            new = {"token": token, "search": stored["search"], "was": name}
            return redirect("draft", kept.keep(request, kept.DRAFTS, new))
    asked = month.asked_for(request, around=session["start"], now=now, zone=site.timezone)
    starts = course_drafts.starts_of(current, session["step"], asked.start, asked.end)
    context["month"] = asked.context(starts, session["start"])
    return render_at(request, site, "scheduling/patient/draft_change.html", context)


def _find(request: HttpRequest, name: str) -> tuple[dict[str, Any], Draft] | HttpResponse:
    """The stored draft and the course it stands for; where it is over, the way on."""
    stored = kept.find(request, kept.DRAFTS, name)
    if stored is None:
        messages.info(request, _("That plan is not open any more. Please choose a course again."))
        return redirect("book")
    now = timezone.now()
    try:
        offer = proposals.read(stored["token"], now)
        return stored, course_drafts.draft_of(offer, patient=own_patient(request), now=now)
    except Refused as refused:
        if refused.refusals[0].code == Code.PROPOSAL_EXPIRED:
            messages.info(request, _("We looked for times again, because the others were too old."))
        else:
            tell(request, refused, timezone.get_default_timezone_name())
        return back_to_plans(request, stored["search"])


def _changes(
    request: HttpRequest, was: str, sessions: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What differs from the draft before: each moved session with its old and its new start."""
    before = kept.find(request, kept.DRAFTS, was) if was else None
    if before is None:
        return []
    try:
        offer = proposals.read(before["token"], timezone.now())
    except Refused:
        return []
    starts: dict[str, datetime] = {one.step: one.start for one in offer.sessions}
    return [
        session | {"before": starts[session["step"]]}
        for session in sessions
        if session["step"] in starts and starts[session["step"]] != session["start"]
    ]
