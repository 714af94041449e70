"""The fixed cast, at the fixed hour of `tests.factories.NOW`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from accounts.models import Patient
from scheduling.core.roles import Role
from tests.factories import NOW, make_patient, make_user
from tests.scheduling.api.caller import Caller


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def owner_patient(db: None) -> Patient:
    """Ada Byron, who has a login."""
    return make_patient(user=make_user("ada@example.org", name="Ada Byron"))


@pytest.fixture
def owner(owner_patient: Patient) -> Caller:
    return Caller(owner_patient.user)


@pytest.fixture
def stranger(db: None) -> Caller:
    """Another patient."""
    login = make_user("otto@example.org", name="Otto Olsen")
    make_patient("Otto", "Olsen", user=login)
    return Caller(login)


@pytest.fixture
def front_desk(db: None) -> Caller:
    return Caller(make_user("desk@example.org", Role.FRONT_DESK, name="Fran Desk"))


@pytest.fixture
def nurse(db: None) -> Caller:
    return Caller(make_user("nurse@example.org", Role.NURSE, name="Nora Nurse"))


@pytest.fixture
def clinician(db: None) -> Caller:
    return Caller(make_user("clinician@example.org", Role.CLINICIAN, name="Clea Therapist"))


@pytest.fixture
def prescriber(db: None) -> Caller:
    return Caller(make_user("prescriber@example.org", Role.PRESCRIBER, name="Dr Pat"))


@pytest.fixture
def manager(db: None) -> Caller:
    return Caller(make_user("manager@example.org", Role.MANAGER, name="Mo Manager"))


@pytest.fixture
def anonymous(db: None) -> Caller:
    return Caller()
