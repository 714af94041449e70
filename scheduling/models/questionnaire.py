"""What a patient answered in a questionnaire [FHIR: QuestionnaireResponse]."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from scheduling.models.care_plan import CarePlan


class QuestionnaireResponse(models.Model):
    """One questionnaire or form at one moment of a course (`core.moments`).

    The key follows from course and moment, so that there is one, whoever types first. `answers`
    are kept as they are typed; once it is completed the row stands as it is: the database refuses
    any change. `score` stays null for a form of which only is kept that it was done.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, related_name="questionnaire_responses"
    )
    questionnaire = models.SlugField(max_length=40, db_index=False)
    version = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=8, blank=True)
    moment = models.CharField(max_length=120)
    answers = models.JSONField(default=dict, blank=True)
    score = models.SmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["completed_at", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["care_plan", "moment"], name="response_once"),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(completed_at__isnull=False),
                name="response_scored_when_completed",
            ),
        ]

    def __str__(self) -> str:
        return f"response {self.pk}"

    @classmethod
    def key_of(cls, care_plan: CarePlan, moment: str) -> uuid.UUID:
        """The primary key of the response of that moment."""
        return uuid.uuid5(care_plan.pk, moment)
