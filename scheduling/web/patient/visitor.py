"""For whom a page books: a visitor, tied to their holds by a secret in the browser, or a user."""

from __future__ import annotations

from django.http import HttpRequest

from accounts import tokens
from accounts.models import Patient, User

SESSION_KEY = "visitor"


def find(request: HttpRequest) -> Patient | None:
    """The visitor's own row, where this browser made one and nobody has claimed it yet."""
    secret = request.session.get(SESSION_KEY)
    return Patient.objects.filter(visitor_key=tokens.digest(secret)).first() if secret else None


def find_or_create(request: HttpRequest) -> Patient:
    """The visitor's own row; a new one where there is none."""
    patient = find(request)
    if patient is None:
        secret = tokens.new_token()
        patient = Patient.objects.create(visitor_key=tokens.digest(secret))
        request.session[SESSION_KEY] = secret
    return patient


def own_record(user: User) -> Patient | None:
    """The patient's record of somebody who signed in, made when they first need one. Whoever
    works here has none unless the clinic made it."""
    if user.roles:
        return Patient.objects.filter(user=user).first()
    return Patient.objects.get_or_create(user=user, defaults={"email": user.email})[0]
