"""What an answer's object looks like over a row, as code: written once for an operation, run for every row.

Code that meets a value which its type does not allow raises; then the same shape is walked with care, field by field,
so that errors have paths and nulls spread as GraphQL says.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol, TypeAlias, assert_never

from graphql import FieldNode

from kpi_server.api.execution.leaves import Constants, Unshaped

Path: TypeAlias = Any
"""From the root of the answer: names and positions, newest first, nested as pairs; () is the root, or `Several`."""


class _Failed:
    """In place of a value that cannot be null and has an error."""

    def __repr__(self) -> str:
        return "FAILED"


FAILED: Final = _Failed()
_SLOT: Final = re.compile(r"\be(\d+)\[(\d+|i)\]")
_ROW: Final = re.compile(r"\br\[(\d+)\]")


@dataclass(frozen=True)
class Leaf:
    """Code over `r`, the row; `i`, its position; and the slots."""

    code: str
    nullable: bool = True


@dataclass(frozen=True)
class Made:
    """An object that a rule makes: `code` makes it whole, `rule` is the call alone, `shape` walks it with care."""

    code: str
    rule: str
    shape: "Shape"
    nullable: bool


@dataclass(frozen=True)
class Entry:
    """A field of an object: its name in the answer, and where its errors are located."""

    key: str
    content: "Leaf | Made | Object"
    nodes: Sequence[FieldNode]
    required: bool
    guard: object = None
    """Names the parameter without which the field fails, if there is one."""


@dataclass(frozen=True)
class Object:
    """An object with fields; it is null where the code `absent` is true."""

    entries: Sequence[Entry]
    absent: str | None = None

    @property
    def nullable(self) -> bool:
        return self.absent is not None


def code_of(content: Leaf | Made | Object) -> str:
    """The code that makes it."""
    if isinstance(content, Leaf | Made):
        return content.code
    fields = ", ".join(f"{entry.key!r}: {_code_of_entry(entry, content.absent)}" for entry in content.entries)
    made = f"{{{fields}}}"
    return made if content.absent is None else f"(None if {content.absent} else {made})"


def _code_of_entry(entry: Entry, absent: str | None) -> str:
    code = code_of(entry.content)
    if not entry.required or not entry.content.nullable or absent == f"{code} is None":
        return code
    # A value at hand is looked at where it is: calls are what shaping costs.
    return f"({code} if {code} is not None else needed(None))" if _ROW.fullmatch(code) else f"needed({code})"


@dataclass(frozen=True)
class Care:
    """What walking with care needs: the failures of parameters, and where errors are reported."""

    failures: Mapping[object, Exception]
    report: Callable[[Exception, Sequence[FieldNode], Path], None]


class Planned(Protocol):
    """What a shape stands in: the values that its code names, and the slots that are filled beside the rows."""

    constants: Constants
    slots: list[Any]

    @property
    def width(self) -> int:
        """How many columns it reads; rows may have more behind them."""


@dataclass
class Shape:
    """The code of an object over rows, compiled when it is first run: its plan is complete by then."""

    content: Object
    plan: Planned
    _compiled: dict[str, Callable[..., Any]] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The generated function."""
        body, width = code_of(self.content), self.plan.width
        names = ", ".join(f"v{position}" for position in range(width))
        row = f"({names},)" if width else "r"
        rows = f"map(itemgetter(slice({width})), rows)" if width else "rows"
        loop = f"for i, {row} in enumerate({rows})" if self.plan.slots else f"for {row} in {rows}"
        body = _ROW.sub(r"v\1", body)
        return f"def shape({', '.join(['rows', *self._slots])}):\n    return [{body} {loop}]\n"

    def of(self, rows: Sequence[Any], slots: Sequence[Any]) -> list[Any]:
        """One object a row.

        Raises:
            Exception: a value is not what its type allows.
        """
        shape = self._compiled.get("")
        if shape is None:
            names = dict(self.plan.constants.values)
            exec(compile(self.source, "<shape>", "exec"), names)  # noqa: S102 - code written here, values bound
            shape = self._compiled[""] = names["shape"]
        made: list[Any] = shape(rows, *slots)
        return made

    def with_care(
        self, rows: Sequence[Any], slots: Sequence[Any], care: Care, path_of: Callable[[int], Path]
    ) -> list[Any]:
        """One object a row; FAILED where a field that cannot be null has an error."""
        return [
            self._object(self.content, (row, position, *slots), care, path_of(position))
            for position, row in enumerate(rows)
        ]

    def _object(self, content: Object, values: Sequence[Any], care: Care, path: Path) -> Any:
        if content.absent is not None and self._evaluate(content.absent, values):
            return None
        made: dict[str, Any] = {}
        failed = False
        for entry in content.entries:
            value = self._entry(entry, values, care, (path, entry.key))
            failed = failed or value is FAILED
            made[entry.key] = value
        return FAILED if failed else made

    def _entry(self, entry: Entry, values: Sequence[Any], care: Care, path: Path) -> Any:
        try:
            if entry.guard in care.failures:
                raise care.failures[entry.guard]
            value = self._content(entry.content, values, care, path)
            if value is None and entry.required:
                raise Unshaped("Cannot return null for a field that is never null.")
        except Exception as error:  # whatever a field raises is its own error
            care.report(error, entry.nodes, path)
            value = FAILED
        return None if value is FAILED and not entry.required else value

    def _content(self, content: Leaf | Made | Object, values: Sequence[Any], care: Care, path: Path) -> Any:
        match content:
            case Object():
                return self._object(content, values, care, path)
            case Made():
                made = self._evaluate(content.rule, values)
                return None if made is None else content.shape.with_care([made], (), care, lambda _: path)[0]
            case Leaf():
                return self._evaluate(content.code, values)
            case _:
                assert_never(content)

    def _evaluate(self, code: str, values: Sequence[Any]) -> Any:
        compiled = self._compiled.get(code)
        if compiled is None:
            source = f"lambda {', '.join(['r', 'i', *self._slots])}: {code}"
            compiled = eval(source, dict(self.plan.constants.values))  # noqa: S307 - the same code, leaf by leaf
            self._compiled[code] = compiled
        return compiled(*values)

    @cached_property
    def used(self) -> Mapping[int, frozenset[int]]:
        """The slots that its own code reads, and which parts of each: other shapes over the same rows use others."""
        found: dict[int, set[int]] = {}
        for slot, part in _SLOT.findall(code_of(self.content)):
            found.setdefault(int(slot), set()).update({int(part)} if part.isdecimal() else ())
        return {slot: frozenset(parts) for slot, parts in found.items()}

    @property
    def _slots(self) -> list[str]:
        return [f"e{number}" for number in range(len(self.plan.slots))]


def maker_of(keys: Sequence[str]) -> Callable[[Iterable[Any]], list[Any]]:
    """Makes an object of each tuple of values, one for each of these keys.

    >>> maker_of(["a", "b"])([(1, 2), (3, 4)])
    [{'a': 1, 'b': 2}, {'a': 3, 'b': 4}]
    """
    names = [f"v{position}" for position in range(len(keys))]
    made = ", ".join(f"{key!r}: {name}" for key, name in zip(keys, names, strict=True))
    source = f"lambda values: [{{{made}}} for {', '.join(names)}, in values]"
    maker: Callable[[Iterable[Any]], list[Any]] = eval(source, {})  # noqa: S307 - of names that GraphQL allows
    return maker


@dataclass(frozen=True)
class FieldPaths(Sequence[Path]):
    """The paths of one field of many objects, each made only if it is asked for: errors are rare."""

    parents: Sequence[Path]
    key: str

    def __len__(self) -> int:
        return len(self.parents)

    def __getitem__(self, position: Any) -> Any:
        return (self.parents[position], self.key)


@dataclass(frozen=True)
class Several:
    """In place of the beginning of a path: what is read once and stands in several places of the answer."""

    paths: Sequence[Path]


def steps_of(path: Path) -> list[str | int]:
    """The path as errors carry it; of several the first."""
    return places_of(path)[0]


def places_of(path: Path) -> list[list[str | int]]:
    """All places that a path stands for."""
    steps: list[str | int] = []
    while path and not isinstance(path, Several):
        path, step = path
        steps.append(step)
    steps.reverse()
    if isinstance(path, Several):
        return [[*before, *steps] for one in path.paths for before in places_of(one)]
    return [steps]
