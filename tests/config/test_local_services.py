"""The private servers, each test with an installation of its own."""

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config import local
from config.local import places as places_module
from config.local import postgres

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A short path that every user may enter; pytest's own folders are closed to others."""
    path = Path(tempfile.mkdtemp(prefix="clinic-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def packages_for_all(open_folder: Path) -> Path:
    """The servers' binaries where every user reaches them, wherever this checkout lies."""
    packages = open_folder / "packages"
    for name in places_module.SERVER_PACKAGES:
        source = places_module.INSTALLED / name
        if source.is_dir():
            shutil.copytree(source, packages / name, symlinks=True)
    subprocess.run(["chmod", "-R", "go+rX", packages], check=True)
    return packages


@pytest.fixture
def places(open_folder: Path) -> Iterator[local.Places]:
    places = local.find_places(open_folder)
    yield places
    cleanup(places)


def cleanup(places: local.Places) -> None:
    local.stop(places)
    for folder in (places.data, places.sockets, places.var):
        shutil.rmtree(folder, ignore_errors=True)


def connect(places: local.Places) -> psycopg.Connection[tuple[object, ...]]:
    url = local.database_url(places, "postgres", database="postgres")
    return psycopg.connect(url, autocommit=True)


def test_start_find_stop(places: local.Places) -> None:
    assert local.status(places) == {"PostgreSQL": False, "Valkey": False}

    assert local.start(places) == ["PostgreSQL", "Valkey"]
    assert local.start(places) == []
    assert local.status(places) == {"PostgreSQL": True, "Valkey": True}

    local.stop(places)
    assert local.status(places) == {"PostgreSQL": False, "Valkey": False}
    local.stop(places)


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_commits_are_durable(places: local.Places, setting: str) -> None:
    local.start(places, redis=False)
    with connect(places) as connection:
        assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_only_sockets_of_the_servers_user_are_opened(places: local.Places) -> None:
    local.start(places)
    process = postgres.server_process(places)
    assert process is not None
    assert process.username() != "root"
    assert [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN] == []
    assert places.sockets.stat().st_mode & 0o077 == 0


def test_processes_that_start_at_once_share_the_servers(places: local.Places) -> None:
    program = (
        "import sys; from pathlib import Path; from config import local;"
        "print(local.start(local.find_places(Path(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", program, str(places.var.parent)]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(lambda _: subprocess.check_output(command, text=True), range(4)))

    assert sorted(outputs) == ["['PostgreSQL', 'Valkey']\n", "[]\n", "[]\n", "[]\n"]


def test_committed_rows_survive_kill_9(places: local.Places) -> None:
    local.start(places)
    with connect(places) as connection:
        connection.execute("CREATE TABLE visit (id int)")
        connection.execute("INSERT INTO visit VALUES (1)")
    with redis.Redis.from_url(local.redis_url(places)) as client:
        client.set("visit", "1")
        valkey_pid = client.info("server")["process_id"]

    process = postgres.server_process(places)
    assert process is not None
    process.kill()
    os.kill(valkey_pid, signal.SIGKILL)
    psutil.wait_procs([process], timeout=5)

    assert local.start(places) == ["PostgreSQL", "Valkey"]
    with connect(places) as connection:
        assert connection.execute("SELECT id FROM visit").fetchall() == [(1,)]


def test_a_dead_servers_number_may_belong_to_another_process(places: local.Places) -> None:
    local.start(places, redis=False)
    local.stop(places)
    # As after a restart of the machine: the file names a live process of the servers' own user.
    identity = {key: value for key, value in places.run_as().items() if key != "umask"}
    with subprocess.Popen(["sleep", "60"], **identity) as other:
        pid_file = postgres.data_directory(places) / "postmaster.pid"
        socket_lock = places.sockets / ".s.PGSQL.5432.lock"
        for path in (pid_file, socket_lock):
            path.write_text(f"{other.pid}\n{postgres.data_directory(places)}\n")
            places.give(path)

        assert local.start(places, redis=False) == ["PostgreSQL"]
        local.stop(places)

        assert other.poll() is None, "the innocent process was stopped"
        other.kill()


def test_an_interrupted_first_start_is_begun_anew(places: local.Places) -> None:
    places.prepare()
    unfinished = places.data / "postgresql-18.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")

    assert local.start(places, redis=False) == ["PostgreSQL"]


def test_a_path_too_long_for_a_socket_moves_the_sockets(
    open_folder: Path, packages_for_all: Path
) -> None:
    checkout = open_folder / ("a" * 60) / ("b" * 60)
    checkout.mkdir(parents=True)
    for folder in (checkout, checkout.parent):
        folder.chmod(0o755)
    places = local.find_places(checkout, packages_for_all)
    assert places.data == checkout / "var"
    assert places.sockets.parent == Path("/tmp")
    try:
        assert local.start(places) == ["PostgreSQL", "Valkey"]
    finally:
        cleanup(places)


def test_a_private_folder_laid_by_somebody_else_is_refused(
    open_folder: Path, packages_for_all: Path
) -> None:
    places = local.find_places(open_folder, packages_for_all)
    places = dataclasses.replace(places, sockets=open_folder / "sockets")
    (open_folder / "sockets").symlink_to("/etc")
    with pytest.raises(local.LocalServiceError, match="not a private folder of ours"):
        local.start(places)


def test_a_file_in_the_way_is_said_plainly(open_folder: Path) -> None:
    checkout = open_folder / "missing"
    with pytest.raises(local.LocalServiceError, match=r"missing/var cannot be made \(No such"):
        local.start(local.find_places(checkout))


def test_a_server_that_does_not_start_tells_why(places: local.Places) -> None:
    local.start(places, redis=False)
    local.stop(places)
    (postgres.data_directory(places) / "PG_VERSION").write_text("9\n")
    with pytest.raises(local.LocalServiceError, match="files are incompatible with server"):
        local.start(places, redis=False)


def test_closed_checkout_of_root_moves_the_data(open_folder: Path) -> None:
    """A clone in root's home, which only root may enter, stays closed."""
    checkout = open_folder / "home" / "clone"
    checkout.mkdir(parents=True)
    checkout.parent.chmod(0o700)
    places = local.find_places(checkout)
    if not AS_ROOT:
        assert not places.moved
        return
    try:
        assert places.moved
        assert places == local.find_places(checkout), "the place is the same next time"
        assert local.start(places) == ["PostgreSQL", "Valkey"]
        assert places.data.stat().st_mode & 0o777 == 0o700
        assert checkout.parent.stat().st_mode & 0o777 == 0o700
        assert str(checkout) in places.explanation()
    finally:
        cleanup(places)


def in_another_users_process(action: str, checkout: Path, packages: Path) -> str:
    """Run `action` on the checkout as `nobody`, in a child that keeps our loaded modules."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            places = local.find_places(checkout, packages)
            result = str({"start": local.start, "stop": local.stop}[action](places))
        except local.LocalServiceError as error:
            result = str(error)
        os.write(write, result.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        result = pipe.read()
    os.waitpid(child, 0)
    return result


@pytest.mark.usefixtures("as_root")
def test_a_normal_user_runs_servers_of_its_own(open_folder: Path, packages_for_all: Path) -> None:
    checkout = open_folder / "clone"
    checkout.mkdir()
    os.chown(checkout, 65534, 65534)

    started = in_another_users_process("start", checkout, packages_for_all)
    status = local.status(local.find_places(checkout, packages_for_all))
    in_another_users_process("stop", checkout, packages_for_all)

    assert started == "['PostgreSQL', 'Valkey']"
    assert status == {"PostgreSQL": True, "Valkey": True}


@pytest.mark.usefixtures("as_root")
def test_another_users_checkout_is_refused(open_folder: Path, packages_for_all: Path) -> None:
    checkout = open_folder / "clone"
    (checkout / "var").mkdir(parents=True)
    (checkout / "var").chmod(0o700)

    said = in_another_users_process("start", checkout, packages_for_all)

    assert "belongs to another user" in said
    assert "set DATABASE_URL and REDIS_URL" in said


@pytest.fixture
def as_root() -> None:
    if not AS_ROOT:
        pytest.skip("only root can become another user")


def test_services_command_stops_what_it_started_on_ctrl_c(places: local.Places) -> None:
    program = (
        "import os, sys, django; from pathlib import Path; from django.conf import settings;"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; from config import local;"
        "settings.LOCAL_PLACES = local.find_places(Path(sys.argv[1])); django.setup();"
        "from django.core.management import call_command; call_command('services')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(places.var.parent)],
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        assert "DATABASE_URL=" in command.stdout.readline()
        while "Ctrl-C ends this" not in command.stdout.readline():
            time.sleep(0)
        assert local.status(places) == {"PostgreSQL": True, "Valkey": True}
        command.send_signal(signal.SIGINT)
        assert command.wait(timeout=20) == 0
    assert local.status(places) == {"PostgreSQL": False, "Valkey": False}
