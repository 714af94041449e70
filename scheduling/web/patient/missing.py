"""What is still needed before a session, and by when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models import CarePlan, Gate, GateStatus

WORDS = {
    "clearance": _("A prescriber has to see you and agree to the treatment."),
    "consent": _("You read and sign the consent, with a prescriber to answer your questions."),
    "screening": _("A nurse asks you safety questions on the day."),
    "questionnaire": _("You fill in a short questionnaire."),
    "education": _("You read how to prepare."),
    "ride": _(
        "Somebody takes you home. You cannot drive until the next day, after a night's sleep."
    ),
    "fasting": _(
        "You do not eat or drink before, as the clinic told you. A nurse asks on the day."
    ),
    "rems": _("You and the clinic sign up for the safety program of this medicine."),
}


def open_gates(care_plan: CarePlan, session: dict[str, Any] | None, now: datetime) -> list[Any]:
    """The open gates of the course and of its next session, soonest first. One query."""
    wanted = Q(care_plan=care_plan, appointment=None)
    if session is not None:
        wanted |= Q(appointment=session["id"])
    gates = Gate.objects.filter(wanted, status=GateStatus.OPEN).order_by("due_at", "code")
    return [
        {
            "code": gate.code,
            "words": WORDS[gate.code],
            "due": gate.due_at,
            "over": gate.due_at is not None and gate.due_at < now,
        }
        for gate in gates
    ]
