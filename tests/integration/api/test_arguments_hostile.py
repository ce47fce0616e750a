"""Whatever is sent for any argument of the graph, the answer is data or an error about the argument."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

from kpi_server.api.executor import Executor, core_schema
from kpi_server.settings import Settings

pytestmark = [pytest.mark.families, pytest.mark.full]

TEXTS = [
    "", " ", "x" * 1_000_000, "%_\\", "'; drop table kpis; --", "$1", "\ud800", "a\x00b", "🤖" * 100, "1" * 100,
    "S3BpOjE6Mg", "null", "{}", "=", "a=", "=b", "a=b,a=c",
]  # fmt: skip
HOSTILE: dict[str, list[Any]] = {
    "String": TEXTS,
    "ID": TEXTS,
    "Cursor": TEXTS,
    "Int": [-(2**31), -1, 0, 2**31 - 1],
    "Date": ["0001-01-01", "9999-12-31", "2024-02-29"],
    "Boolean": [True, False],
}
AROUND = {
    "Query": "{field}",
    "Organization": 'organization(slug: "datainsight-pro") {{ {field} }}',
    "Kpi": 'organization(slug: "datainsight-pro") {{ kpi(key: "ARR") {{ {field} }} }}',
}
PAGING = {"first", "last", "after", "before"}


@dataclass(frozen=True)
class Question:
    """A document with one variable, and the values to send for it."""

    place: str
    document: str
    values: list[Any]

    def __str__(self) -> str:
        return self.place


def questions(schema: GraphQLSchema) -> Iterator[Question]:
    """One for every scalar that an argument, or a field of an input, takes; page arguments once, which lists share."""
    for kind, around in AROUND.items():
        for name, field in schema.type_map[kind].fields.items():
            for argument, definition in field.args.items():
                if argument in PAGING and (kind, name) != ("Organization", "kpis"):
                    continue
                yield from _questions(around, f"{kind}.{name}", field, argument, definition)


def _questions(
    around: str, place: str, field: GraphQLField, argument: str, definition: GraphQLArgument
) -> Iterator[Question]:
    assert [name for name, other in field.args.items() if is_required_argument(other) and name != argument] == []
    named = get_named_type(definition.type)
    wanted: dict[str, GraphQLArgument | GraphQLInputField] = {"": definition}
    if is_input_object_type(named):
        wanted = dict(named.fields)
    for inner, value in wanted.items():
        scalar = get_named_type(value.type)
        if not is_leaf_type(scalar) or scalar.name not in HOSTILE:
            continue
        sent = f"{{{inner}: $value}}" if inner else "$value"
        selection = f"{name_of(place)}({argument}: {sent}){_selection(field)}"
        document = f"query Hostile($value: {value.type}) {{ {around.format(field=selection)} }}"
        is_list = is_list_type(get_nullable_type(value.type))
        values = [[each] for each in HOSTILE[scalar.name]] if is_list else HOSTILE[scalar.name]
        yield Question(f"{place}({argument}{'.' if inner else ''}{inner})", document, values)


def name_of(place: str) -> str:
    return place.partition(".")[2]


def _selection(field: GraphQLField) -> str:
    named = get_named_type(field.type)
    if is_leaf_type(named):
        return ""
    return " { totalCount nodes { __typename } }" if named.name.endswith("Connection") else " { __typename }"


@pytest.fixture
def execute(schema, registry, read_database, scope_of):
    """Asks as a request does, planned where a plan serves; the codes and messages of the errors."""
    executor = Executor(schema, registry, read_database, Settings(_env_file=None))
    scope = scope_of("datainsight-pro", "snapshot-co")

    async def executed(document: str, value: Any) -> list[tuple[str, str]]:
        payload = orjson.loads((await executor.execute(scope, document, {"value": value})).body)
        return [(error["extensions"]["code"], error["message"]) for error in payload.get("errors", ())]

    return executed


async def test_every_argument_takes_hostile_values(execute, schema):
    asked = list(questions(core_schema(schema)))
    assert {"Query.node(id)", "Organization.kpis(filter.text)", "Organization.kpis(after)", "Kpi.status(segment)"} <= {
        str(question) for question in asked
    }
    unexpected = [
        (str(question), str(value)[:40], code, message[:200])
        for question in asked
        for value in question.values
        for code, message in await execute(question.document, value)
        if code not in {"BAD_USER_INPUT", "AMBIGUOUS"}
    ]
    assert unexpected == []
