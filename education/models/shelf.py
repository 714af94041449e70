"""What pages cite and explain."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Source(models.Model):
    """A publication, by the short name that pages cite it with. `from_memory`: nobody has looked
    it up, so nothing may rest on it alone. `edited`: the clinic's own; releases leave it alone."""

    key = models.CharField(max_length=40, primary_key=True)
    citation = models.TextField()
    address = models.URLField(max_length=500, blank=True)
    from_memory = models.BooleanField(default=False)
    seen = models.CharField(max_length=40, blank=True)
    edited = models.BooleanField(default=False)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class Term(models.Model):
    """A word of the glossary in one language. `edited`: the clinic's own, as with sources."""

    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    term = models.CharField(max_length=80)
    definition = models.TextField()
    sources = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    edited = models.BooleanField(default=False)

    class Meta:
        ordering = ["language", "term"]
        constraints = [
            models.UniqueConstraint("language", models.functions.Lower("term"), name="term_once"),
        ]

    def __str__(self) -> str:
        return self.term
