"""Leaves: how a column or a Python value of a GraphQL scalar or enum becomes what JSON holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final, TypeAlias

import orjson
from graphql import GraphQLEnumType, GraphQLLeafType, GraphQLList, GraphQLNonNull, GraphQLOutputType

from kpi_server.api.execution.statement import Expression

Coder: TypeAlias = Callable[[str], str]
"""From the code of a value to the code of what JSON holds for it."""

_AS_IT_IS: Final = frozenset({"String", "ID", "Boolean"})
LARGEST_INT: Final = 2**31 - 1


class Unshaped(Exception):
    """A value that its type does not allow: the row is shaped again, with care and with paths."""


@dataclass
class Constants:
    """The names of what generated code refers to."""

    values: dict[str, Any] = field(
        default_factory=lambda: {"needed": needed, "loads": orjson.loads, "itemgetter": itemgetter}
    )
    _names: dict[int, str] = field(default_factory=dict)

    def name(self, value: Any) -> str:
        """The name of a value; the same value, the same name."""
        known = self._names.get(id(value))
        if known is None:
            known = self._names[id(value)] = f"k{len(self.values)}"
            self.values[known] = value
        return known


@dataclass(frozen=True)
class Leaves:
    """The leaves of one schema."""

    casts: Mapping[str, str]
    """The type in which Postgres hands over a scalar so that JSON can hold it as it is."""
    written: frozenset[str]
    """Other scalars whose values the JSON writer writes as their serializers would."""
    texts: frozenset[str]
    """Those of them that are texts."""

    def plain(self, leaf: GraphQLLeafType) -> type | None:
        """The Python type whose values are JSON for this leaf as they are, if there is one."""
        if leaf.name in self.texts or leaf.name in ("String", "ID"):
            return str
        return {"Float": float, "Int": int, "Boolean": bool}.get(leaf.name)

    def column(self, type_: GraphQLOutputType, found: Expression, constants: Constants) -> tuple[str, Coder]:
        """The SQL to read for a column of this type, and the code for what is read."""
        bare = _bare(type_)
        if isinstance(bare, GraphQLList):
            if isinstance(type_, GraphQLNonNull):
                return found.sql, lambda code: f"loads({code})"
            return found.sql, lambda code: f"(None if (v := {code}) is None else loads(v))"
        if bare.name in self.casts:
            cast = self.casts[bare.name]
            return (found.sql if found.kind.type == cast else f"({found.sql})::{cast}"), _same
        if bare.name == "Int" and found.kind.type == "integer":
            return found.sql, _same
        return found.sql, self.value(type_, constants)

    def value(self, type_: GraphQLOutputType, constants: Constants) -> Coder:
        """The code for a Python value of this type; nulls of nullable types stay null."""
        bare, may_be_null = _bare(type_), not isinstance(type_, GraphQLNonNull)
        if isinstance(bare, GraphQLEnumType):
            table = constants.name(enum_names(bare, with_null=may_be_null))
            return lambda code: f"{table}[{code}]"
        plain = self._plain(bare, constants)
        if plain is _same or not may_be_null:
            return plain
        return lambda code: f"(None if (v := {code}) is None else {plain('v')})"

    def _plain(self, bare: Any, constants: Constants) -> Coder:
        if isinstance(bare, GraphQLList):
            inner = self.value(bare.of_type, constants)
            return lambda code: f"[{inner('w')} for w in {code}]"
        if bare.name in self.written or bare.name in _AS_IT_IS:
            return _same
        function = constants.name(small if bare.name == "Int" else bare.serialize)
        return lambda code: f"{function}({code})"


def enum_names(enum: GraphQLEnumType, *, with_null: bool) -> Mapping[Any, str | None]:
    """The name of each value of an enum; members of text enums are found by their text, too."""
    names: dict[Any, str | None] = {
        getattr(entry.value, "value", entry.value): name for name, entry in enum.values.items()
    }
    return names | {None: None} if with_null else names


def small(value: Any) -> int:
    """An Int of GraphQL.

    Raises:
        Unshaped: it needs more than 32 bits, or is no integer.
    """
    if type(value) is not int or not -LARGEST_INT - 1 <= value <= LARGEST_INT:
        raise Unshaped(f"Int cannot represent {value!r}")
    return value


def needed(value: Any) -> Any:
    """A value that must be there.

    Raises:
        Unshaped: it is null.
    """
    if value is None:
        raise Unshaped("null where the type has none")
    return value


def as_json(value: Any) -> Any:
    """What the JSON writer does not know: exact numbers are strings of digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"no JSON for {type(value).__name__}")


def _same(code: str) -> str:
    return code


def _bare(type_: GraphQLOutputType) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_
