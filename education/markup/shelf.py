"""What stands around a page: the sources it may cite, the words it may explain, the other pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CLINIC = "clinic"
"""The source of what this clinic itself does: its practice and its own defaults."""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """`address` is where it is found; `from_memory`: nobody has looked it up yet, so nothing may
    rest on it alone."""

    citation: str
    address: str
    from_memory: bool


@dataclass(frozen=True, slots=True)
class TermEntry:
    """A word and what it means, in a sentence or two."""

    term: str
    definition: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """For one language: sources by id, terms by the word in small letters, titles by slug."""

    language: str
    sources: Mapping[str, SourceEntry] = field(default_factory=dict)
    terms: Mapping[str, TermEntry] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def term(self, word: str) -> TermEntry | None:
        return self.terms.get(word.casefold())
