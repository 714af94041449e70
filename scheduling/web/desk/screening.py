"""What a patient answered, for the clinician who talks with them."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from scheduling.core.screening import MEDICINES, Question, flagged
from scheduling.models import Screening
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.patient.screening import REPLIES, WORDS


@for_whom_may(Action.READ_ANSWERS)
@require_safe
def screening(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The answers, what a clinician should ask about first."""
    rows = Screening.objects.select_related("care_plan__patient", "care_plan__site")
    found = get_object_or_404(rows, care_plan=plan_id)
    flags = flagged(found.answers)
    ordered = [*flags, *(one for one in Question if one not in flags)]
    context = {
        "screening": found,
        "patient": found.care_plan.patient,
        "answers": [
            {
                "words": WORDS[one],
                "reply": REPLIES.get(found.answers.get(one)),
                "flagged": one in flags,
            }
            for one in ordered
        ],
        "medicines": found.answers.get(MEDICINES, ""),
    }
    return render_at(request, found.care_plan.site, "scheduling/desk/screening.html", context)
