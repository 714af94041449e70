"""Whether anything that public pages show has changed."""

from __future__ import annotations

from django.db import models


class Edition(models.Model):
    """One row. Triggers put another `mark` into it with every transaction that changes what public
    pages are made of; no two transactions ever have the same."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    mark = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="edition_once")]

    def __str__(self) -> str:
        return str(self.mark)
