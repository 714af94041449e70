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


def gates_of(care_plan: CarePlan, session: dict[str, Any] | None) -> list[Gate]:
    """The gates of the course and of its next session, soonest first. One query."""
    wanted = Q(care_plan=care_plan, appointment=None)
    if session is not None:
        wanted |= Q(appointment=session["id"])
    return list(Gate.objects.filter(wanted).order_by("due_at", "code"))


def open_ones(gates: list[Gate], now: datetime) -> list[dict[str, Any]]:
    """What is still to be done, in words."""
    return [
        {
            "code": gate.code,
            "words": WORDS[gate.code],
            "due": gate.due_at,
            "over": gate.due_at is not None and gate.due_at < now,
        }
        for gate in gates
        if gate.status == GateStatus.OPEN
    ]


def ride_noted(gates: list[Gate]) -> bool | None:
    """Whether somebody is noted who takes the patient home; None where nobody has to."""
    return next((gate.status != GateStatus.OPEN for gate in gates if gate.code == "ride"), None)
