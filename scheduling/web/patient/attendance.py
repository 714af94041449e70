"""A patient says that they will come. Who cannot come goes on to the page that cancels."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Attendance
from scheduling.operations.actor import Actor
from scheduling.operations.answer_attendance import answer_attendance
from scheduling.web.patient.session import find_session, page_of
from scheduling.web.tell import tell


@login_required
@require_POST
def attendance(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Note it for the time that the reader saw: a session that moved meanwhile is asked anew."""
    appointment, care_plan = find_session(request, appointment_id)
    seen = request.POST.get("sequence", "")
    try:
        answer_attendance(
            actor=Actor.of(cast(User, request.user)),
            appointment=appointment,
            answer=Attendance.ACCEPTED,
            sequence=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else -1,
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, appointment.site.timezone, care_plan)
    else:
        messages.success(request, _("Thank you. The clinic knows that you come."))
    return redirect(*page_of(appointment))
