"""Patients by what somebody says on the telephone."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Patient


def matching(rows: QuerySet[Patient], said: str) -> QuerySet[Patient]:
    """Every word must begin a name, or be found in the address, the phone or the birth date."""
    for word in said.split()[:5]:
        found = (
            Q(given_name__istartswith=word)
            | Q(family_name__istartswith=word)
            | Q(preferred_name__istartswith=word)
            | Q(given_name__icontains=f" {word}")
            | Q(family_name__icontains=f" {word}")
            | Q(email__istartswith=word)
        )
        if sum(letter.isdigit() for letter in word) >= 4:
            found |= Q(phone__contains=word) | Q(birth_date__contains=word)
        rows = rows.filter(found)
    return rows.order_by(Lower("family_name"), Lower("given_name"), "pk")
