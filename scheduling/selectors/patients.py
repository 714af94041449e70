"""Patients by what somebody says on the telephone."""

from __future__ import annotations

import re
import unicodedata

from django.db.models import F, Func, Q, QuerySet, TextField
from django.db.models.functions import Lower

from accounts.models import Patient

MOST_WORDS = 5
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
"""A date as it is said in the United States: month, day, year."""


class Words(Func):
    """Everything a patient can be found by, in one line; the database keeps an index of it."""

    function = "patient_words"
    output_field = TextField()

    def __init__(self) -> None:
        names = ("given_name", "family_name", "preferred_name", "email", "phone", "birth_date")
        super().__init__(*(F(name) for name in names))


def matching(rows: QuerySet[Patient], said: str) -> QuerySet[Patient]:
    """Every word must begin a name, the address or the birth date (1980-01, or 1/31/1980), or be
    found among the digits of the phone. Accents and capitals do not count."""
    found = Q()
    for word in said.split()[:MOST_WORDS]:
        found &= _found(word)
    known = rows.annotate(words=Words()).filter(found)
    return known.order_by(Lower("family_name"), Lower("given_name"), "pk")


def alike(given_name: str, family_name: str, birth_date: object, phone: str) -> QuerySet[Patient]:
    """Patients who may be the same person: born on that day, of that name, or with that phone."""
    same = Q(given_name__iexact=given_name.strip(), family_name__iexact=family_name.strip())
    if birth_date:
        same |= Q(birth_date=birth_date)
    digits = _digits(phone)
    rows = Patient.objects.filter(visitor_key=None, merged_into=None).annotate(words=Words())
    if len(digits) >= 7:
        same |= Q(words__contains=digits)
    return rows.filter(same).order_by("family_name", "given_name")


def _found(word: str) -> Q:
    date = SLASHED.fullmatch(word)
    if date:
        month, day, year = (int(part) for part in date.groups())
        return Q(words__contains=f" {year:04}-{month:02}-{day:02}")
    letters = plain(word)
    found = Q(words__contains=f" {letters}") if letters else Q(pk__in=[])
    digits = _digits(word)
    if len(digits) >= 4:
        found |= Q(words__contains=digits)
    return found


def plain(word: str) -> str:
    """Capitals without accents, as `patient_words` writes them."""
    apart = unicodedata.normalize("NFD", word.replace("\0", ""))
    return "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f").upper()


def _digits(said: str) -> str:
    return "".join(letter for letter in said if letter in "0123456789")
