"""YAML as nodes that know their lines: what a catalog may hold, and as plain values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import yaml

_INTEGER: Final = r"[-+]?(?:0|[1-9][0-9]*)"
_LONGEST_INTEGER: Final = 18
_DEEPEST: Final = 20
_TAGS: Final = frozenset({"str", "int", "bool", "null", "seq", "map"})
_PLAIN_FORMS: Final = {"int": re.compile(_INTEGER), "bool": re.compile("true|false"), "null": re.compile("null|~|")}


class _Loader(yaml.CSafeLoader):
    """YAML that knows text, integers, true, false and null: "12:30", "no" and "0.10" stay the words they are."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 — PyYAML's own attribute


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(rf"^{_INTEGER}$"), list("-+0123456789"))


@dataclass(frozen=True, order=True)
class Place:
    """The file and line something is written on."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class TooDeep(yaml.MarkedYAMLError):
    """Nested deeper than any catalog; the parser itself would run out of stack."""


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise TooDeep(
                    problem=f"nested more than {_DEEPEST} deep", problem_mark=cast(yaml.Mark, event.start_mark)
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def compose(text: str) -> yaml.Node | None:
    """The root of a YAML text; None if it holds nothing.

    Raises:
        yaml.YAMLError: it is not YAML, or nested too deeply.
    """
    _check_depth(text)
    root: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    is_empty = isinstance(root, yaml.ScalarNode) and _kind(root) == "null" and not root.value
    return None if is_empty else root


def place_of(node: yaml.Node, file: str) -> Place:
    return Place(file, node.start_mark.line + 1)


def place_in(content: bytes, start: int, file: str) -> Place:
    """The line of a byte."""
    return Place(file, content.count(b"\n", 0, start) + 1)


def faults(node: yaml.Node, seen: set[int]) -> Iterator[tuple[yaml.Node, str]]:
    """Every part of a row that a catalog cannot hold, whatever its kind; `seen` are the nodes of rows before it."""
    if id(node) in seen:
        yield node, "anchors and aliases are not supported: write the row out"
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from faults(item, seen)
    elif isinstance(node, yaml.MappingNode):
        yield from _faults_of_keys(node)
        for _, value in node.value:
            yield from faults(value, seen)
    else:
        yield from _faults_of_scalar(node)


def _faults_of_keys(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, str]]:
    names: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield key, "a field's name is one word"
        elif key.value in names:
            yield key, f"{key.value} is given twice"
        else:
            names.add(key.value)


def _faults_of_scalar(node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    kind = _kind(node)
    if kind not in _TAGS or (kind in _PLAIN_FORMS and not _PLAIN_FORMS[kind].fullmatch(node.value)):
        yield node, f"tags ({node.tag}) are not supported"
    elif "\0" in node.value:
        yield node, "holds a NUL character, which the database cannot store"


def _kind(node: yaml.Node) -> str:
    return node.tag.removeprefix("tag:yaml.org,2002:")


def plain(node: yaml.Node) -> Any:
    """The value of a node without faults."""
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    match _kind(node):
        case "int" if len(node.value) <= _LONGEST_INTEGER:
            return int(node.value)
        case "bool":
            return node.value == "true"
        case "null":
            return None
    return node.value


def part(node: yaml.Node, location: Sequence[int | str]) -> yaml.Node:
    """The node at a location inside a row, as far as it exists."""
    for step in location:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), node)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
    return node


def lines(node: yaml.Node) -> dict[str, int]:
    """The line of each field of a row that begins on another line than the row."""
    first = node.start_mark.line
    if not isinstance(node, yaml.MappingNode) or node.end_mark.line == first:
        return {}
    return {key.value: key.start_mark.line + 1 for key, _ in node.value if key.start_mark.line != first}
