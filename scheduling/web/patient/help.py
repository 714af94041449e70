"""Help for somebody who may be in danger, and when a person reads what they wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scheduling.models import CarePlan, Escalation
from scheduling.selectors.opening_hours import opens_at


def help_for(care_plan: CarePlan, now: datetime) -> dict[str, Any]:
    """Whether an alert is open: the numbers to call stay until a person has been in touch; and
    when somebody reads it: at once while the clinic is open, else when it opens."""
    opens = opens_at(care_plan.site, now)
    return {
        "help": Escalation.objects.filter(patient=care_plan.patient, ended_at=None).exists(),
        "site": care_plan.site,
        "open_now": opens == now,
        "opens_at": opens,
    }
