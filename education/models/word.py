"""The words that stand on pages: what a mistyped word may have meant."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SearchWord(models.Model):
    """`plain` is the word in small letters without accents, `word` as it stands on a page."""

    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    plain = models.CharField(max_length=40)
    word = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "plain"], name="search_word_once"),
        ]

    def __str__(self) -> str:
        return self.word
