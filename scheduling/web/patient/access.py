"""Whose course is it, and as whom does the reader act."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Patient
from scheduling.core.refusals import Refused
from scheduling.models import CarePlan
from scheduling.operations.actor import Actor
from scheduling.operations.claim import claim
from scheduling.querysets import care_plans_for
from scheduling.web.patient import visitor
from scheduling.web.patient.rows import GONE
from scheduling.web.tell import tell


def find_plan(
    request: HttpRequest, plan_id: uuid.UUID, *, over: bool = False
) -> tuple[CarePlan, Actor]:
    """The plan, if this person may see it, and as whom they act. Raises Http404, also for a hold
    that has ended, unless `over` asks for these too."""
    holder, actor = whose(request)
    rows = care_plans_for(request.user) if holder is None else holder.care_plans.all()
    found = rows.select_related("site", "patient", "protocol_version").filter(pk=plan_id).first()
    if found is None or (found.status in GONE and not over):
        raise Http404
    return found, actor


def own_plan(request: HttpRequest, plan_id: uuid.UUID) -> CarePlan:
    """The reader's own plan. Raises Http404; PermissionDenied for staff, who have other pages."""
    care_plan, actor = find_plan(request, plan_id)
    if actor.staff:
        raise PermissionDenied
    return care_plan


def whose(request: HttpRequest) -> tuple[Patient | None, Actor]:
    """The visitor whose holds this browser has, if it is one, and as whom the reader acts.

    Somebody who has just signed in takes their holds along. Where a session of their own stands in
    the way they are told, and go on as the visitor. Raises Http404 for a browser that has nothing.
    """
    holder = visitor.find(request)
    if request.user.is_authenticated:
        if holder is not None:
            try:
                claim(visitor_patient=holder, user=request.user, now=timezone.now())
            except Refused as refused:
                tell(request, refused, timezone.get_default_timezone_name())
                return holder, Actor.visitor(holder)
        return None, Actor.of(request.user)
    if holder is None:
        raise Http404
    return holder, Actor.visitor(holder)


def version(request: HttpRequest) -> int:
    """The version the reader saw; 0, which never matches, where the form was tampered with."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0


def chosen_start(request: HttpRequest) -> datetime | None:
    """The start that a button sent; None for anything else, which asks again."""
    try:
        start = parse_datetime(request.POST.get("start", ""))
    except ValueError:
        return None
    if start is None or timezone.is_naive(start) or not 2000 < start.year < 2100:
        return None
    return start
