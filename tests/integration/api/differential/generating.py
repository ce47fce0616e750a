"""Valid operations drawn from a schema, with arguments that hit and arguments that miss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    ast_from_value,
    get_named_type,
    is_leaf_type,
    print_ast,
)
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
DEEPEST = 5
WIDEST = 4
MOST_FIELDS = 60


@dataclass(frozen=True)
class Operation:
    """A document with one operation, and its variables."""

    text: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Pools:
    """Values worth asking for, by the name of the argument or input field, else by its type."""

    named: Mapping[str, Sequence[Any]]
    typed: Mapping[str, Sequence[Any]]

    def of(self, name: str, type_name: str) -> Sequence[Any]:
        named = self.named.get(name, ())
        is_text = type_name in ("String", "ID", "Cursor")
        return named if named and isinstance(named[0], str) is is_text else self.typed[type_name]


@dataclass
class _Document:
    """A document while it is drawn."""

    schema: GraphQLSchema
    pools: Pools
    draw: Draw
    left: int = MOST_FIELDS
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[tuple[str, str, str]] = field(default_factory=list)
    memory: dict[tuple[str, str], str] = field(default_factory=dict)
    names: int = 0

    def fresh(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def often(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) < percent)

    def one_of(self, values: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(list(values)))


def operations(schema: GraphQLSchema, pools: Pools) -> st.SearchStrategy[Operation]:
    """Operations with a query each."""

    @st.composite
    def drawn(draw: Draw) -> Operation:
        document = _Document(schema, pools, draw)
        root = schema.query_type
        assert root is not None
        body = _selection(document, root, DEEPEST, is_mixed=False)
        fragments = " ".join(f"fragment {name} on {type_} {text}" for name, type_, text in document.fragments)
        declared = f"({', '.join(document.declared)})" if document.declared else ""
        return Operation(f"query Drawn{declared} {body} {fragments}", document.variables)

    return drawn()


def _selection(document: _Document, parent: Any, depth: int, *, is_mixed: bool) -> str:
    """Braces with a few selections; `is_mixed` where the same names may have other types beside them."""
    wanted = [_part(document, parent, depth, is_mixed=is_mixed) for _ in range(document.draw(st.integers(1, WIDEST)))]
    parts = [part for part in wanted if part]
    return f"{{ {' '.join(parts) or '__typename'} }}"


def _part(document: _Document, parent: Any, depth: int, *, is_mixed: bool) -> str:
    if isinstance(parent, GraphQLInterfaceType):
        return _of_interface(document, parent, depth)
    kind = document.draw(st.integers(0, 19))
    if kind == 0:
        return f"{_alias(document)}__typename{_directives(document)}"
    if kind == 1 and depth:
        condition = document.one_of(["", f" on {parent.name}", *(f" on {one.name}" for one in parent.interfaces)])
        inner = document.schema.get_type(condition.removeprefix(" on ")) or parent
        return f"...{condition}{_directives(document)} {_selection(document, inner, depth - 1, is_mixed=is_mixed)}"
    if kind == 2 and depth and not is_mixed:
        return f"...{_fragment(document, parent, depth - 1)}{_directives(document)}"
    return _field(document, parent, depth, is_mixed=is_mixed)


def _of_interface(document: _Document, parent: GraphQLInterfaceType, depth: int) -> str:
    kind = document.draw(st.integers(0, 3))
    if kind == 0 or not depth:
        return document.one_of(["id", f"{document.fresh('a')}: id", "__typename"])
    one = document.one_of(sorted(type_.name for type_ in document.schema.get_possible_types(parent)))
    inner = document.schema.get_type(one)
    return f"... on {one}{_directives(document)} {_selection(document, inner, depth - 1, is_mixed=True)}"


def _fragment(document: _Document, parent: GraphQLObjectType, depth: int) -> str:
    """The name of a fragment on this type: one that is there, or a new one."""
    known = [name for name, type_, _ in document.fragments if type_ == parent.name]
    if known and document.often(50):
        return str(document.one_of(known))
    text = _selection(document, parent, depth, is_mixed=False)
    name = document.fresh("F")
    document.fragments.append((name, parent.name, text))
    return name


def _field(document: _Document, parent: GraphQLObjectType, depth: int, *, is_mixed: bool) -> str:
    fields: Mapping[str, GraphQLField] = parent.fields
    inner_names = [name for name, field in fields.items() if not is_leaf_type(get_named_type(field.type))]
    leaf_names = [name for name in fields if name not in inner_names]
    may_go_on = depth > 0 and document.left > 0 and inner_names
    goes_on = may_go_on and (not leaf_names or document.often(60))
    name = document.one_of(inner_names if goes_on else leaf_names or ["__typename"])
    document.left -= 1
    if name == "__typename":
        return name
    definition = fields[name]
    alias, arguments = _called(document, parent, name, definition, is_mixed=is_mixed)
    written = f"{alias}{name}{arguments}{_directives(document)}"
    inside = get_named_type(definition.type)
    if is_leaf_type(inside):
        return written
    mixed = is_mixed and not alias
    return f"{written} {_selection(document, inside, depth - 1, is_mixed=mixed)}"


def _called(
    document: _Document, parent: GraphQLObjectType, name: str, definition: GraphQLField, *, is_mixed: bool
) -> tuple[str, str]:
    """What a field is called, and its arguments: under its own name always with the same ones, so that it merges."""
    if is_mixed or document.often(25):
        return f"{document.fresh('a')}: ", _arguments(document, parent, name, definition)
    memory = document.memory
    if (parent.name, name) not in memory:
        memory[parent.name, name] = _arguments(document, parent, name, definition)
    return "", memory[parent.name, name]


def _alias(document: _Document) -> str:
    return f"{document.fresh('a')}: " if document.often(50) else ""


def _directives(document: _Document) -> str:
    if not document.often(12):
        return ""
    written = []
    for name in document.one_of([("skip",), ("include",), ("skip", "include")]):
        value = document.one_of(["true", "false"] if name == "include" else ["false", "false", "true"])
        if document.often(50):
            value = _variable(document, "Boolean!", value == "true", value)
        written.append(f" @{name}(if: {value})")
    return "".join(written)


def _arguments(document: _Document, parent: GraphQLObjectType, name: str, definition: GraphQLField) -> str:
    given = []
    for argument, declared in definition.args.items():
        needed = isinstance(declared.type, GraphQLNonNull) and declared.default_value in (None, Undefined)
        is_page = argument == "first"
        if needed or document.often(70 if is_page else 20):
            value = _value(document, f"{name}.{argument}", argument, declared.type)
            given.append(f"{argument}: {_written(document, value, declared.type)}")
    return f"({', '.join(given)})" if given else ""


def _written(document: _Document, value: Any, type_: Any) -> str:
    """A value as a literal or as a variable, by chance inside a list or an object too."""
    if document.often(35):
        return _variable(document, str(type_), value, _literal(value, type_))
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(bare, GraphQLList) and isinstance(value, list):
        return f"[{', '.join(_written(document, one, bare.of_type) for one in value)}]"
    if isinstance(bare, GraphQLInputObjectType) and value is not None:
        parts = [f"{name}: {_written(document, one, _needed(bare, name))}" for name, one in value.items()]
        return f"{{{', '.join(parts)}}}"
    return _literal(value, type_)


def _needed(type_: GraphQLInputObjectType, name: str) -> Any:
    """The type of a field as what is given for it needs to be: what chooses one of several is not null."""
    declared = type_.fields[name].type
    return GraphQLNonNull(declared) if type_.is_one_of else declared


def _literal(value: Any, type_: Any) -> str:
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if value is None:
        return "null"
    if isinstance(bare, GraphQLList):
        return f"[{', '.join(_literal(one, bare.of_type) for one in value)}]"
    if isinstance(bare, GraphQLInputObjectType):
        return f"{{{', '.join(f'{name}: {_literal(one, bare.fields[name].type)}' for name, one in value.items())}}}"
    if isinstance(bare, GraphQLEnumType):
        return str(value)
    if isinstance(value, str):
        return print_ast(ast_from_value(value, GraphQLString))
    return str(value).lower()


def _variable(document: _Document, type_: str, value: Any, literal: str) -> str:
    """A new variable: given, left to its default, or (where it may be) not given at all."""
    name = document.fresh("v")
    way = document.draw(st.integers(0, 3))
    if way == 0:
        document.declared.append(f"${name}: {type_} = {literal}")
    elif way == 1 and not type_.endswith("!"):
        document.declared.append(f"${name}: {type_}")
    else:
        document.declared.append(f"${name}: {type_}")
        document.variables[name] = value
    return f"${name}"


def _value(document: _Document, place: str, name: str, type_: Any, depth: int = 2) -> Any:
    """A value of an input type; filters nest in themselves, but not for ever."""
    if not isinstance(type_, GraphQLNonNull):
        if document.often(8):
            return None
        bare = type_
    else:
        bare = type_.of_type
    if isinstance(bare, GraphQLList):
        return [_value(document, place, name, bare.of_type, depth) for _ in range(document.draw(st.integers(0, 2)))]
    if isinstance(bare, GraphQLInputObjectType):
        return {
            one: _value(document, one, one if depth == 2 else name, field.type, depth - 1)
            for one, field in _given(document, bare, depth)
        }
    if isinstance(bare, GraphQLEnumType):
        return document.one_of(sorted(bare.values))
    if place in document.pools.named:
        return document.one_of(document.pools.named[place])
    return document.one_of(document.pools.of(name, bare.name))


def _given(document: _Document, type_: GraphQLInputObjectType, depth: int) -> list[tuple[str, Any]]:
    """The fields that are given; of an input that is one of several, that one."""
    if type_.is_one_of:
        name = document.one_of(sorted(type_.fields))
        return [(name, GraphQLInputField(_needed(type_, name)))]
    return [(one, field) for one, field in type_.fields.items() if _is_given(document, field, depth)]


def _is_given(document: _Document, field: Any, depth: int) -> bool:
    if isinstance(field.type, GraphQLNonNull) and field.default_value in (None, Undefined):
        return True
    if depth == 0 and isinstance(get_named_type(field.type), GraphQLInputObjectType):
        return False
    return document.often(20)
