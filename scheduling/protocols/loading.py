"""Reads the YAML files of this folder. Every mistake is reported with its file and line."""

from __future__ import annotations

import pathlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from scheduling.core.catalogue import Catalogue
from scheduling.core.mistakes import Mistake, Path
from scheduling.core.protocol import ProtocolDefinition
from scheduling.core.provenance import claim_mistakes, service_numbers
from scheduling.core.validate import protocol_mistakes
from scheduling.protocols.fields import Fields
from scheduling.protocols.reading import read_document
from scheduling.protocols.services import read_catalogue

FOLDER = pathlib.Path(__file__).parent
MAX_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Line:
    """One mistake in a file, in words for its author."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class ProtocolError(ValueError):
    """A definition cannot be used; `problems` are all the reasons, in the file's order."""

    def __init__(self, problems: Collection[Line]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
        super().__init__("\n".join(map(str, self.problems)))


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
    document, lines = _parse(text, name)
    mistakes: list[Mistake] = []
    protocol = read_document(document, mistakes)
    if not mistakes:
        mistakes = protocol_mistakes(protocol, catalogue, sources)
    _raise(mistakes, name, lines)
    return protocol


def read_services(text: str, name: str, sources: Collection[str]) -> Catalogue:
    """The roles and services in a YAML text. Raises ProtocolError."""
    document, lines = _parse(text, name)
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
    _raise(mistakes, name, lines)
    return catalogue


def read_sources(text: str, name: str) -> dict[str, str]:
    """Citations by tag. Raises ProtocolError."""
    document, lines = _parse(text, name)
    mistakes: list[Mistake] = []
    fields = Fields(document, (), mistakes)
    sources = {tag: fields.text(tag) for tag in fields.names()}
    _raise(mistakes, name, lines)
    return sources


def _raise(mistakes: Collection[Mistake], name: str, lines: Mapping[Path, int]) -> None:
    if mistakes:
        raise ProtocolError([Line(name, _line(item.path, lines), item.text) for item in mistakes])


def _line(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of the path, or of the nearest thing around it that stands in the file."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


class _Loader(yaml.SafeLoader):
    """Plain YAML without aliases: each thing is said where it is read, and nothing can explode."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="aliases are not used here", problem_mark=mark)
        return super().compose_node(parent, index)


def _parse(text: str, name: str) -> tuple[Any, dict[Path, int]]:
    """The plain values of a YAML text, and the line on which each of them stands."""
    if len(text) > MAX_BYTES:
        raise ProtocolError([Line(name, 1, f"longer than {MAX_BYTES} characters")])
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines: dict[Path, int] = {(): 1}
        problems: list[Line] = []
        document = None if node is None else _plain(loader, node, (), lines, problems, name)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        raise ProtocolError([Line(name, mark.line + 1 if mark else 1, what)]) from error
    except RecursionError as error:
        raise ProtocolError([Line(name, 1, "nested too deeply")]) from error
    if problems:
        raise ProtocolError(problems)
    return document, lines


def _plain(
    loader: _Loader,
    node: yaml.Node,
    path: Path,
    lines: dict[Path, int],
    problems: list[Line],
    name: str,
) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in values:
                problems.append(Line(name, line, f"{key} is said twice"))
            lines[(*path, key)] = line
            values[key] = _plain(loader, value_node, (*path, key), lines, problems, name)
        return values
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(loader, item, (*path, index), lines, problems, name)
            for index, item in enumerate(node.value)
        ]
    return loader.construct_object(node)
