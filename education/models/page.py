"""Pages and their wordings."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now


class Page(models.Model):
    """One page in one language; the same page in another language has the same slug.

    `published` is what the public reads, null for none. The columns below it are its own, taken
    from the text so that pages can be listed and found; they change with it only.
    """

    slug = models.SlugField(max_length=60, db_index=False)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    published = models.ForeignKey(
        "PageVersion", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    published_at = models.DateTimeField(null=True, blank=True)
    title = models.CharField(max_length=120, blank=True)
    summary = models.CharField(max_length=160, blank=True)
    topic = models.CharField(max_length=20, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    words = models.TextField(blank=True)
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        ordering = ["language", "topic", "order", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "language"], name="page_once"),
            models.CheckConstraint(
                condition=models.Q(published=None) | models.Q(published_at__isnull=False),
                name="page_published_at_a_time",
            ),
        ]
        indexes = [GinIndex(fields=["search"], name="page_search")]

    def __str__(self) -> str:
        return f"{self.language}/{self.slug}"


class PageVersion(models.Model):
    """One wording, as its author wrote it: front matter and Markdown. The database refuses to
    change or delete it. `created_by` null: it came with a release."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["page", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="page_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.page_id} v{self.number}"
