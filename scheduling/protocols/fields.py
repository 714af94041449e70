"""Reads typed values out of a nested document and remembers every mistake with its place.

A mistaken value reads as a harmless one of the right type, so that one pass finds all mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from scheduling.core.course import Window
from scheduling.core.mistakes import Mistake, Path

SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")
Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """One mapping of the document. Each key is read once; `close` reports those nobody read."""

    def __init__(self, value: object, path: Path, mistakes: list[Mistake]) -> None:
        self.path = path
        self.mistakes = mistakes
        self._unread: dict[str, Any] = {}
        if isinstance(value, Mapping):
            self._unread = {str(key): item for key, item in value.items()}
        else:
            self.mistake((), "expected a mapping of names to values")

    def mistake(self, inside: Path, text: str) -> None:
        self.mistakes.append(Mistake((*self.path, *inside), text))

    def close(self) -> None:
        for key in self._unread:
            self.mistake((key,), f"unknown key {key}")

    def text(self, key: str, *, default: str | None = None) -> str:
        value = self._take(key, default)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None and value != default:
            self.mistake((key,), f"{key} must be text")
        return default or ""

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self._unread else None

    def slug(self, key: str) -> str:
        value = self.text(key)
        if value and not SLUG.fullmatch(value):
            self.mistake((key,), f"{value!r} must be lower-case letters, digits and _, at most 40")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        if not isinstance(value, bool):
            self.mistake((key,), f"{key} must be true or false")
            return False
        return value

    def number(self, key: str, *, default: int = 0) -> int:
        value = self._take(key, default)
        if not _is_number(value) or value < 0:
            self.mistake((key,), f"{key} must be a whole number, 0 or more")
            return default
        return int(value)

    def optional_number(self, key: str) -> int | None:
        return self.number(key) if key in self._unread else None

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        value = self._take(key, None)
        known = [item.value for item in choices]
        if value in known:
            return choices(value)
        if value is not None:
            self.mistake((key,), f"{value!r} must be one of {', '.join(known)}")
        return next(iter(choices))

    def words(self, key: str, *, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of words; a single word may stand alone."""
        value = self._take(key, list(default))
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            self.mistake((key,), f"{key} must be a word or a list of words")
            return default
        return tuple(items)

    def pair(self, key: str) -> tuple[int, int]:
        value = self._take(key, None)
        if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
            return value[0], value[1]
        if value is not None:
            self.mistake((key,), f"{key} must be two whole numbers: [first, last]")
        return 0, 0

    def window(self, key: str) -> Window | None:
        """`[min, target, max]`; null where there is no such limit."""
        value = self._take(key, [])
        if value == []:
            return None
        sound = isinstance(value, list) and len(value) == 3
        if sound and all(day is None or _is_number(day) for day in value):
            return Window(*value)
        self.mistake((key,), f"{key} must be three numbers of days: [min, target, max]")
        return None

    def source(self) -> dict[str, tuple[str, ...]]:
        """`source: {count: Ana23, gap: [Fed21, Phi19]}`."""
        if "source" not in self._unread:
            return {}
        inner = self.inner("source")
        return {name: inner.words(name) for name in inner.names()}

    def inner(self, key: str) -> Fields:
        return Fields(self._take(key, None) or {}, (*self.path, key), self.mistakes)

    def names(self) -> list[str]:
        """The keys not read yet, in the document's order."""
        return list(self._unread)

    def peek(self, key: str) -> object:
        return self._unread.get(key)

    def has(self, key: str) -> bool:
        return key in self._unread

    def each(self, key: str) -> list[Fields]:
        """The mappings of a list; none where the key is absent."""
        value = self._take(key, [])
        if not isinstance(value, list):
            self.mistake((key,), f"{key} must be a list")
            return []
        return [
            Fields(item, (*self.path, key, index), self.mistakes)
            for index, item in enumerate(value)
        ]

    def _take(self, key: str, default: object) -> Any:
        """The value of a key; None, and a mistake, where it is wanted and missing."""
        if key in self._unread:
            value = self._unread.pop(key)
            if value is None:
                self.mistake((key,), f"{key} is empty")
                return default
            return value
        if default is None:
            self.mistake((), f"{key} is missing")
        return default


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
