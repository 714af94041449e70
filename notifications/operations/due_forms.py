"""Patients are told once when questions wait for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from notifications.compose.forms import open_forms
from notifications.core.due import after_quiet
from notifications.core.kinds import Kind
from notifications.models import Message
from scheduling.models import CarePlan, CarePlanStatus

AROUND = timedelta(days=45)
"""No questionnaire opens further from a session than this."""

SETTLED = timedelta(days=1)


def write_due_forms(now: datetime) -> int:
    """Write a message for each course with questions that have opened, one a course and day of
    opening however many forms there are; return how many. May run twice."""
    messages = [message for plan in _plans(now) for message in _messages(plan, now)]
    Message.objects.bulk_create(messages, ignore_conflicts=True)  # message_once
    return len(messages)


def _plans(now: datetime) -> Iterator[CarePlan]:
    plans = CarePlan.objects.filter(
        status__in=[CarePlanStatus.ACTIVE, CarePlanStatus.COMPLETED],
        appointments__start__range=(now - AROUND, now + AROUND),
    )
    yield from (
        plans.distinct()
        .select_related("site", "protocol_version", "patient")
        .prefetch_related("appointments", "questionnaire_responses")
        .iterator(chunk_size=200)
    )


def _messages(plan: CarePlan, now: datetime) -> Iterator[Message]:
    for day in sorted({one.moment.opens for one in open_forms(plan, now)}):
        yield Message(
            kind=Kind.QUESTIONNAIRE,
            patient_id=plan.patient_id,
            site_id=plan.site_id,
            care_plan=plan,
            topic=day.isoformat(),
            # Whoever has just booked has a mail already: the questions follow a day later.
            due_at=after_quiet(max(now, plan.created_at + SETTLED), plan.site.timezone),
        )
