"""One mail address, as headers and calendars carry it."""

from __future__ import annotations

import re

_PART = r"[^\s,;:<>()\[\]\\\"@]+"
ADDRESS = re.compile(rf"{_PART}@{_PART}")


def is_address(text: str) -> bool:
    """Whether `text` is one bare address."""
    return bool(ADDRESS.fullmatch(text)) and text.isprintable()


def one_address(text: str) -> str:
    """`text`, where it is one bare address. Raises ValueError for anything else: a second address
    would be a second recipient, and the end of a line would begin a line of its own."""
    if not is_address(text):
        raise ValueError("not one mail address")
    return text
