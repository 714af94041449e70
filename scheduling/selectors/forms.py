"""The questionnaires and forms of a course: which are due, and which are done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from scheduling.core.moments import Moment, moments
from scheduling.core.questionnaires import Questionnaire
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, CarePlan, QuestionnaireResponse
from scheduling.questionnaires.loading import FALLBACK, questionnaire
from scheduling.selectors import protocols
from scheduling.selectors.courses import stands

PATIENT, STAFF = "patient", "staff"


class State(StrEnum):
    AHEAD = "ahead"
    OPEN = "open"
    DONE = "done"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire or form at one moment. `questionnaire` is None where only is kept that it
    was done."""

    id: UUID
    moment: Moment
    questionnaire: Questionnaire | None
    response: QuestionnaireResponse | None
    state: State

    @property
    def title(self) -> str:
        return self.questionnaire.title if self.questionnaire else self.moment.task.title


def forms_of(
    care_plan: CarePlan,
    now: datetime,
    *,
    who: str | None = None,
    language: str = FALLBACK,
    sessions: Iterable[Appointment] | None = None,
) -> list[Form]:
    """The forms of a course by day; `who` keeps those that the patient or the staff fill in.

    Two queries; one where the course's `sessions` are known, none for what is prefetched
    (`appointments`, `questionnaire_responses`).
    """
    zone = care_plan.site.timezone
    tasks = [
        task
        for task in protocols.definition_of(care_plan.protocol_version).tasks
        if who in (None, task.who)
    ]
    if not tasks:
        return []
    known_sessions = care_plan.appointments.all() if sessions is None else sessions
    days = {one.step: local_date(one.start, zone) for one in known_sessions if stands(one)}
    rows: QuerySet[QuestionnaireResponse] = care_plan.questionnaire_responses.all()
    known = {one.pk: one for one in rows}
    today = local_date(now, zone)
    found = []
    for moment in moments(tasks, days):
        key = QuestionnaireResponse.key_of(care_plan, moment.key)
        response = known.get(key)
        state = _state(moment, response, today)
        asked = questionnaire(moment.task.id, language)
        found.append(Form(key, moment, asked, response, state))
    return found


def form_of(
    care_plan: CarePlan, form_id: UUID, now: datetime, *, who: str, language: str = FALLBACK
) -> Form | None:
    """The form of that key, if the course has it now. Two queries."""
    forms = forms_of(care_plan, now, who=who, language=language)
    return next((one for one in forms if one.id == form_id), None)


def scores_of(care_plan: CarePlan) -> dict[str, list[QuestionnaireResponse]]:
    """The completed responses that have a score, by questionnaire, oldest first. One query."""
    found: dict[str, list[QuestionnaireResponse]] = {}
    rows = QuestionnaireResponse.objects.filter(care_plan=care_plan, score__isnull=False)
    for row in rows.order_by("completed_at"):
        found.setdefault(row.questionnaire, []).append(row)
    return found


def _state(moment: Moment, response: QuestionnaireResponse | None, today: date) -> State:
    if response is not None and response.completed_at is not None:
        return State.DONE
    if today < moment.opens:
        return State.AHEAD
    return State.OPEN if today <= moment.closes else State.MISSED
