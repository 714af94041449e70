"""The questions that wait for a patient."""

from __future__ import annotations

from datetime import datetime

from scheduling.models import CarePlan
from scheduling.selectors.forms import PATIENT, Form, State, forms_of


def open_forms(care_plan: CarePlan, now: datetime) -> list[Form]:
    """Those whose days have begun and that are not answered yet."""
    return [one for one in forms_of(care_plan, now, who=PATIENT) if one.state == State.OPEN]


def is_open(care_plan: CarePlan, opened_on: str, now: datetime) -> bool:
    """Whether any that opened on that local day (ISO) still waits."""
    return any(one.moment.opens.isoformat() == opened_on for one in open_forms(care_plan, now))
