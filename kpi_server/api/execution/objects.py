"""Fields that resolvers give, for all objects of one level at once: what graphql-core does object by object.

Resolvers are those of the schema. Each level asks its resolvers for every object before any goes deeper, so that
loaders gather what a level needs into one statement.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_leaf_type,
)
from graphql.pyutils import is_iterable

from kpi_server.api.execution.asking import Asking, Raised
from kpi_server.api.execution.awaiting import settled, together
from kpi_server.api.execution.leaves import LARGEST_INT
from kpi_server.api.execution.obtaining import LATER, Ahead, Batch
from kpi_server.api.execution.selecting import Selected
from kpi_server.api.execution.shape import FAILED, FieldPaths, Path, Shape, maker_of


class Run(Protocol):
    """What steps need of the run they are part of."""

    context: Any
    variables: Any
    suggestions: bool
    has_snapshot: bool

    def info(self, parent: GraphQLObjectType, definition: GraphQLField, selected: Selected, path: Path) -> Any:
        """What resolvers are told beside their arguments."""

    def report(self, error: Exception, nodes: Sequence[FieldNode], path: Path) -> None:
        """Note an error of a field."""

    def type_of(self, value: Any, possible: Sequence[GraphQLObjectType]) -> GraphQLObjectType:
        """Which of the possible types an object has."""


class Completion(Protocol):
    """Turns what resolvers gave into what the answer holds; None stands for errors where null is allowed."""

    async def of(
        self, run: Run, values: Sequence[Any], paths: Sequence[Path], nodes: Sequence[FieldNode]
    ) -> list[Any]: ...


class NeedsSnapshot(Exception):
    """One statement was not enough after all: the run starts again, in a transaction of several."""


class WaitingStep(Protocol):
    """A field of all objects of one level, for which something is waited."""

    is_instant: ClassVar[Literal[False]]

    async def run(self, run: Run, parents: Sequence[Any], paths: Sequence[Path]) -> list[Any]: ...


class InstantStep(Protocol):
    """A field that waits for nothing."""

    is_instant: ClassVar[Literal[True]]

    def at_once(self, run: Run, parents: Sequence[Any], paths: Sequence[Path]) -> list[Any]: ...


Step: TypeAlias = WaitingStep | InstantStep


@dataclass(frozen=True)
class ResolverStep:
    """A field that the schema's resolver gives."""

    asking: Asking
    completion: Completion
    is_instant: ClassVar[Literal[False]] = False

    async def run(self, run: Run, parents: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
        """The field of each parent; `paths` are the field's own."""
        if not parents:
            return []
        values = self.asking.values(run, parents, paths[0])
        return await self.completion.of(run, await settled(values), paths, self.asking.selected.nodes)


@dataclass(frozen=True)
class BatchStep:
    """A field that one call gives for all rows of a level; the parents are the values that it needs, by name."""

    asking: Asking
    batch: Batch
    completion: Completion
    is_instant: ClassVar[Literal[False]] = False

    async def run(self, run: Run, parents: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
        """The field of each parent."""
        if not parents:
            return []
        try:
            found = await self.batch.function(run.context, parents, **self.asking.given(run).converted)
            values = [Raised(value) if isinstance(value, Exception) else value for value in found]
        except Exception as error:  # of the call: the error of every row
            values = [Raised(error)] * len(parents)
        return await self.completion.of(run, values, paths, self.asking.selected.nodes)


@dataclass(frozen=True)
class Constant:
    """The same of whatever is read."""

    value: Any

    def __call__(self, read: Any) -> Any:
        del read
        return self.value


@dataclass(frozen=True)
class Attributes:
    """An object with plain attributes, shaped."""

    shape: Shape
    of: Callable[[Any], Any]

    def __call__(self, read: Any) -> Any:
        return self.shape.of([self.of(read)], ())[0]


@dataclass(frozen=True)
class Told:
    """A field of what was read ahead: its key in the answer, its name, and what it is."""

    key: str
    name: str
    of: Callable[[Any], Any]


@dataclass(frozen=True)
class AheadStep:
    """A field whose object is made of what its row's statement read along; if it was too little, `later` is asked."""

    later: BatchStep
    ahead: Ahead
    told: Sequence[Told]
    is_instant: ClassVar[Literal[False]] = False

    async def run(self, run: Run, parents: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
        """The field of each parent."""
        asking = self.later.asking
        try:
            given = asking.given(run).converted
            found = [self.ahead.at_once(parent, **given) for parent in parents]
            if LATER not in found:
                return [{told.key: told.of(one) for told in self.told} for one in found]
        except Exception as error:  # of the arguments
            return await self.later.completion.of(run, [Raised(error)] * len(parents), paths, asking.selected.nodes)
        if not run.has_snapshot:
            raise NeedsSnapshot
        return await self.later.run(run, parents, paths)


@dataclass(frozen=True)
class LeafCompletion:
    """A scalar or an enum."""

    leaf: GraphQLLeafType
    required: bool
    plain: type | None = None
    """The Python type whose values are JSON already, if there is one."""

    def takes_as_it_is(self, values: Any) -> bool:
        """Whether it is a list of texts or numbers that nothing has to be done to: columns are long."""
        if self.plain is None or not isinstance(values, list | tuple):
            return False
        kinds = set(map(type, values))
        if not kinds <= {self.plain, type(None)} or (self.required and type(None) in kinds):
            return False
        if self.plain is int:
            return all(value is None or -LARGEST_INT <= value <= LARGEST_INT for value in values)
        # One sum tells: whatever is not finite makes it so, and where only the sum is too large each is looked at.
        return self.plain is not float or isfinite(sum(filter(None, values)))

    async def of(self, run: Run, values: Sequence[Any], paths: Sequence[Path], nodes: Sequence[FieldNode]) -> list[Any]:
        return self.at_once(run, values, paths, nodes)

    def at_once(self, run: Run, values: Sequence[Any], paths: Sequence[Path], nodes: Sequence[FieldNode]) -> list[Any]:
        """As `of`: nothing is waited for."""
        if self.takes_as_it_is(values):
            return list(values)
        kinds = set(map(type, values))
        if Raised not in kinds and not (self.required and type(None) in kinds):
            with suppress(Exception):  # a value that its type does not allow: one by one they say which
                return self._all(values)
        return [self._one(run, value, path, nodes) for value, path in zip(values, paths, strict=True)]

    def _all(self, values: Sequence[Any]) -> list[Any]:
        """Values of which each is one, or null."""
        serialize = self.leaf.serialize
        if isinstance(self.leaf, GraphQLEnumType):  # few, over and over
            names = {value: None if value is None else serialize(value) for value in set(values)}
            return [names[value] for value in values]
        return [None if value is None else serialize(value) for value in values]

    def _one(self, run: Run, value: Any, path: Path, nodes: Sequence[FieldNode]) -> Any:
        if value is not None and not isinstance(value, Raised):
            try:
                return self.leaf.serialize(value)
            except Exception as error:  # a value that its type does not allow
                value = Raised(error)
        return absent(run, value, path, nodes, required=self.required)


@dataclass(frozen=True)
class TypenameStep:
    """`__typename`."""

    name: str
    is_instant: ClassVar[Literal[True]] = True

    def at_once(self, run: Run, parents: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
        del run, paths
        return [self.name] * len(parents)


@dataclass(frozen=True)
class AttributeStep:
    """A leaf that is an attribute of the object."""

    name: str
    selected: Selected
    completion: LeafCompletion
    is_instant: ClassVar[Literal[True]] = True

    def at_once(self, run: Run, parents: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
        values = [getattr(parent, self.name, None) for parent in parents]
        return self.completion.at_once(run, values, paths, self.selected.nodes)


@dataclass(frozen=True)
class ListCompletion:
    """A list, of lists too: all entries are completed together."""

    inner: Completion
    required: bool

    async def of(self, run: Run, values: Sequence[Any], paths: Sequence[Path], nodes: Sequence[FieldNode]) -> list[Any]:
        if isinstance(self.inner, LeafCompletion) and len(values) == 1 and self.inner.takes_as_it_is(values[0]):
            return [list(values[0])]
        values = [_listed(value) for value in values]
        entries = [
            (place, position, entry)
            for place, value in enumerate(values)
            if value is not None and not isinstance(value, Raised)
            for position, entry in enumerate(value)
        ]
        settled_entries = await settled([entry for _, _, entry in entries])
        inside = [(paths[place], position) for place, position, _ in entries]
        completed = await self.inner.of(run, settled_entries, inside, nodes) if entries else []
        lists: list[Any] = [
            absent(run, value, path, nodes, required=self.required)
            if value is None or isinstance(value, Raised)
            else []
            for value, path in zip(values, paths, strict=True)
        ]
        failed: set[int] = set()
        for (place, _, _), entry in zip(entries, completed, strict=True):
            lists[place].append(entry)
            if entry is FAILED:
                failed.add(place)
        for place in failed:
            lists[place] = FAILED if self.required else None
        return lists


@dataclass(frozen=True)
class ObjectCompletion:
    """Objects of one type or of several; the fields of each are asked for level by level."""

    fields: Mapping[str, "Fields"]
    required: bool

    async def of(self, run: Run, values: Sequence[Any], paths: Sequence[Path], nodes: Sequence[FieldNode]) -> list[Any]:
        made: list[Any] = [None] * len(values)
        by_type: dict[str, list[int]] = {}
        for position, value in enumerate(values):
            if value is None or isinstance(value, Raised):
                made[position] = absent(run, value, paths[position], nodes, required=self.required)
            else:
                by_type.setdefault(self._type_of(run, value), []).append(position)
        for name, positions in by_type.items():
            objects = await self.fields[name].of(
                run, [values[position] for position in positions], [paths[position] for position in positions]
            )
            for position, entry in zip(positions, objects, strict=True):
                made[position] = None if entry is FAILED and not self.required else entry
        return made

    def _type_of(self, run: Run, value: Any) -> str:
        if len(self.fields) == 1:
            return next(iter(self.fields))
        return run.type_of(value, [fields.type for fields in self.fields.values()]).name


@dataclass(frozen=True)
class Fields:
    """What is selected of the objects of one type."""

    type: GraphQLObjectType
    steps: Sequence[tuple[str, Step]]
    one_by_one: bool = False
    """For mutations: each begins when the one before has ended."""

    async def of(self, run: Run, objects: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
        """The answer's object for each; FAILED where a field that is never null has an error."""
        columns: dict[str, list[Any]] = {key: [] for key, _ in self.steps}
        waiting: dict[str, Any] = {}
        for key, step in self.steps:
            if step.is_instant:
                columns[key] = step.at_once(run, objects, FieldPaths(paths, key))
            else:
                waiting[key] = step.run(run, objects, [(path, key) for path in paths])
        work = list(waiting.values())
        results = [await one for one in work] if self.one_by_one else await together(work)
        columns.update(zip(waiting, results, strict=True))
        return self._made(columns, len(objects))

    def _made(self, columns: Mapping[str, Sequence[Any]], count: int) -> list[Any]:
        if not columns:
            return [{} for _ in range(count)]
        made = self._maker(zip(*columns.values(), strict=True))
        if not any(FAILED in column for column in columns.values()):
            return made
        return [FAILED if FAILED in entry.values() else entry for entry in made]

    @cached_property
    def _maker(self) -> Callable[[Iterable[Any]], list[Any]]:
        return maker_of([key for key, _ in self.steps])


def absent(run: Run, value: Any, path: Path, nodes: Sequence[FieldNode], *, required: bool) -> Any:
    """What stands for a null or an error: null where it is allowed, else FAILED with an error."""
    if isinstance(value, Raised):
        run.report(value.error, nodes, path)
    elif required:
        run.report(TypeError("Cannot return null for non-nullable field."), nodes, path)
    return FAILED if required else None


def _listed(value: Any) -> Any:
    """The value of a list's field, or that it is no list."""
    if value is None or isinstance(value, Raised) or is_iterable(value):
        return value
    return Raised(TypeError(f"a list is expected, not {type(value).__name__}"))


def completion_of(type_: GraphQLOutputType, objects: Any, leaf: Any) -> Completion:
    """How values of a type are completed; `objects` and `leaf` complete what is no list, required or not."""
    required = isinstance(type_, GraphQLNonNull)
    bare: Any = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(bare, GraphQLList):
        return ListCompletion(completion_of(bare.of_type, objects, leaf), required)
    if is_leaf_type(bare):
        at_the_end: Completion = leaf(bare, required)
        return at_the_end
    completion: Completion = objects(bare, required)
    return completion
