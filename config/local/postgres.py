"""The local PostgreSQL 18: make a cluster, start, find, stop.

`pg_ctl` detaches the server from us, so it outlives a crash of whoever started it.
"""

import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from config.local.places import LocalServiceError, Places

START_SECONDS = 60
SUPERUSER = "postgres"
CONFIGURATION = """\
# Written anew at every start. Durability (fsync, synchronous_commit, full_page_writes) is left on.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
# Neither values nor statements with values in them are written to the log.
log_error_verbosity = terse
log_min_error_statement = panic
"""


def data_directory(places: Places) -> Path:
    return places.data / "postgresql-18"


def url(places: Places, user: str, *, database: str = "tremedy") -> str:
    """The address of `database` for `user`; a unix socket asks for no password."""
    return f"postgresql://{user}@{quote(str(places.sockets), safe='')}/{database}"


def answers(places: Places) -> bool:
    """Whether the server takes connections now."""
    try:
        psycopg.connect(url(places, SUPERUSER, database="postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def start(places: Places) -> None:
    """Start the server, after making the cluster where there is none. The caller holds the lock.

    Raises LocalServiceError with the end of the server's own words.
    """
    data = data_directory(places)
    if not data.exists():
        make_cluster(places, data)
    configuration = data / "postgresql.conf"
    configuration.write_text(CONFIGURATION.format(sockets=str(places.sockets).replace("'", "''")))
    give_up_at = time.monotonic() + START_SECONDS
    while not answers(places):
        problem = "it is still starting or stopping"  # as after somebody's `pg_ctl` was cut off
        if server_process(places) is None:
            problem = launch(places, data)
        # A killed server's backends take a moment to notice, and hold its memory until then.
        passing = not problem or "still" in problem  # "shared memory block ... is still in use"
        if not passing or time.monotonic() > give_up_at:
            raise LocalServiceError(f"PostgreSQL does not start: {problem}")
        time.sleep(0.1)


def launch(places: Places, data: Path) -> str:
    """Start the server once; return what it said where it ended at once."""
    forget_reused_number(places)
    log = data / "start.log"
    log.unlink(missing_ok=True)
    seconds = str(START_SECONDS)
    if not run(places, "pg_ctl", "start", "-w", "-t", seconds, "-D", data, "-l", log):
        return ""
    return "\n".join(log.read_text().splitlines()[-5:]) if log.exists() else "pg_ctl failed"


def stop(places: Places) -> None:
    """Stop the server, ending its sessions and writing a checkpoint."""
    if server_process(places) is not None:
        problem = run(places, "pg_ctl", "stop", "-w", "-m", "fast", "-D", data_directory(places))
        if problem:
            raise LocalServiceError(f"PostgreSQL does not stop: {problem}")


def make_cluster(places: Places, data: Path) -> None:
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    places.give(unfinished)
    problem = run(
        places, "initdb", "-D", unfinished, "-U", SUPERUSER, "--encoding=UTF8",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        "--auth-local=trust", "--auth-host=scram-sha-256", "--data-checksums",
    )  # fmt: skip
    if problem:
        raise LocalServiceError(f"initdb failed: {problem}")
    unfinished.rename(data)


def server_process(places: Places) -> psutil.Process | None:
    """The live server of this cluster.

    The number in its pid file proves nothing: after a crash it may belong to anybody.
    """
    data = data_directory(places)
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
        if process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline():
            return process
    except (FileNotFoundError, ValueError, psutil.Error):
        pass
    return None


def forget_reused_number(places: Places) -> None:
    """Remove pid files of a dead server whose number another process has got since.

    PostgreSQL would take that process for itself. A number nobody has it handles well alone.
    """
    for path in (
        data_directory(places) / "postmaster.pid",
        places.sockets / ".s.PGSQL.5432.lock",
    ):
        try:
            if psutil.pid_exists(int(path.read_text().split("\n", 1)[0])):
                path.unlink()
        except (FileNotFoundError, ValueError):
            pass


def run(places: Places, program: str, *arguments: str | Path) -> str:
    """Run one of PostgreSQL's programs; return what it complained about, empty on success."""
    # Only a file can take the output: the server inherits it and would keep a pipe open for ever.
    log = places.data / f"{program}.log"
    with log.open("w+") as output:
        done = subprocess.run(  # noqa: S603 - our own binaries and paths
            [places.postgres_bin / program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A server must not see our PG* variables, nor our test runner's.
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            **places.run_as(),
        )
        output.seek(0)
        return output.read().strip() if done.returncode else ""
