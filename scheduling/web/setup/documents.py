"""Documents as text, and what differs between two of them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import yaml


def as_text(document: Mapping[str, Any]) -> str:
    """YAML in the order of the document; it is read back as it was."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=96)


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """The lines around every change: `-` gone, `+` new, a space as it was, `…` left out."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    lines = list(found)[2:]
    return [("…", "") if line.startswith("@@") else (line[:1], line[1:]) for line in lines]
