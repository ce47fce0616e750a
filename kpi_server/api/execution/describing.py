"""What a plan is, told field by field: how each is obtained, and the code that shapes its rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from graphql import GraphQLObjectType, get_named_type

from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.objects import (
    AheadStep,
    Attributes,
    AttributeStep,
    BatchStep,
    Fields,
    ListCompletion,
    ObjectCompletion,
    ResolverStep,
    Told,
)
from kpi_server.api.execution.obtaining import Column, Many, One, Rule
from kpi_server.api.execution.obtaining import Part as PartOfRow
from kpi_server.api.execution.pages import PageCompletion, PagePlan, Part
from kpi_server.api.execution.planning import Plan
from kpi_server.api.execution.roots import RootStep
from kpi_server.api.execution.row_plan import Child, RowsPlan
from kpi_server.api.execution.shape import Entry, Leaf, Made, Object, Shape

_SLOT: Final = re.compile(r"e(\d+)\[(?:(\d+)\]|i\])")
_TYPENAME: Final = "__typename"


class Source(StrEnum):
    """What gives a field."""

    ROW = "row"
    PAGE = "page"
    COLUMN = "column"
    RULE = "rule"
    JOIN = "join"
    PART = "part"
    CHILDREN = "children"
    BATCH = "batch"
    AHEAD = "ahead"
    ATTRIBUTE = "attribute"
    RESOLVER = "resolver"


@dataclass(frozen=True)
class Use:
    """A field of the answer: its path, what gives it, and of which table, path or function."""

    path: tuple[str, ...]
    source: Source
    of: str = ""

    @property
    def is_from_rows(self) -> bool:
        """Whether rows or objects at hand give it, and no resolver is asked."""
        return self.source is not Source.RESOLVER


@dataclass(frozen=True)
class Code:
    """The generated function for the objects at a path."""

    path: tuple[str, ...]
    source: str


@dataclass
class Description:
    """All of a plan."""

    uses: list[Use] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)

    @property
    def planned(self) -> int:
        """How many fields no resolver is asked for."""
        return sum(use.is_from_rows for use in self.uses)


def described(plan: Plan, graph: Graph) -> Description:
    """What a plan does for each field, in the order of the answer."""
    describer = _Describer(graph, Description())
    describer.steps(plan.fields, ())
    return describer.description


@dataclass(frozen=True)
class _Describer:
    graph: Graph
    description: Description

    def steps(self, fields: Fields, path: tuple[str, ...]) -> None:
        for key, step in fields.steps:
            self._step(step, (*path, key))

    def _step(self, step: Any, path: tuple[str, ...]) -> None:
        match step:
            case RootStep():
                self._use(path, Source.ROW, step.plan.entry.table)
                self._root(step, path)
            case BatchStep():
                self._use(path, Source.BATCH, step.batch.function.__name__)
                self._completion(step.completion, path)
            case AheadStep():
                self._use(path, Source.AHEAD, step.later.batch.function.__name__)
                for told in step.told:
                    self._told(told, (*path, told.key))
            case AttributeStep(name=name):
                self._use(path, Source.ATTRIBUTE, name)
            case ResolverStep():
                self._use(path, Source.RESOLVER, f"{step.asking.parent.name}.{step.asking.selected.name}")
                self._completion(step.completion, path)

    def _told(self, told: Told, path: tuple[str, ...]) -> None:
        if told.name != _TYPENAME:
            self._use(path, Source.AHEAD, told.name)
        if isinstance(told.of, Attributes):
            for attribute in told.of.shape.content.entries:
                if attribute.nodes[0].name.value != _TYPENAME:
                    self._use((*path, attribute.key), Source.ATTRIBUTE, attribute.nodes[0].name.value)

    def _completion(self, completion: Any, path: tuple[str, ...]) -> None:
        match completion:
            case ListCompletion(inner=inner):
                self._completion(inner, path)
            case ObjectCompletion(fields=by_type):
                for name, fields in by_type.items():
                    self.steps(fields, path if len(by_type) == 1 else (*path, f"({name})"))
            case PageCompletion(plan=page):
                self._page(page, path)

    def _root(self, step: RootStep, path: tuple[str, ...]) -> None:
        type_: Any = get_named_type(step.asking.definition.type)
        self._shape(step.plan.shape, step.plan.rows, type_, path)
        for below in step.plan.below:
            if below.lookup is None:
                self._use((*path, below.key), Source.PAGE, below.asking.selected.name)
                self._page(below.page, (*path, below.key))
            else:
                entry: Any = get_named_type(below.asking.definition.type)
                self._use((*path, below.key), Source.ROW, self.graph.tables[entry.name])
                for part in below.page.parts:
                    if part.shape is not None:
                        self._shape(part.shape, below.page.rows, entry, (*path, below.key))

    def _page(self, page: PagePlan, path: tuple[str, ...]) -> None:
        for part in page.parts:
            self._part(part, page.rows, path)

    def _part(self, part: Part, rows: RowsPlan, path: tuple[str, ...]) -> None:
        if part.kind == _TYPENAME:
            return
        here = (*path, part.key)
        self._use(here, Source.PAGE, part.kind)
        if part.shape is not None:
            self._shape(part.shape, rows, self._entry_type(part.typename), here)
        for inside in part.inside:
            self._part(inside, rows, here)

    def _entry_type(self, page: str) -> Any:
        """The type of the entries of a page, or of an edge."""
        type_: Any = self.graph.schema.get_type(page)
        return get_named_type(type_.fields["node" if "node" in type_.fields else "nodes"].type)

    def _shape(self, shape: Shape, rows: RowsPlan, type_: GraphQLObjectType, path: tuple[str, ...]) -> None:
        if shape.content.entries:
            self.description.codes.append(Code(path, shape.source))
        self._object(shape.content.entries, rows, type_, path)

    def _object(
        self, entries: Sequence[Entry], rows: RowsPlan, type_: GraphQLObjectType, path: tuple[str, ...]
    ) -> None:
        for entry in entries:
            name = entry.nodes[0].name.value
            if name != _TYPENAME:
                self._entry(entry, rows, type_, (*path, entry.key))

    def _entry(self, entry: Entry, rows: RowsPlan, type_: GraphQLObjectType, path: tuple[str, ...]) -> None:
        name = entry.nodes[0].name.value
        inside: Any = get_named_type(type_.fields[name].type)
        slot = _SLOT.match(entry.content.code) if isinstance(entry.content, Leaf) else None
        if slot is not None:
            self._slot(rows.slots[int(slot[1])], slot[2], inside, path)
            return
        self._use(path, *_told(self.graph.obtained(type_, name)))
        match entry.content:
            case Object(entries=entries):
                self._object(entries, rows, inside, path)
            case Made(shape=shape):
                for attribute in shape.content.entries:
                    if attribute.nodes[0].name.value != _TYPENAME:
                        self._use((*path, attribute.key), Source.ATTRIBUTE, attribute.nodes[0].name.value)

    def _slot(self, slot: Any, wanted: str | None, type_: Any, path: tuple[str, ...]) -> None:
        if isinstance(slot, Child):
            self._use(path, Source.CHILDREN, f"{slot.table} by {slot.column}")
            self._shape(slot.wanted[int(wanted or 0)].shape, slot.rows, type_, path)
        else:
            self._step(slot.step, path)

    def _use(self, path: tuple[str, ...], source: Source, of: str = "") -> None:
        self.description.uses.append(Use(path, source, of))


def _told(obtained: Any) -> tuple[Source, str]:
    match obtained:
        case Column(path=path):
            return Source.COLUMN, path
        case Rule(function=function, needs=needs):
            return Source.RULE, f"{function.__name__}({', '.join(needs)})"
        case One(path=path):
            return Source.JOIN, path
        case PartOfRow(at=at):
            return Source.PART, at
        case Many(table=table, column=column):
            return Source.CHILDREN, f"{table} by {column}"
    raise TypeError(f"{type(obtained).__name__} gives no field of a row")
