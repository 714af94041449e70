"""Everybody sees what is theirs; staff see the clinic; nobody else sees anything."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Role
from scheduling.models import StaffTask
from scheduling.querysets import (
    appointments_for,
    care_plans_for,
    patient_for,
    patients_for,
    staff_tasks_for,
)
from tests.factories import (
    at,
    make_appointment,
    make_care_plan,
    make_patient,
    make_person,
    make_service,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_a_patient_sees_only_their_own() -> None:
    site = make_site()
    therapist = make_person(site, "Tess", "therapist")
    talk = make_service("therapy")
    ada_login, bob_login = make_user(), make_user()
    ada, bob = make_patient("Ada", user=ada_login), make_patient("Bob", user=bob_login)
    plan = make_care_plan(ada, site)
    visit = make_appointment(ada, talk, site, at("2026-12-01 09:00"), [therapist])

    assert list(patients_for(ada_login)) == [ada]
    assert list(care_plans_for(ada_login)) == [plan]
    assert list(appointments_for(ada_login)) == [visit]
    assert list(patients_for(bob_login)) == [bob]
    assert not care_plans_for(bob_login).exists()
    assert not appointments_for(bob_login).exists()


@pytest.mark.parametrize("role", Role.values)
def test_staff_see_the_clinic_but_not_visitors(role: str) -> None:
    site = make_site()
    ada = make_patient("Ada")
    make_patient("", "", visitor_key="hash of a browser's secret")
    plan = make_care_plan(ada, site)
    visit = make_appointment(
        ada,
        make_service("therapy"),
        site,
        at("2026-12-01 09:00"),
        [make_person(site, "Tess", "therapist")],
    )
    user = make_user("", role)

    assert list(patients_for(user)) == [ada]
    assert list(care_plans_for(user)) == [plan]
    assert list(appointments_for(user)) == [visit]


def test_nobody_signed_in_sees_nothing() -> None:
    site = make_site()
    make_care_plan(make_patient("Ada"), site)
    make_patient("", "", visitor_key="hash of a browser's secret")
    left = make_user("", "manager")
    left.is_active = False

    for user in (AnonymousUser(), left):
        assert not patients_for(user).exists()
        assert not care_plans_for(user).exists()
        assert not appointments_for(user).exists()
        assert not staff_tasks_for(user).exists()


def test_tasks_are_seen_by_their_role_and_by_the_desk() -> None:
    site = make_site()
    for role in ("nurse", "prescriber"):
        StaffTask.objects.create(site=site, kind=f"for_{role}", role=role)

    seen = {
        role: set(staff_tasks_for(make_user("", role)).values_list("role", flat=True))
        for role in Role.values
    }

    assert seen == {
        "front_desk": {"nurse", "prescriber"},
        "nurse": {"nurse"},
        "clinician": set(),
        "prescriber": {"prescriber"},
        "manager": {"nurse", "prescriber"},
    }
    assert not staff_tasks_for(make_user()).exists()


@pytest.mark.parametrize("role", ["stranger", "patient", *Role.values])
def test_one_patient_is_found_by_whom_sees_them_among_all(role: str) -> None:
    """`patient_for` is written out for speed: it must say what `patients_for` says."""
    login = make_user("ada@example.org")
    ada = make_patient("Ada", user=login)
    asks = {"stranger": AnonymousUser(), "patient": login}.get(role) or make_user("", role)
    for one in (ada, make_patient("Bob"), make_patient("Visitor", visitor_key="not known yet")):
        assert patient_for(asks, one.pk) == patients_for(asks).filter(pk=one.pk).first()
