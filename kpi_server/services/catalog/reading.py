"""Reading a catalog folder: YAML files into rows, every fault by file, line and field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_args

import orjson
import yaml
from pydantic import ValidationError

from kpi_server.errors import Problem
from kpi_server.services.catalog import faults, nodes
from kpi_server.services.catalog.nodes import Place
from kpi_server.services.catalog.rows import Catalog, Organization, Row

MAX_FILE_BYTES: Final = 20_000_000

ROW_CLASSES: Final[Mapping[str, type[Row]]] = {
    kind: get_args(info.annotation)[0] for kind, info in Catalog.model_fields.items() if kind != "organization"
}


@dataclass(frozen=True)
class Placed:
    """A row and where it is written."""

    row: Any
    place: Place
    lines: Mapping[str, int]
    """The lines of its fields, where they are not the row's."""

    def at(self, name: str) -> Place:
        """Where a field is written; the row's own place for one that is not."""
        return Place(self.place.file, self.lines.get(name.partition(".")[0], self.place.line))


@dataclass
class Reading:
    """What a folder holds: its rows by kind, the keys its rows declare, and what is wrong with it.

    `declared` also holds the keys of rows that were refused, so that one fault is reported once.
    """

    folder: str
    organizations: list[Placed] = field(default_factory=list)
    rows: dict[str, list[Placed]] = field(default_factory=lambda: {kind: [] for kind in ROW_CLASSES})
    declared: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in ROW_CLASSES})
    problems: list[Problem] = field(default_factory=list)
    declares_organization: bool = False
    holds_files: bool = False
    is_partial: bool = False
    """Whether a file could not be read: what others name may be in it, and is not missing."""

    def report(self, place: Place | str, where: str, message: str) -> None:
        self.problems.append(Problem(str(place), where, message))


def read_folder(folder: Path) -> Reading:
    """Everything the YAML files of a folder hold, in the order of their names; faults are collected, not raised."""
    name = folder.resolve().name
    reading = Reading(name)
    files = catalog_files(folder)
    reading.holds_files = bool(files)
    if not files:
        reading.report(str(folder), "", "no catalog here: expected a folder with .yaml files")
    for file in files:
        _read_file(file, f"{name}/{file.name}", reading)
    return reading


def catalog_files(folder: Path) -> list[Path]:
    """The files of a folder that a catalog is read from; capitals in `.YAML` do not matter."""
    return sorted(file for file in folder.glob("*") if file.suffix.lower() in {".yaml", ".yml"})


def _read_file(file: Path, name: str, reading: Reading) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        _leave_out(reading, name, f"cannot be read: {error.strerror}")
        return
    if len(content) > MAX_FILE_BYTES:
        _leave_out(reading, name, f"larger than {MAX_FILE_BYTES:,} bytes: split it into several files")
        return
    try:
        root = nodes.compose(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        _leave_out(reading, nodes.place_in(content, error.start, name), "not UTF-8: save the file in that encoding")
    except yaml.YAMLError as error:
        line, message = faults.of_yaml(error, content.decode("utf-8"))
        _leave_out(reading, Place(name, line), f"not YAML: {message}")
    else:
        if root is not None:
            _read_root(root, name, reading)


def _leave_out(reading: Reading, place: Place | str, message: str) -> None:
    reading.is_partial = True
    reading.report(place, "", message)


def _read_root(root: yaml.Node, name: str, reading: Reading) -> None:
    if not isinstance(root, yaml.MappingNode):
        _leave_out(reading, nodes.place_of(root, name), "a catalog file is a mapping from a kind to its rows")
        return
    seen: set[int] = set()
    for key, value in root.value:
        place = nodes.place_of(key, name)
        kind = key.value if isinstance(key, yaml.ScalarNode) else ""
        if kind == "organization":
            reading.declares_organization = True
            _read_row(value, "organization", name=name, reading=reading, seen=seen)
        elif kind not in ROW_CLASSES:
            reading.report(place, kind, faults.unknown("kind of row", kind, ["organization", *ROW_CLASSES]))
        elif not isinstance(value, yaml.SequenceNode):
            reading.report(place, kind, "expected a list of rows")
        else:
            for item in value.value:
                _read_row(item, kind, name=name, reading=reading, seen=seen)


def _read_row(node: yaml.Node, kind: str, *, name: str, reading: Reading, seen: set[int]) -> None:
    """Keep the row if it has the right shape, and note the key that it declares either way."""
    wrong = [*nodes.faults(node, seen)]
    for fault, message in wrong:
        reading.report(nodes.place_of(fault, name), "", message)
    if wrong:
        return
    plain = nodes.plain(node)
    if kind != "organization":
        reading.declared[kind] |= _declares(plain)
    model = Organization if kind == "organization" else ROW_CLASSES[kind]
    try:
        row = model.model_validate_json(orjson.dumps(plain), strict=True)
    except ValidationError as error:
        for fault, path, message in faults.of_shape(error, node, model):
            reading.report(nodes.place_of(fault, name), path, message)
    else:
        placed = Placed(row, nodes.place_of(node, name), nodes.lines(node))
        (reading.organizations if kind == "organization" else reading.rows[kind]).append(placed)


def _declares(plain: object) -> set[str]:
    """The key by which other rows may name this one."""
    if not isinstance(plain, dict):
        return set()
    if "dimension" in plain:
        return {f"{plain['dimension']}={plain.get('value')}"}
    return {plain["key"]} if isinstance(plain.get("key"), str) else set()
