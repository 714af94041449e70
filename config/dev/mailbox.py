"""Messages as files in one folder: the sink writes them, the pages read them, newest first."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

KEPT = 500
SUFFIX = ".eml"


@dataclass(frozen=True, slots=True)
class Kept:
    """A message as it arrived. `key` names it in addresses; `at` is when it came, in UTC."""

    key: str
    at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def sender(self) -> str:
        return str(self.message.get("From", ""))

    @property
    def recipient(self) -> str:
        return str(self.message.get("To", ""))

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def calendars(self) -> list[tuple[str, str]]:
        """Each calendar part: its method and its content."""
        return [
            (str(part.get_param("method") or ""), part.get_content())
            for part in self.message.walk()
            if part.get_content_type() == "text/calendar"
        ]

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


def keep(folder: Path, raw: bytes) -> str:
    """Write one message and return its key; the oldest beyond `KEPT` are dropped."""
    folder.mkdir(parents=True, exist_ok=True)
    key = f"{time.time_ns():020}-{secrets.token_hex(4)}"
    unfinished = folder / f"{key}.part"
    unfinished.write_bytes(raw)
    unfinished.rename(folder / f"{key}{SUFFIX}")
    for old in _files(folder)[KEPT:]:
        old.unlink(missing_ok=True)
    return key


def newest(folder: Path, limit: int = 100) -> Iterator[Kept]:
    """The latest messages, newest first."""
    for file in _files(folder)[:limit]:
        yield _read(file)


def of(folder: Path, recipient: str, until: str = "") -> Iterator[Kept]:
    """Every kept message to that recipient, oldest first, up to the one of key `until`."""
    for file in reversed(_files(folder)):
        if until and file.stem > until:
            return
        kept = _read(file)
        if kept.recipient == recipient:
            yield kept


def find(folder: Path, key: str) -> Kept | None:
    """One message; None where there is none of that key."""
    files = {file.stem: file for file in _files(folder)}
    return _read(files[key]) if key in files else None


def clear(folder: Path) -> None:
    """Throw every message away."""
    for file in _files(folder):
        file.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"), reverse=True)


def _read(file: Path) -> Kept:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(file.read_bytes())
    at = datetime.fromtimestamp(int(file.stem.partition("-")[0]) / 1e9, UTC)
    return Kept(file.stem, at, message)
