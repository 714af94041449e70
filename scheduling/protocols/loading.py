"""Reads the YAML files of this folder. Every mistake is reported with its file and line."""

from __future__ import annotations

import pathlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from scheduling.core.catalogue import Catalogue
from scheduling.core.mistakes import Mistake
from scheduling.core.protocol import ProtocolDefinition
from scheduling.core.provenance import claim_mistakes, service_numbers
from scheduling.core.validate import protocol_mistakes
from scheduling.protocols.fields import Fields
from scheduling.protocols.parsing import Line, ProtocolError, parse, raise_mistakes
from scheduling.protocols.reading import read_document
from scheduling.protocols.services import read_catalogue

FOLDER = pathlib.Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Library:
    """Everything the folder holds: sources (tag to citation), services and protocols by slug."""

    sources: Mapping[str, str]
    catalogue: Catalogue
    protocols: Mapping[str, ProtocolDefinition]


@cache
def load_library(folder: pathlib.Path = FOLDER) -> Library:
    """All definitions in the folder. Raises ProtocolError."""
    sources = read_sources((folder / "sources.yaml").read_text(encoding="utf-8"), "sources.yaml")
    services = (folder / "services.yaml").read_text(encoding="utf-8")
    catalogue = read_services(services, "services.yaml", sources)
    protocols: dict[str, ProtocolDefinition] = {}
    problems: list[Line] = []
    for file in sorted(folder.glob("*.yaml")):
        if file.name in ("sources.yaml", "services.yaml"):
            continue
        text = file.read_text(encoding="utf-8")
        try:
            protocol = read_protocol(text, file.name, catalogue, sources)
        except ProtocolError as error:
            problems += error.problems
            continue
        if protocol.slug != file.stem:
            wanted = f"protocol {protocol.slug} belongs in a file {protocol.slug}.yaml"
            problems.append(Line(file.name, 1, wanted))
        protocols[protocol.slug] = protocol
    if problems:
        raise ProtocolError(problems)
    return Library(sources, catalogue, protocols)


def read_protocol(
    text: str, name: str, catalogue: Catalogue, sources: Collection[str]
) -> ProtocolDefinition:
    """The protocol in a YAML text; `name` is the file named in errors. Raises ProtocolError."""
    document, lines = parse(text, name)
    mistakes: list[Mistake] = []
    protocol = read_document(document, mistakes)
    if not mistakes:
        mistakes = protocol_mistakes(protocol, catalogue, sources)
    raise_mistakes(mistakes, name, lines)
    return protocol


def read_services(text: str, name: str, sources: Collection[str]) -> Catalogue:
    """The roles and services in a YAML text. Raises ProtocolError."""
    document, lines = parse(text, name)
    mistakes: list[Mistake] = []
    catalogue = read_catalogue(document, mistakes)
    if not mistakes:
        for index, service in enumerate(catalogue.services.values()):
            mistakes += claim_mistakes(
                ("services", index),
                service_numbers(service),
                service.source,
                service.clinic_default,
                sources,
            )
    raise_mistakes(mistakes, name, lines)
    return catalogue


def read_sources(text: str, name: str) -> dict[str, str]:
    """Citations by tag. Raises ProtocolError."""
    document, lines = parse(text, name)
    mistakes: list[Mistake] = []
    fields = Fields(document, (), mistakes)
    sources = {tag: fields.text(tag) for tag in fields.names()}
    raise_mistakes(mistakes, name, lines)
    return sources
