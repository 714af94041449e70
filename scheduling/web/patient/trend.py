"""How the scores went: a drawing, and a table that says the same."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.assurance import strong_session_required
from scheduling.core.questionnaires import Questionnaire, band
from scheduling.models import CarePlan, QuestionnaireResponse
from scheduling.questionnaires.loading import questionnaire
from scheduling.selectors.forms import scores_of
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import own_plan

WIDTH, HEIGHT, EDGE = 320, 140, 12
"""Of the drawing, in its own units; the page scales it."""


@login_required
@require_safe
def trend(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The patient's own scores, oldest first."""
    return _show(request, care_plan=own_plan(request, plan_id))


@strong_session_required
def _show(request: HttpRequest, *, care_plan: CarePlan) -> HttpResponse:
    context = {"plan": care_plan, "site": care_plan.site, "trends": trends_of(care_plan)}
    return render_at(request, care_plan.site, "scheduling/patient/trend.html", context)


def trends_of(care_plan: CarePlan) -> list[dict[str, Any]]:
    """Each questionnaire with its scores, and where they lie in the drawing. One query."""
    found = []
    for slug, rows in scores_of(care_plan).items():
        asked = questionnaire(slug)
        if asked is not None:
            found.append(_trend(asked, rows))
    return found


def _trend(asked: Questionnaire, rows: list[QuestionnaireResponse]) -> dict[str, Any]:
    scores = [
        {"at": row.completed_at, "score": row.score, "band": band(asked, row.score or 0)}
        for row in rows
    ]
    points = _points(asked, rows)
    return {
        "id": asked.slug,
        "title": asked.title,
        "lowest": asked.lowest,
        "highest": asked.highest,
        "rows": scores,
        "bands": any(score["band"] for score in scores),
        "first": scores[0],
        "last": scores[-1],
        "points": points,
        "line": " ".join(f"{x},{y}" for x, y in points),
        "width": WIDTH,
        "height": HEIGHT,
    }


def _points(asked: Questionnaire, rows: list[QuestionnaireResponse]) -> list[tuple[int, int]]:
    """Time runs to the right, the score upwards from the lowest to the highest possible."""
    times = [row.completed_at.timestamp() for row in rows if row.completed_at]
    span = (times[-1] - times[0]) or 1
    range_of_scores = asked.highest - asked.lowest
    return [
        (
            round(EDGE + (WIDTH - 2 * EDGE) * (at - times[0]) / span),
            round(
                HEIGHT
                - EDGE
                - (HEIGHT - 2 * EDGE) * ((row.score or 0) - asked.lowest) / range_of_scores
            ),
        )
        for at, row in zip(times, rows, strict=True)
    ]
