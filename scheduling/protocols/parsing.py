"""Reads YAML so that each mistake can be told with its file and line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from scheduling.core.mistakes import Mistake, Path

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


def raise_mistakes(mistakes: Collection[Mistake], name: str, lines: Mapping[Path, int]) -> None:
    """Raises ProtocolError where there are any; `name` is the file named in it."""
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


def parse(text: str, name: str) -> tuple[Any, dict[Path, int]]:
    """The plain values of a YAML text, and the line on which each of them stands. Raises
    ProtocolError."""
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
