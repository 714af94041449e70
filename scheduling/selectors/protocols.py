"""Protocol versions as the core reads them, and which of them can be booked."""

from __future__ import annotations

from dataclasses import dataclass

from scheduling.core.catalogue import BookableBy
from scheduling.core.protocol import ProtocolDefinition
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import ProtocolVersion
from scheduling.protocols.reading import from_json

_definitions: dict[str, ProtocolDefinition] = {}


@dataclass(frozen=True, slots=True)
class Course:
    """A course that can be chosen: its newest version, and the ids of its optional blocks."""

    slug: str
    title: str
    blocks: tuple[str, ...]
    version: ProtocolVersion


def definition_of(version: ProtocolVersion) -> ProtocolDefinition:
    """What a version consists of. No query; read once for each content."""
    known = _definitions.get(version.fingerprint)
    if known is None:
        known = _definitions[version.fingerprint] = from_json(version.definition)
    return known


def latest(slug: str) -> ProtocolVersion:
    """The newest version of an active protocol. One query. Raises Refused (UNKNOWN)."""
    versions = ProtocolVersion.objects.select_related("protocol")
    newest = versions.filter(protocol=slug, protocol__active=True).order_by("-number").first()
    if newest is None:
        raise Refused([refuse(Code.UNKNOWN, field="protocol", value=slug)])
    return newest


def blocks(version: ProtocolVersion) -> tuple[str, ...]:
    """The ids of the optional blocks."""
    return tuple(block.id for block in definition_of(version).blocks)


def bookable_online() -> list[Course]:
    """The courses a patient may choose without the clinic's help, by title. One query."""
    newest = (
        ProtocolVersion.objects.select_related("protocol")
        .filter(protocol__active=True, protocol__staff_only=False)
        .order_by("protocol_id", "-number")
        .distinct("protocol_id")
    )
    courses = [
        Course(version.protocol_id, version.protocol.title, blocks(version), version)
        for version in newest
        if definition_of(version).bookable_by != BookableBy.STAFF
    ]
    return sorted(courses, key=lambda course: course.title)
