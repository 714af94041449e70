"""Files become pages: once, again without effect, and never over what the clinic has published."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from education.loading import load_library
from education.models import Edition, Page, PageVersion, SearchWord, Source, Term
from education.operations.cite import put_source, put_term
from education.operations.publish import mark_of, publish_page, roll_back
from education.store import store
from scheduling.operations.actor import Actor
from tests.education.conftest import FOLDER
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "pages"))


def load(folder: Path) -> list[str]:
    return store(load_library(folder), NOW)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def page(slug: str = "depression", language: str = "en") -> Page:
    return Page.objects.select_related("published").get(slug=slug, language=language)


def test_the_first_time_everything_is_added(folder: Path) -> None:
    done = load(folder)

    assert [line for line in done if line.startswith("page")] == [
        "page en/depression: version 1",
        "page en/safety-and-side-effects: version 1",
        "page en/your-first-day: version 1",
        "page es/depression: version 1",
    ]
    assert Source.objects.count() == 3
    assert Source.objects.get(key="Ana23").address == "https://doi.org/10.1056/NEJMoa2302399"
    assert Term.objects.count() == 3
    assert page().title == "Ketamine and depression"


def test_again_it_changes_nothing(folder: Path) -> None:
    load(folder)
    before = list(Page.objects.values()), list(SearchWord.objects.values()), Edition.objects.get()

    assert load(folder) == []
    after = list(Page.objects.values()), list(SearchWord.objects.values()), Edition.objects.get()
    assert before == after


def test_a_changed_file_is_a_new_version_and_the_old_one_stays(folder: Path) -> None:
    load(folder)
    change(folder / "en/depression.md", "55 in 100", "56 in 100")

    assert load(folder) == ["page en/depression: version 2"]
    assert page().published.number == 2  # type: ignore[union-attr]
    assert "55 in 100" in page().versions.get(number=1).text
    assert "56 in 100" in page().words


def test_what_the_clinic_publishes_outlives_a_release_that_brings_nothing_new(
    folder: Path,
) -> None:
    load(folder)
    manager = Actor.of(make_user("", "manager"))
    text = page().published.text.replace("55 in 100", "half")  # type: ignore[union-attr]
    publish_page(
        actor=manager,
        language="en",
        slug="depression",
        text=text,
        seen=mark_of(page()),
        today=date(2026, 11, 23),
        now=NOW,
    )

    assert load(folder) == []
    assert "half had a" in page().published.text  # type: ignore[union-attr]

    change(folder / "en/depression.md", "55 in 100", "57 in 100")
    load(folder)
    assert "57 in 100" in page().published.text  # type: ignore[union-attr]
    roll_back(
        actor=manager,
        version=PageVersion.objects.get(page=page(), number=2),
        seen=mark_of(page()),
        now=NOW,
    )
    assert load(folder) == [], "going back outlives the next release as well"
    assert page().published.number == 2  # type: ignore[union-attr]


def test_a_page_that_left_the_files_is_taken_in_but_not_the_clinics_own(folder: Path) -> None:
    load(folder)
    publish_page(
        actor=Actor.of(make_user("", "manager")),
        language="es",
        slug="safety-and-side-effects",
        text=page("depression", "es").published.text,  # type: ignore[union-attr]
        seen="",
        today=date(2026, 11, 23),
        now=NOW,
    )
    (folder / "es/depression.md").unlink()

    assert load(folder) == ["page es/depression: taken in"]
    assert page("depression", "es").published is None
    assert page("safety-and-side-effects", "es").published is not None


def test_sources_and_words_of_the_clinics_own_are_left_alone(folder: Path) -> None:
    load(folder)
    manager = Actor.of(make_user("", "manager"))
    put_source(actor=manager, key="Ana23", citation="Ours", address="https://a.example", now=NOW)
    put_term(actor=manager, language="en", term="Chair", definition="Where you rest.", now=NOW)
    change(folder / "sources.yaml", "As remembered", "As I remember")
    change(folder / "glossary.en.yaml", "the label", "its label")

    assert load(folder) == ["source Guess: changed", "term en/off-label: changed"]
    assert Source.objects.get(key="Ana23").citation == "Ours"
    assert Term.objects.filter(term="Chair").exists()


def test_every_mistake_is_told_and_nothing_is_changed(folder: Path) -> None:
    change(folder / "en/depression.md", "[@Ana23] It is", "It is")
    change(folder / "es/depression.md", "[[respuesta]]", "[[sedación]]")
    (folder / "en/your-first-day.md").write_text("no front matter")

    with pytest.raises(CommandError) as told:
        call_command("load_pages", folder=folder, verbosity=0)
    for words in (
        "en/depression.md:16: a source is missing: “A [[response]] is not a cure.”",
        "es/depression.md:16: the glossary does not explain sedación",
        "en/your-first-day.md:1: a page begins with front matter",
    ):
        assert words in str(told.value)
    assert not Page.objects.exists()
    with pytest.raises(CommandError, match=r"sources.yaml is missing"):
        call_command("load_pages", folder=folder / "en", verbosity=0)


def test_a_wording_stands_whoever_would_change_it(library: None) -> None:
    for statement in (
        lambda: PageVersion.objects.update(text="other"),
        lambda: PageVersion.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
            statement()
