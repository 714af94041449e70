from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_every_lasting_container_has_a_health_check() -> None:
    services = compose()["services"]
    assert {name for name, service in services.items() if "healthcheck" not in service} == {
        "migrate"
    }


def test_only_migrations_hold_the_owners_password() -> None:
    holders = {
        name
        for name, service in compose()["services"].items()
        if "DATABASE_OWNER_URL" in service.get("environment", {})
    }
    assert holders == {"migrate"}


def test_a_release_brings_what_is_to_be_booked_and_read() -> None:
    whole = [
        "migrate_database",
        "load_protocols",
        "load_pages",
    ]
    line = " && ".join(f"python manage.py {name}" for name in whole)
    assert compose()["services"]["migrate"]["command"] == ["sh", "-c", line]
    assert f"release: {line}\n" in (ROOT / "Procfile").read_text()


def test_postgresql_18_keeps_its_data_on_the_volume() -> None:
    postgres = compose()["services"]["postgres"]
    assert postgres["image"] == "postgres:18"
    # From 18 on the image keeps a folder per major version below this one.
    assert postgres["volumes"] == ["postgres:/var/lib/postgresql"]


def test_pins_name_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "--hash=sha256:" in text, path.name
        for foreign in ("://", "--index", "--find-links", "file:"):
            assert foreign not in text, path.name
