"""A link lets in once, whom it was meant for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.models import ContactConsent, Invitation, Patient, PatientStatus, User
from scheduling.core.refusals import Code, Refused
from scheduling.models import Event, StaffTask
from scheduling.operations.accept_invitation import accept_invitation
from scheduling.operations.actor import Actor
from scheduling.operations.claim_record import Claim, claim_record
from scheduling.operations.invite import invite_patient, invite_staff, revoke_invitation
from tests.factories import NOW, make_care_plan, make_patient, make_site, make_user

pytestmark = pytest.mark.django_db
BORN = date(1980, 1, 1)
ANOTHER_DAY = date(1980, 1, 2)
WEEK = timedelta(days=7)


def manager() -> Actor:
    return Actor.of(make_user("mona@example.org", "manager"))


def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def somebody(email: str = "quinn@example.org") -> User:
    user = make_user(email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def staff_link(actor: Actor | None = None) -> str:
    _, secret = invite_staff(
        actor=actor or manager(), email="Quinn@Example.org", roles=["nurse"], now=NOW
    )
    return secret


def patient_link(patient: Patient | None = None, actor: Actor | None = None) -> str:
    patient = patient or make_patient()
    _, secret = invite_patient(
        actor=actor or desk(), patient=patient, email="ada@example.org", now=NOW
    )
    return secret


class TestColleague:
    def test_the_link_gives_its_roles_once(self) -> None:
        secret, quinn = staff_link(), somebody()

        assert accept_invitation(user=quinn, secret=secret, now=NOW)
        assert not accept_invitation(user=quinn, secret=secret, now=NOW)

        quinn.refresh_from_db()
        assert quinn.roles == ["nurse"]
        assert [event.verb for event in Event.objects.all()] == ["invited", "invitation_accepted"]
        assert "quinn@" not in str(list(Event.objects.values("facts")))

    def test_roles_are_added_to_those_one_has(self) -> None:
        quinn = make_user("quinn@example.org", "clinician", "nurse", password="x" * 15)

        assert accept_invitation(user=quinn, secret=staff_link(), now=NOW)

        assert User.objects.get(pk=quinn.pk).roles == ["clinician", "nurse"]

    def test_nobody_with_another_address_uses_it(self) -> None:
        secret = staff_link()

        assert not accept_invitation(user=somebody("eve@example.org"), secret=secret, now=NOW)
        assert not accept_invitation(user=make_user("quinn@example.org"), secret=secret, now=NOW)

        assert not User.objects.filter(roles__contains=["nurse"]).exists()
        assert Invitation.objects.get().accepted_at is None

    def test_it_ends_after_a_week(self) -> None:
        secret, quinn = staff_link(), somebody()

        assert not accept_invitation(user=quinn, secret=secret, now=NOW + WEEK)

    def test_it_ends_when_it_is_taken_back(self) -> None:
        actor, quinn = manager(), somebody()
        secret = staff_link(actor)

        assert revoke_invitation(actor=actor, invitation=Invitation.objects.get(), now=NOW)

        assert not accept_invitation(user=quinn, secret=secret, now=NOW)

    def test_it_ends_with_the_next_one_to_the_same_address(self) -> None:
        actor, quinn = manager(), somebody()
        first, second = staff_link(actor), staff_link(actor)

        assert not accept_invitation(user=quinn, secret=first, now=NOW)
        assert accept_invitation(user=quinn, secret=second, now=NOW)

    def test_it_ends_when_who_sent_it_is_no_manager_any_more(self) -> None:
        actor, quinn = manager(), somebody()
        secret = staff_link(actor)
        User.objects.filter(email="mona@example.org").update(roles=["nurse"])

        assert not accept_invitation(user=quinn, secret=secret, now=NOW)

    @pytest.mark.parametrize("role", ["front_desk", "nurse", "clinician", "prescriber"])
    def test_only_managers_send_it(self, role: str) -> None:
        with pytest.raises(Refused) as refused:
            staff_link(Actor.of(make_user("tess@example.org", role)))

        assert [one.code for one in refused.value.refusals] == [Code.NOT_ALLOWED]
        assert not Invitation.objects.exists()

    def test_only_a_hash_is_stored(self) -> None:
        secret = staff_link()

        assert len(secret) >= 43  # 256 bits
        assert secret not in str(Invitation.objects.values().get())


class TestPatient:
    def test_the_link_and_the_birth_date_open_the_record(self) -> None:
        record, ada = make_patient(), make_user("ada@example.org")
        secret = patient_link(record)

        outcome = claim_record(user=ada, secret=secret, birth_date=BORN, now=NOW)

        record.refresh_from_db()
        assert (outcome, record.user) == (Claim.CLAIMED, ada)
        assert claim_record(user=ada, secret=secret, birth_date=BORN, now=NOW) == Claim.GONE
        claimed = Event.objects.get(verb="record_claimed")
        assert (claimed.actor, claimed.patient) == (ada, record)

    def test_five_wrong_dates_close_it_and_the_desk_is_asked(self) -> None:
        make_site()
        record, eve = make_patient(), make_user("eve@example.org")
        secret = patient_link(record)

        outcomes = [
            claim_record(user=eve, secret=secret, birth_date=ANOTHER_DAY, now=NOW) for _ in range(5)
        ]
        assert outcomes == [Claim.WRONG] * 4 + [Claim.CLOSED]
        assert claim_record(user=eve, secret=secret, birth_date=BORN, now=NOW) == Claim.GONE

        record.refresh_from_db()
        assert record.user is None
        task = StaffTask.objects.get()
        assert (task.kind, task.role, task.patient) == ("claim_locked", "front_desk", record)
        assert Event.objects.filter(verb="record_claim_failed", actor=eve).count() == 5

    def test_the_blank_record_from_signing_up_makes_room(self) -> None:
        record, ada = make_patient(), make_user("ada@example.org")
        make_patient("", "", user=ada, birth_date=None)
        secret = patient_link(record)

        outcome = claim_record(user=ada, secret=secret, birth_date=BORN, now=NOW)

        assert outcome == Claim.CLAIMED
        assert Patient.objects.get(user=ada) == record

    @pytest.mark.parametrize("something", ["course", "consent"])
    def test_two_records_that_hold_something_are_for_the_desk_to_join(self, something: str) -> None:
        site, record, ada = make_site(), make_patient(), make_user("ada@example.org")
        own = make_patient(user=ada)
        if something == "course":
            make_care_plan(own, site)
        else:
            ContactConsent.objects.create(
                patient=own, purpose="email_appointments", given_at=NOW, address="a@example.org"
            )
        secret = patient_link(record)

        outcome = claim_record(user=ada, secret=secret, birth_date=BORN, now=NOW)

        record.refresh_from_db()
        assert (outcome, record.user) == (Claim.ANOTHER_RECORD, None)
        assert Patient.objects.get(user=ada) == own
        assert StaffTask.objects.get().kind == "records_to_join"

    def test_a_link_for_a_colleague_opens_no_record_and_the_other_way_round(self) -> None:
        quinn = somebody()
        invited, opened = staff_link(), patient_link(make_patient())

        assert claim_record(user=quinn, secret=invited, birth_date=BORN, now=NOW) == Claim.GONE
        assert not accept_invitation(user=quinn, secret=opened, now=NOW)

    @pytest.mark.parametrize(
        "record",
        [
            {"birth_date": None},
            {"status": PatientStatus.DO_NOT_CONTACT},
            {"status": PatientStatus.DECEASED},
            {"visitor_key": "a hold of somebody unknown"},
        ],
    )
    def test_no_link_is_made_that_could_not_work_or_must_not_be_sent(
        self, record: dict[str, object]
    ) -> None:
        with pytest.raises(Refused) as refused:
            patient_link(make_patient(**record))

        assert [one.code for one in refused.value.refusals] == [Code.WRONG_STATE]

    def test_a_record_with_a_login_gets_no_link(self) -> None:
        with pytest.raises(Refused):
            patient_link(make_patient(user=make_user("ada@example.org")))

    @pytest.mark.parametrize("role", ["nurse", "clinician", "prescriber"])
    def test_only_the_desk_and_managers_send_it(self, role: str) -> None:
        with pytest.raises(Refused) as refused:
            patient_link(actor=Actor.of(make_user("tess@example.org", role)))

        assert [one.code for one in refused.value.refusals] == [Code.NOT_ALLOWED]
