"""A consent: signed once, word for word, never on a day of treatment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduling.consents import loading
from scheduling.consents.loading import FOLDER, load_consents, read_consent
from scheduling.core.refusals import Code, Refused
from scheduling.models import CarePlan, ConsentSignature, Event, Gate, Service
from scheduling.operations import sign_consent as operation
from scheduling.operations.actor import Actor
from scheduling.operations.sign_consent import ask_again, sign_consent
from scheduling.protocols.parsing import ProtocolError
from scheduling.selectors import consents
from scheduling.selectors.consents import consent_of, fingerprint_of, words_of
from tests.factories import NOW, Clinic, make_patient, make_user
from tests.scheduling.operations.care import actor, load_clinic, make_course, make_infusion

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    """Ada's course, its consent open, her first infusion in a week."""
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    make_infusion(plan, clinic, "inf.1", NOW + timedelta(days=7))
    Gate.objects.create(care_plan=plan, code="consent")
    return plan


def sign(
    plan: CarePlan, name: str = "Ada Byron", who: Actor | None = None, **changed: object
) -> ConsentSignature:
    document = consent_of(plan)
    assert document
    shown = fingerprint_of(document.title, words_of(plan, document))
    sent = {"shown": shown, "now": NOW} | changed
    by = who or Actor.of(plan.patient.user)
    return sign_consent(actor=by, care_plan=plan, document=document, name=name, **sent)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[Code]:
    return [one.code for one in refused.value.refusals]


def test_signing_keeps_every_word_and_closes_the_gate(plan: CarePlan) -> None:
    signed = sign(plan, "  Ada 🦋 בירון  ")

    assert signed.name == "Ada 🦋 בירון"
    assert fingerprint_of(signed.title, signed.text) == signed.fingerprint
    words = str(signed.text)
    assert "off-label" in words
    assert "Off-label: the FDA has not approved ketamine for depression." in words
    assert Gate.objects.get().status == "closed"
    assert Event.objects.get(verb="consent_signed").facts == {"document": "treatment", "version": 1}


def test_signing_twice_is_signing_once(plan: CarePlan) -> None:
    assert sign(plan) == sign(plan, "Somebody Else")

    assert ConsentSignature.objects.get().name == "Ada Byron"


@pytest.mark.parametrize("hours", [2, -2])
def test_nothing_is_signed_on_a_day_of_treatment(
    plan: CarePlan, clinic: Clinic, hours: int
) -> None:
    make_infusion(plan, clinic, "inf.2", NOW + timedelta(hours=hours))

    with pytest.raises(Refused) as refused:
        sign(plan)

    assert codes(refused) == [Code.TREATMENT_DAY]
    assert sign(plan, now=NOW + timedelta(days=1))


def test_words_that_changed_while_they_were_read_are_read_again(plan: CarePlan) -> None:
    with pytest.raises(Refused) as refused:
        sign(plan, "", shown="f" * 64)

    assert codes(refused) == [Code.STALE, Code.UNKNOWN]
    assert Gate.objects.get().status == "open"


@pytest.mark.parametrize("role", ["front_desk", "nurse", "prescriber", "manager", "patient"])
def test_nobody_signs_for_another(plan: CarePlan, role: str) -> None:
    with pytest.raises(Refused) as refused:
        sign(plan, who=actor(role))

    assert codes(refused) == [Code.NOT_ALLOWED]


def test_a_new_version_asks_again_only_where_it_says_so(
    plan: CarePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(plan)
    newer = [
        replace(one, version=2, asks_again=False) if one.slug == "treatment" else one
        for one in load_consents()
    ]
    publish(monkeypatch, newer)
    assert ask_again(NOW) == 0

    publish(monkeypatch, [replace(one, asks_again=True) for one in newer])
    assert ask_again(NOW) == 1
    assert ask_again(NOW) == 0
    assert Gate.objects.get().status == "open"
    sign(plan)

    assert Gate.objects.get().status == "closed"
    assert [one.version for one in ConsentSignature.objects.all()] == [1, 2]


def publish(monkeypatch: pytest.MonkeyPatch, documents: list[loading.ConsentDocument]) -> None:
    """Other documents than those in the folder."""
    for module in (consents, operation):
        monkeypatch.setattr(module, "load_consents", lambda: tuple(documents))


def test_a_translation_is_shown_once_it_is_approved_and_as_new(
    plan: CarePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = next(one for one in load_consents() if one.slug == "treatment")
    for version, approved, expected in [(1, True, "es"), (1, False, "en"), (0, True, "en")]:
        spanish = replace(original, language="es", version=version, approved=approved)
        publish(monkeypatch, [original, spanish])
        found = consent_of(plan, "es")
        assert found
        assert found.language == expected


def test_every_treatment_has_one_consent_that_covers_it(plan: CarePlan) -> None:
    treatments = set(Service.objects.filter(treatment=True).values_list("slug", flat=True))
    covered = [service for one in load_consents() for service in one.covers]

    assert sorted(covered) == sorted(treatments)


def test_a_mistake_is_told_with_its_line() -> None:
    text = (FOLDER / "treatment.en.yaml").read_text(encoding="utf-8")

    with pytest.raises(ProtocolError) as caught:
        read_consent(text.replace("covers: [", "cover: ["), "treatment.en.yaml")

    assert "treatment.en.yaml:5: unknown key cover" in str(caught.value)
