"""How far a patient has come with their reading, for the panel of a course."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from education.progress import items_of
from scheduling.models import CarePlan
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def course_reading(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """How far a patient has come with their reading: a part of the course's panel."""
    rows = CarePlan.objects.select_related("site", "protocol_version")
    plan = get_object_or_404(rows, pk=plan_id)
    items = items_of(plan, settings.LANGUAGE_CODE, timezone.now())
    context = {"items": items, "done": sum(item.clear for item in items)}
    return render_at(request, plan.site, "education/desk/reading.html", context)
