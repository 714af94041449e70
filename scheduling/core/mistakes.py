"""A mistake in a definition: where it stands and what is wrong, in words for its author."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the document: `("core", 2, "anchor")`."""


@dataclass(frozen=True, slots=True)
class Mistake:
    path: Path
    text: str
