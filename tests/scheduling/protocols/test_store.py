"""`load_protocols`: once, twice, after a change, after a mistake."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scheduling.models import Protocol, ProtocolVersion, Service
from scheduling.protocols.loading import FOLDER, load_library
from scheduling.protocols.reading import from_json
from scheduling.protocols.services import service_from_json
from tests.factories import make_care_plan, make_patient, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the definitions that the test may change."""
    for file in FOLDER.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def load(folder: Path = FOLDER) -> list[str]:
    load_library.cache_clear()
    out = StringIO()
    call_command("load_protocols", folder=folder, stdout=out)
    return out.getvalue().splitlines()


def test_everything_in_the_files_stands_in_the_database() -> None:
    lines = load()

    library = load_library()
    assert len(lines) == len(library.catalogue.services) + len(library.protocols)
    assert {
        row.slug: service_from_json(row.definition) for row in Service.objects.all()
    } == library.catalogue.services
    assert {
        row.protocol_id: from_json(row.definition) for row in ProtocolVersion.objects.all()
    } == library.protocols


def test_loading_twice_changes_nothing() -> None:
    load()
    before = list(Service.objects.values()), list(ProtocolVersion.objects.values())

    assert load() == ["Everything was there already."]
    assert (list(Service.objects.values()), list(ProtocolVersion.objects.values())) == before


def test_changed_content_is_a_new_version_and_plans_keep_theirs(folder: Path) -> None:
    load(folder)
    first = ProtocolVersion.objects.get(protocol="trd_iv6")
    plan = make_care_plan(make_patient(), make_site(), protocol_version=first)
    replace(folder / "trd_iv6.yaml", "summary: ", "summary: Reviewed. ")

    assert load(folder) == ["protocol trd_iv6: version 2"]

    plan.refresh_from_db()
    assert plan.protocol_version == first
    assert ProtocolVersion.objects.get(pk=first.pk).definition == first.definition
    latest = ProtocolVersion.objects.filter(protocol="trd_iv6").first()
    assert latest is not None
    assert latest.number == 2
    assert latest.definition["summary"].startswith("Reviewed. ")


def test_a_changed_service_is_brought_current(folder: Path) -> None:
    load(folder)
    replace(folder / "services.yaml", "title: Therapy session", "title: Talking therapy")

    assert load(folder) == ["service therapy: changed"]
    assert Service.objects.get(slug="therapy").title == "Talking therapy"


def test_a_protocol_that_left_the_files_is_switched_off_and_comes_back(folder: Path) -> None:
    load(folder)
    (folder / "pain_trial.yaml").rename(folder / "pain_trial.away")

    assert load(folder) == ["protocol pain_trial: switched off"]
    assert not Protocol.objects.get(slug="pain_trial").active

    (folder / "pain_trial.away").rename(folder / "pain_trial.yaml")
    load(folder)
    assert Protocol.objects.get(slug="pain_trial").active
    assert ProtocolVersion.objects.filter(protocol="pain_trial").count() == 1


def test_a_mistake_is_reported_with_file_and_line_and_changes_nothing(folder: Path) -> None:
    text = (folder / "trd_iv6.yaml").read_text()
    (folder / "trd_iv6.yaml").write_text(f"{text}\nsurprise: 1\n")
    line = len(text.splitlines()) + 2

    with pytest.raises(CommandError, match=rf"trd_iv6\.yaml:{line}: unknown key surprise"):
        load(folder)
    assert not Service.objects.exists()
    assert not Protocol.objects.exists()


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "services.yaml").unlink()

    with pytest.raises(CommandError, match=r"services\.yaml is missing"):
        load(folder)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
