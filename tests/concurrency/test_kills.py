"""A server that dies in the middle of bookings loses nothing that was acknowledged."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import local
from scheduling.core.refusals import Code
from tests.conftest import SOAK
from tests.databases import ROOT

PROCESSES, ATTEMPTS, KILLS = (64, 40, 12) if SOAK else (6, 12, 3)


@pytest.fixture
def server() -> Iterator[Path]:
    """A folder with a PostgreSQL of its own, migrated."""
    folder = Path(tempfile.mkdtemp(prefix="clinic-", dir="/tmp"))
    folder.chmod(0o755)
    places = local.find_places(folder)
    local.start(places, redis=False)
    yield folder
    local.stop(places)
    for path in (places.data, places.sockets, folder):
        shutil.rmtree(path, ignore_errors=True)


def run(server: Path, *command: str) -> str:
    places = local.find_places(server)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": local.database_url(places, "tremedy_app"),
        "DATABASE_OWNER_URL": local.database_url(places, "tremedy_owner"),
        "DATABASE_ADMIN_URL": local.database_url(places, "postgres", database="postgres"),
        "SECRET_KEY": "only-for-this-run",
        "DEBUG": "1",
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.soak
def test_acknowledged_courses_survive_kills(server: Path) -> None:
    run(server, "manage.py", "migrate_database", "-v", "0")

    sizes = [str(number) for number in (PROCESSES, ATTEMPTS, KILLS)]
    report = json.loads(
        run(server, "-m", "tests.concurrency.under_kills", str(server), *sizes).splitlines()[-1]
    )

    print(report)
    assert set(report["damage"].values()) == {0}
    assert report["interrupted"] > 0
    assert report["kept"] == report["acknowledged"]
    assert report["sessions"] == 14 * report["acknowledged"]
    assert set(report["refused"]) <= {Code.TAKEN, Code.BUSY}


@pytest.mark.soak
def test_acknowledged_courses_survive_kills_over_http(server: Path) -> None:
    run(server, "manage.py", "migrate_database", "-v", "0")

    sizes = [str(number) for number in (PROCESSES, ATTEMPTS, KILLS)]
    report = json.loads(
        run(server, "-m", "tests.concurrency.http_under_kills", str(server), *sizes).splitlines()[
            -1
        ]
    )

    print(report)
    assert set(report["damage"].values()) == {0}
    assert report["interrupted"] > 0
    assert set(report["answers"]) <= {"dropped", "503", "409"}
    assert report["kept"] == report["active"] == report["acknowledged"] > 0
    assert report["sessions"] == 14 * report["acknowledged"]
    assert set(report["refused"]) <= {Code.TAKEN, Code.BUSY}
