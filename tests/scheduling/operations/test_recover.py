"""Whoever is locked out comes back by one code, from somebody who may give it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import Patient, RecoveryCode, User
from scheduling.core.refusals import Code, Refused
from scheduling.models import Event
from scheduling.operations.actor import Actor
from scheduling.operations.recover import (
    VALID,
    find_locked_out,
    give_patient_code,
    give_staff_code,
    use_code,
)
from tests.factories import NOW, make_patient, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "seven calm rivers run"
ADA = "ada@example.org"


def ada() -> Patient:
    return make_patient("Ada", "Byron", user=make_user(ADA, password=PASSWORD))


def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def manager() -> Actor:
    return Actor.of(make_user("mona@example.org", "manager"))


def ask(actor: Actor, family_name: str, birth_date: date) -> Patient | None:
    return find_locked_out(
        actor=actor,
        email="Ada@Example.org",
        family_name=family_name,
        birth_date=birth_date,
        now=NOW,
    )


def test_name_and_birth_date_find_the_patient_however_the_name_is_typed() -> None:
    patient = ada()

    assert ask(desk(), "  BYRON ", date(1980, 1, 1)) == patient


@pytest.mark.parametrize(
    ("family_name", "birth_date"), [("Byron", date(1980, 1, 2)), ("Ada", date(1980, 1, 1))]
)
def test_one_wrong_answer_finds_nobody_and_is_written_down(
    family_name: str, birth_date: date
) -> None:
    patient, actor = ada(), desk()

    assert ask(actor, family_name, birth_date) is None

    refused = Event.objects.get()
    assert (refused.verb, refused.patient, refused.actor) == (
        "recovery_refused",
        patient,
        actor.user,
    )


def test_a_code_works_once_and_every_old_way_in_is_gone() -> None:
    patient = ada()
    make_totp(patient.user)
    code = give_patient_code(actor=desk(), patient=patient, now=NOW)
    before = patient.user.get_session_auth_hash()

    user = use_code(email=ADA, code=code, now=NOW)

    assert user == patient.user
    assert not user.has_usable_password()
    assert not Authenticator.objects.filter(user=user).exists()
    assert user.get_session_auth_hash() != before  # which ends every other session
    assert use_code(email=ADA, code=code, now=NOW) is None
    assert list(Event.objects.values_list("verb", "patient")) == [
        ("recovery_given", patient.pk),
        ("recovered", patient.pk),
    ]


def make_totp(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})


def test_a_code_nobody_used_changes_nothing() -> None:
    patient = ada()

    give_patient_code(actor=desk(), patient=patient, now=NOW)

    assert User.objects.get(pk=patient.user_id).check_password(PASSWORD)


def test_a_code_ends_after_half_an_hour() -> None:
    code = give_patient_code(actor=desk(), patient=ada(), now=NOW)

    assert use_code(email=ADA, code=code, now=NOW + VALID) is None
    assert use_code(email=ADA, code=code, now=NOW + VALID - timedelta(seconds=1))


def test_a_code_ends_with_the_next_one() -> None:
    actor, patient = desk(), ada()
    first = give_patient_code(actor=actor, patient=patient, now=NOW)
    second = give_patient_code(actor=actor, patient=patient, now=NOW)

    assert use_code(email=ADA, code=first, now=NOW) is None
    assert use_code(email=ADA, code=second, now=NOW)


def test_a_code_may_be_typed_as_it_was_heard() -> None:
    code = give_patient_code(actor=desk(), patient=ada(), now=NOW)
    heard = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert use_code(email=" ADA@example.org ", code=heard, now=NOW)


def test_a_code_is_its_owners_alone() -> None:
    code = give_patient_code(actor=desk(), patient=ada(), now=NOW)
    make_user("eve@example.org")

    for email in ("eve@example.org", "nobody@example.org"):
        assert use_code(email=email, code=code, now=NOW) is None
    assert code not in str(RecoveryCode.objects.values().get())


def test_somebody_who_left_gets_no_way_back() -> None:
    patient = ada()
    code = give_patient_code(actor=desk(), patient=patient, now=NOW)
    User.objects.filter(pk=patient.user_id).update(is_active=False)

    assert use_code(email=ADA, code=code, now=NOW) is None
    assert ask(manager(), "Byron", date(1980, 1, 1)) is None


class TestColleague:
    def test_a_manager_gives_a_code_to_another(self) -> None:
        quinn = make_user("quinn@example.org", "nurse", password=PASSWORD)

        code = give_staff_code(actor=manager(), user=quinn, now=NOW)

        assert use_code(email="quinn@example.org", code=code, now=NOW) == quinn
        assert not Authenticator.objects.filter(user=quinn).exists()

    def test_no_manager_gives_one_to_themselves(self) -> None:
        actor = manager()
        assert actor.user

        with pytest.raises(Refused) as refused:
            give_staff_code(actor=actor, user=actor.user, now=NOW)

        assert [one.code for one in refused.value.refusals] == [Code.NOT_ALLOWED]

    @pytest.mark.parametrize("role", ["front_desk", "nurse", "clinician", "prescriber"])
    def test_nobody_else_gives_one(self, role: str) -> None:
        actor = Actor.of(make_user("tess@example.org", role))

        with pytest.raises(Refused):
            give_staff_code(actor=actor, user=make_user("q@example.org", "nurse"), now=NOW)

        assert not RecoveryCode.objects.exists()

    def test_the_desk_gives_none_to_a_colleague_who_is_a_patient_too(self) -> None:
        quinn = make_user(ADA, "nurse")
        patient, actor = make_patient("Ada", "Byron", user=quinn), desk()

        assert ask(actor, "Byron", date(1980, 1, 1)) is None
        with pytest.raises(Refused):
            give_patient_code(actor=actor, patient=patient, now=NOW)


@pytest.mark.parametrize("role", ["nurse", "clinician", "prescriber"])
def test_only_the_desk_and_managers_help_patients(role: str) -> None:
    actor, patient = Actor.of(make_user("tess@example.org", role)), ada()

    with pytest.raises(Refused):
        ask(actor, "Byron", date(1980, 1, 1))
    with pytest.raises(Refused):
        give_patient_code(actor=actor, patient=patient, now=NOW)
