"""Whatever is sent for any argument of the graph, the answer is data or an error about the argument."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from kpi_server.api.executor import Executor, core_schema
from kpi_server.settings import Settings

pytestmark = [pytest.mark.families, pytest.mark.full]

TEXTS = [
    "x" * 1_000_000, "\ud800", "'; drop table kpis; --", "", " ", "%_\\", "$1", "a\x00b", "🤖" * 100, "1" * 100,
    "S3BpOjE6Mg", "null", "{}", "=", "a=", "=b", "a=b,a=c",
]  # fmt: skip
HOSTILE: dict[str, list[Any]] = {
    "String": TEXTS,
    "ID": TEXTS,
    "Cursor": TEXTS,
    "Int": [-(2**31), -1, 0, 2**31 - 1],
    "Date": ["0001-01-01", "9999-12-31", "2024-02-29"],
    "Boolean": [True, False],
    "Decimal": ["9" * 60, "-0." + "0" * 59 + "1", "0"],
    "Float": [1.7e308, -5e-324, 0],
    "Period": ["0001", "9998-W52", "2024-02-29"],
    "DateTime": ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2024-02-29T00:00:00+14:00"],
}
AROUND = {
    "Query": "{field}",
    "Organization": 'organization(slug: "datainsight-pro") {{ {field} }}',
    "Kpi": 'organization(slug: "datainsight-pro") {{ kpi(key: "ARR") {{ {field} }} }}',
}
NEEDED = {
    "slug": '"datainsight-pro"',
    "organization": '"datainsight-pro"',
    "input": "{}",
    "kpis": '["ARR"]',
    "grain": "MONTH",
    "from": '"2026-01"',
    "to": '"2026-02"',
    "period": '"2026-01"',
}
"""What fields with several arguments are given beside the one that is asked about."""
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
    """One for every scalar that an argument takes, however deep in its input; what lists share is asked of one."""
    for kind, around in AROUND.items():
        for name, field in schema.type_map[kind].fields.items():
            is_example = (kind, name) == ("Organization", "kpis")
            for argument, definition in field.args.items():
                if argument in PAGING and not is_example:
                    continue
                beside = "".join(
                    f"{each}: {NEEDED[each]}, "
                    for each, other in field.args.items()
                    if is_required_argument(other) and each != argument
                )
                for path, type_ in paths(definition.type, every_operator=is_example):
                    sent = "".join(f"{{{step}: " for step in path) + "$value" + "}" * len(path)
                    selection = f"{name}({beside}{argument}: {sent}){_selection(field)}"
                    document = f"query Hostile($value: {type_}) {{ {around.format(field=selection)} }}"
                    place = f"{kind}.{name}({'.'.join((argument, *path))})"
                    yield Question(place, document, values_for(type_, all_of_them=is_example or not path))


def _needed(type_: GraphQLInputType) -> GraphQLInputType:
    """What a variable must be that chooses one of several."""
    return GraphQLNonNull(get_nullable_type(type_))


def paths(
    type_: GraphQLInputType, *, every_operator: bool, within: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], GraphQLInputType]]:
    """The names that lead to each scalar in an input, with its type; of operators the first, unless all are wanted."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        if named.name in HOSTILE:
            yield (), type_
        return
    required = [name for name, value in named.fields.items() if is_required_input_field(value)]  # the ends of a range
    found = [
        (("".join(f"{other}: $value, " for other in required if other != name) + name, *path), inner)
        for name, value in named.fields.items()
        if get_named_type(value.type).name not in {*within, named.name}  # a filter of filters is one of the same
        for path, inner in paths(
            _needed(value.type) if named.is_one_of else value.type,
            every_operator=every_operator,
            within=(*within, named.name),
        )
    ]
    yield from found if every_operator or not within else found[:1]


def values_for(type_: GraphQLInputType, *, all_of_them: bool) -> list[Any]:
    hostile = HOSTILE[get_named_type(type_).name]
    chosen = hostile if all_of_them else hostile[:3]
    return [[each] for each in chosen] if is_list_type(get_nullable_type(type_)) else chosen


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
    assert {
        "Query.node(id)",
        "Organization.kpis(filter.name.contains)",
        "Organization.kpis(after)",
        "Kpi.status(segment)",
    } <= {str(question) for question in asked}
    unexpected = [
        (str(question), str(value)[:40], code, message[:200])
        for question in asked
        for value in question.values
        for code, message in await execute(question.document, value)
        if code not in {"BAD_USER_INPUT", "AMBIGUOUS", "NOT_FOUND", "LIMIT_EXCEEDED"}
    ]
    assert unexpected == []
