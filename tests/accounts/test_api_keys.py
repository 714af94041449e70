"""A key signs its owner in, while it and the owner stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from rest_framework.request import Request

from accounts.api_keys import ApiKeyAuthentication
from accounts.models import ApiKey, Patient
from scheduling.operations.actor import Actor
from tests.factories import make_patient, make_user

pytestmark = pytest.mark.django_db


def status(key: str) -> int:
    client = Client(headers={"Authorization": f"Token {key}"})
    return client.get("/api/v1/appointments/").status_code


def revoke(key: ApiKey) -> None:
    key.revoked_at = timezone.now()
    key.save()


def end(key: ApiKey) -> None:
    key.expires_at = timezone.now()
    key.save()


def dismiss(key: ApiKey) -> None:
    key.user.is_active = False
    key.user.save()


def test_a_key_signs_its_owner_in_until_its_end() -> None:
    user = make_user("ada@example.org")
    soon = timezone.now() + timedelta(minutes=1)

    assert status(ApiKey.issue(user)) == 200
    assert status(ApiKey.issue(user, expires_at=soon)) == 200


@pytest.mark.parametrize("over", [revoke, end, dismiss])
def test_a_key_that_is_over_signs_nobody_in(over: Callable[[ApiKey], None]) -> None:
    secret = ApiKey.issue(make_user("ada@example.org"))

    over(ApiKey.objects.get())

    assert status(secret) == 401


@pytest.mark.parametrize("secret", ["", "unknown", "two words"])
def test_another_key_signs_nobody_in(secret: str) -> None:
    ApiKey.issue(make_user("ada@example.org"))

    assert status(secret) == 401


def test_a_patient_with_a_key_acts_for_themselves() -> None:
    ada = make_patient(user=make_user("ada@example.org"))
    request = Request(RequestFactory().get("/", headers={"Authorization": key_of(ada)}))

    user, _ = ApiKeyAuthentication().authenticate(request) or (None, None)

    assert user == ada.user
    assert Actor.of(user).patient_id == ada.pk


def key_of(patient: Patient) -> str:
    return f"Token {ApiKey.issue(patient.user)}"
