"""Asking a field's resolver, for any number of objects: arguments are read and converted once, and remembered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from graphql import FieldNode, GraphQLField, GraphQLObjectType, VariableNode, Visitor, visit
from graphql.execution.values import get_argument_values
from strawberry import Info
from strawberry.types.field import StrawberryField

from kpi_server.api.execution.selecting import Selected
from kpi_server.api.execution.shape import Path

DECLARED: Final = "strawberry-definition"
_REMEMBERED: Final = 16

Convert: TypeAlias = Callable[[StrawberryField, Mapping[str, Any]], Mapping[str, Any]]
"""From a field's arguments as GraphQL has them to those that its resolver takes."""


class Run(Protocol):
    """What is asked with."""

    variables: Any
    suggestions: bool

    def info(self, parent: GraphQLObjectType, definition: GraphQLField, selected: Selected, path: Path) -> Any: ...


@dataclass(frozen=True)
class Raised:
    """In place of a value whose making raised an error."""

    error: Exception


@dataclass(frozen=True)
class Given:
    """A field's arguments: as GraphQL has them, and as its resolver takes them."""

    coerced: Mapping[str, Any]
    converted: Mapping[str, Any]


@dataclass
class Asking:
    """One field of one selection."""

    parent: GraphQLObjectType
    definition: GraphQLField
    selected: Selected
    convert: Convert
    _known: dict[tuple[Any, ...], Given] = field(default_factory=dict)
    _reads: tuple[str, ...] = field(init=False)
    _resolver: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._reads = variables_in(self.selected.nodes[0])
        declared = self.definition.extensions.get(DECLARED)
        if declared is not None and declared.base_resolver is not None and not declared.extensions:
            self._resolver = declared.base_resolver

    def given(self, run: Run) -> Given:
        """The arguments with the run's variables.

        Raises:
            GraphQLError: one of them has a value that its type does not allow.
        """
        if not self.definition.args:
            return _NONE
        coerced = run.variables.coerced
        key = tuple(coerced.get(name, _ABSENT) for name in self._reads)
        try:
            known = self._known.get(key)
        except TypeError:  # a list or an object: read each time
            return self._read(run)
        if known is None:
            known = self._read(run)
            if len(self._known) < _REMEMBERED:
                self._known[key] = known
        return known

    def values(self, run: Run, parents: Sequence[Any], path: Path) -> list[Any]:
        """What the resolver gives for each object: a value, something to await, or what was raised."""
        try:
            given = self.given(run)
        except Exception as error:  # an argument's error is the field's
            return [Raised(error)] * len(parents)
        info = run.info(self.parent, self.definition, self.selected, path)
        ask = self._plain(info, given) if self._resolver is None else self._declared(info, given)
        return [_attempt(ask, parent) for parent in parents]

    def _plain(self, info: Any, given: Given) -> Callable[[Any], Any]:
        resolve = self.definition.resolve or _attribute
        return lambda parent: resolve(parent, info, **given.coerced)

    def _declared(self, info: Any, given: Given) -> Callable[[Any], Any]:
        """The resolver as it was written, without the wrapping that would convert its arguments again."""
        resolver, named = self._resolver, dict(given.converted)
        if resolver.info_parameter is not None:
            named[resolver.info_parameter.name] = Info(info, self.definition.extensions[DECLARED])
        receiving = resolver.parent_parameter or resolver.root_parameter
        function = resolver.wrapped_func
        if receiving is not None:
            return lambda parent: function(**{**named, receiving.name: parent})
        if resolver.self_parameter is not None:
            return lambda parent: function(parent, **named)
        return lambda _: function(**named)

    def _read(self, run: Run) -> Given:
        node = self.selected.nodes[0]
        coerced = get_argument_values(self.definition, node, run.variables, hide_suggestions=not run.suggestions)
        declared = self.definition.extensions.get(DECLARED)
        return Given(coerced, {} if declared is None else self.convert(declared, coerced))


_ABSENT: Final = object()
_NONE: Final = Given({}, {})


def variables_in(node: FieldNode) -> tuple[str, ...]:
    """The variables that a field's own arguments read."""
    reading = _Variables()
    for argument in node.arguments or ():
        visit(argument, reading)
    return tuple(sorted(reading.names))


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)


def _attempt(ask: Callable[[Any], Any], parent: Any) -> Any:
    try:
        return ask(parent)
    except Exception as error:  # a resolver's error is its field's
        return Raised(error)


def _attribute(parent: Any, info: Any) -> Any:
    value = getattr(parent, info.field_name, None)
    return value(info) if callable(value) else value
