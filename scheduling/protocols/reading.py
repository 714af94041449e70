"""From a document (YAML, or the JSON a protocol version is stored as) to protocol values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from scheduling.core.catalogue import BookableBy
from scheduling.core.mistakes import Mistake
from scheduling.core.protocol import (
    Block,
    Due,
    Evidence,
    Override,
    ProtocolDefinition,
    StepTemplate,
    Strength,
    TaskTemplate,
)
from scheduling.protocols.fields import Fields


class DocumentError(ValueError):
    """The document is not a protocol or service; `mistakes` says why, each with its place."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(f"{'.'.join(map(str, m.path))}: {m.text}" for m in mistakes))


def read_document(document: object, mistakes: list[Mistake]) -> ProtocolDefinition:
    """The protocol a document describes. Adds to `mistakes` what cannot be read."""
    fields = Fields(document, (), mistakes)
    protocol = ProtocolDefinition(
        slug=fields.slug("protocol"),
        title=fields.text("title"),
        summary=fields.text("summary"),
        bookable_by=fields.choice("bookable_by", BookableBy),
        experimental=fields.flag("experimental"),
        reason_required=fields.flag("reason_required"),
        spacing_override=fields.flag("spacing_override"),
        treatments_per_year=fields.optional_number("treatments_per_year"),
        evidence=_evidence(fields.inner("evidence")),
        reading=fields.words("reading"),
        core=tuple(_step(item) for item in fields.each("core")),
        blocks=tuple(_block(item) for item in fields.each("blocks")),
        added_by_prescriber=tuple(_step(item) for item in fields.each("added_by_prescriber")),
        tasks=tuple(_task(item) for item in fields.each("tasks")),
        source=fields.source(),
        clinic_default=fields.words("clinic_default"),
    )
    if not protocol.core:
        fields.mistake((), "a course needs at least one step under `core`")
    fields.close()
    return protocol


def from_json(document: Mapping[str, Any]) -> ProtocolDefinition:
    """The protocol that `to_json` wrote. Raises DocumentError where it cannot be read."""
    mistakes: list[Mistake] = []
    protocol = read_document(document, mistakes)
    if mistakes:
        raise DocumentError(mistakes)
    return protocol


def fingerprint(document: Mapping[str, Any]) -> str:
    """SHA-256 of a definition's JSON form: the same content always has the same fingerprint."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _evidence(fields: Fields) -> Evidence:
    evidence = Evidence(
        strength=fields.choice("strength", Strength),
        summary=fields.text("summary"),
        sources=fields.words("sources"),
    )
    fields.close()
    return evidence


def _step(fields: Fields) -> StepTemplate:
    after = fields.words("after")
    step = StepTemplate(
        id=fields.slug("id"),
        service=fields.slug("service"),
        count=len(after) or _count(fields),
        first=_only(fields, "at", "first"),
        within=fields.optional_number("within"),
        anchor=fields.optional_text("anchor"),
        after=after,
        window=fields.window("window"),
        gap=fields.window("gap"),
        before=fields.optional_text("before"),
        not_same_day_as=fields.words("not_same_day_as"),
        skip_if_cleared=_only(fields, "skip_if", "cleared"),
        gates=fields.words("gates"),
        overrides=tuple(_override(item) for item in fields.each("overrides")),
        needs=fields.words("needs"),
        read=fields.words("read"),
        source=fields.source(),
        clinic_default=fields.words("clinic_default"),
    )
    fields.close()
    return step


def _count(fields: Fields) -> int | None:
    """How often: a number, once where nothing is said, or `open`."""
    if fields.peek("count") == "open":
        fields.text("count")
        return None
    return fields.number("count", default=1)


def _only(fields: Fields, key: str, word: str) -> bool:
    """Whether the key is there; its only possible value is `word`."""
    value = fields.optional_text(key)
    if value not in (None, word):
        fields.mistake((key,), f"{key} can only be `{word}`")
    return value == word


def _override(fields: Fields) -> Override:
    override = Override(occurrence=fields.number("occurrence"), alone=fields.words("alone"))
    fields.close()
    return override


def _block(fields: Fields) -> Block:
    block = Block(
        id=fields.slug("id"),
        title=fields.text("title"),
        steps=tuple(_step(item) for item in fields.each("steps")),
    )
    fields.close()
    return block


def _task(fields: Fields) -> TaskTemplate:
    task = TaskTemplate(
        id=fields.slug("id"),
        title=fields.text("title"),
        who=fields.text("who"),
        due=tuple(_due(item) for item in fields.each("due")),
        record=fields.text("record", default="answers"),
        source=fields.source(),
        clinic_default=fields.words("clinic_default"),
    )
    if task.who not in ("patient", "staff"):
        fields.mistake(("who",), "who must be patient or staff")
    if task.record not in ("answers", "total", "done"):
        fields.mistake(("record",), "record must be answers, total or done")
    fields.close()
    return task


def _due(fields: Fields) -> Due:
    due = Due(
        anchor=fields.text("anchor"),
        days=fields.pair("days"),
        every=fields.optional_number("every"),
        times=fields.number("times", default=1),
    )
    fields.close()
    return due
