"""Every word is there in Spanish, with the same gaps to fill, and pages are shown in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template.defaultfilters import date
from django.test import Client
from django.utils.translation import override

from config import messages
from scheduling.selectors.consents import consent_of, fingerprint_of, words_of
from tests.factories import make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course

GAPS = re.compile(r"%\(\w+\)[sd]")
TAGS = re.compile(r"<[^>]+>")


def parts(words: str | tuple[str, ...]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def test_nothing_is_left_untranslated_and_nothing_is_left_over() -> None:
    wanted = {message.id for message in messages.gather() if message.id}
    have = {one.id: one for one in messages.read("es") if one.id}

    # `make messages` brings the catalogue in line; somebody translates what is new.
    assert wanted - have.keys() == set()
    assert have.keys() - wanted == set()
    assert [one.id for one in have.values() if one.fuzzy or not all(parts(one.string))] == []


def test_every_translation_has_the_gaps_and_links_of_its_original() -> None:
    for one in filter(lambda one: one.id, messages.read("es")):
        originals, translated = parts(one.id), parts(one.string)
        for number, words in enumerate(translated):
            original = originals[min(number, len(originals) - 1)]
            assert set(GAPS.findall(words)) == set(GAPS.findall(original)), original
            assert sorted(TAGS.findall(words)) == sorted(TAGS.findall(original)), original


def test_the_catalogue_is_compiled_with_python_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    original = messages.LOCALES / "es" / "LC_MESSAGES" / "django.po"
    (folder / "django.po").write_bytes(original.read_bytes())
    monkeypatch.setattr(messages, "LOCALES", tmp_path)

    messages.compile_all()

    assert (folder / "django.mo").stat().st_size > 10_000
    assert [file.name for file in folder.iterdir()].count("django.mo") == 1


@pytest.mark.django_db
def test_the_reader_chooses_and_the_account_keeps_it() -> None:
    load_clinic()
    ada = make_user("ada@example.org")
    browser = Client()
    browser.force_login(ada)

    was = {"Referer": "http://testserver/book/"}
    away = browser.post("/account/language/", {"language": "es"}, headers=was)

    assert away["Location"] == "http://testserver/book/"
    page = browser.get("/book/").content.decode()
    assert '<html lang="es"' in page
    assert "Seis infusiones para la depresión que no ha respondido" in page
    assert "Esta traducción espera una revisión clínica." in page
    ada.refresh_from_db()
    assert ada.language == "es"

    elsewhere = Client()
    elsewhere.force_login(ada)
    assert '<html lang="es"' in elsewhere.get("/courses/").content.decode()


@pytest.mark.parametrize(
    ("asked", "goes"),
    [("//evil.example/", "/"), ("https://evil.example/", "/"), ("", "/")],
)
@pytest.mark.django_db
def test_the_choice_leads_nowhere_else(asked: str, goes: str) -> None:
    answer = Client().post("/account/language/", {"language": "xx"}, headers={"Referer": asked})

    assert answer["Location"] == goes
    assert "django_language" not in answer.cookies


@pytest.mark.django_db
def test_a_browser_that_asks_for_spanish_reads_the_crisis_numbers_in_it() -> None:
    page = Client().get("/", headers={"Accept-Language": "es-US,es;q=0.9"}).content.decode()

    assert "para español, oprima 2" in page
    assert 'href="tel:988"' in page


@pytest.mark.django_db
def test_a_consent_stays_in_the_language_that_was_approved() -> None:
    plan = make_course(make_patient(), load_clinic())
    document = consent_of(plan, "es")
    assert document
    assert document.language == "en"

    with override("es"):
        read = words_of(plan, document)

    assert fingerprint_of("x", read) == fingerprint_of("x", words_of(plan, document))


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "Tuesday 24 November, 09:30"), ("es", "martes 24 de noviembre, 09:30")],
)
def test_dates_are_written_as_the_language_writes_them(language: str, written: str) -> None:
    with override(language):
        assert (
            date(datetime(2026, 11, 24, 9, 30, tzinfo=UTC), "l j F, H:i").lower() == written.lower()
        )
