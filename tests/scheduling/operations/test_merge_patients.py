"""Two records of one person: everything moves, and everything goes back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Patient
from accounts.operations import contact_consent
from scheduling.core.refusals import Code, Refused
from scheduling.core.roles import Role
from scheduling.models import Appointment, CarePlan, Event, Service, StaffTask, WaitlistEntry
from scheduling.operations.merge_patients import merge_patients, merges_of, unmerge_patients
from scheduling.operations.staff_tasks import open_task
from scheduling.querysets import patient_for, patients_for
from tests.factories import NOW, Clinic, at, make_patient, make_user
from tests.scheduling.operations.care import (
    actor,
    load_clinic,
    make_course,
    make_infusion,
    make_talk,
)
from tests.scheduling.operations.waiting import wait

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = at("2026-12-07 09:00")


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


def owners() -> set[object]:
    """Whose the visits are, by every table that says so."""
    return {
        *Appointment.objects.values_list("patient", flat=True),
        *Appointment.objects.values_list("patient_time__patient", flat=True),
        *CarePlan.objects.values_list("patient", flat=True),
        *StaffTask.objects.values_list("patient", flat=True),
    }


def test_everything_moves_and_comes_back(clinic: Clinic) -> None:
    keep = make_patient("Ada", "Byron", phone="", birth_date=None)
    twin = make_patient("A.", "Byron", phone="303 555 0101", birth_date=date(1980, 1, 1))
    make_infusion(make_course(twin, clinic), clinic, "inf.1", MONDAY)
    open_task("call_back", Role.FRONT_DESK, site=clinic.site, patient=twin, now=NOW)
    desk = actor("front_desk")

    merged = merge_patients(actor=desk, keep=keep, duplicate=twin, now=NOW)

    keep.refresh_from_db()
    assert owners() == {keep.pk}
    assert (keep.phone, keep.birth_date) == ("303 555 0101", date(1980, 1, 1))
    staff = make_user("", "front_desk")
    assert list(patients_for(staff)) == [keep]
    assert patient_for(staff, twin.pk) is None

    unmerge_patients(actor=desk, merged=merged, now=NOW)

    keep.refresh_from_db()
    assert owners() == {twin.pk}
    assert (keep.phone, keep.birth_date) == ("", None)
    assert merges_of(keep) == []
    assert patient_for(staff, twin.pk) == twin


def test_who_waits_twice_waits_once(clinic: Clinic) -> None:
    keep, twin = make_patient("Ada", "Byron"), make_patient("A.", "Byron")
    desk = actor("front_desk")
    for one in (keep, twin):
        wait(clinic.site, one, by=desk)
    counselling = Service.objects.get(slug="counselling")
    other = wait(clinic.site, twin, service=counselling, by=desk)

    merge_patients(actor=desk, keep=keep, duplicate=twin, now=NOW)

    waits = WaitlistEntry.objects.filter(status="waiting")
    assert set(waits.values_list("patient", flat=True)) == {keep.pk}
    assert waits.count() == 2
    assert other in waits


def test_what_came_after_the_merge_stays(clinic: Clinic) -> None:
    keep, twin = make_patient("Ada", "Byron"), make_patient("A.", "Byron")
    plan = make_course(twin, clinic)
    make_talk(plan, clinic, "prep.1", MONDAY)
    desk = actor("front_desk")
    merged = merge_patients(actor=desk, keep=keep, duplicate=twin, now=NOW)
    later = make_course(keep, clinic)

    unmerge_patients(actor=desk, merged=merged, now=NOW)

    later.refresh_from_db()
    assert later.patient == keep


def test_visits_in_each_others_way_are_refused_and_nothing_moves(clinic: Clinic) -> None:
    keep, twin = make_patient("Ada", "Byron"), make_patient("A.", "Byron")
    make_talk(make_course(keep, clinic), clinic, "prep.1", MONDAY)
    other = make_course(twin, clinic)
    make_infusion(other, clinic, "inf.1", MONDAY - timedelta(minutes=30))

    with pytest.raises(Refused) as refused:
        merge_patients(actor=actor("front_desk"), keep=keep, duplicate=twin, now=NOW)

    assert [one.code for one in refused.value.refusals] == [Code.PATIENT_BUSY]
    other.refresh_from_db()
    assert other.patient == twin
    assert not Event.objects.filter(verb="patients_merged").exists()


def test_who_signs_in_keeps_signing_in_and_two_who_do_are_not_merged(clinic: Clinic) -> None:
    ada = make_user("ada@example.org")
    keep, twin = make_patient("Ada", "Byron"), make_patient("A.", "Byron", user=ada)
    desk = actor("front_desk")

    merge_patients(actor=desk, keep=keep, duplicate=twin, now=NOW)

    keep.refresh_from_db()
    assert keep.user == ada
    third = make_patient("Ada", "B.", user=make_user("a2@example.org"))
    with pytest.raises(Refused):
        merge_patients(actor=desk, keep=keep, duplicate=third, now=NOW)


@pytest.mark.parametrize("role", ["patient", "nurse", "clinician", "prescriber"])
def test_only_desk_and_managers_merge(clinic: Clinic, role: str) -> None:
    keep, twin = make_patient("Ada", "Byron"), make_patient("A.", "Byron")

    with pytest.raises(Refused):
        merge_patients(actor=actor(role), keep=keep, duplicate=twin, now=NOW)
    assert not Patient.objects.exclude(merged_into=None).exists()


def test_one_yes_to_mail_is_enough(clinic: Clinic) -> None:
    keep, twin = make_patient("Ada", "Byron"), make_patient("A.", "Byron")
    for patient, address in ((keep, "ada@example.org"), (twin, "a@example.org")):
        contact_consent.give(
            patient=patient, purpose="email_appointments", address=address, now=NOW
        )

    merge_patients(actor=actor("manager"), keep=keep, duplicate=twin, now=NOW)

    assert [one.address for one in keep.contact_consents.all()] == ["ada@example.org"]
