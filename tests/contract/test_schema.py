"""The published schema is what the program serves, describes everything it holds, and follows the API's conventions."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
)
from strawberry.utils.str_converters import to_camel_case

from kpi_server.api.schema import build_schema as build_served
from kpi_server.registry import build

PUBLISHED = Path(__file__).parents[2] / "schema" / "schema.graphql"
FAMILIES = {"course", "customer", "financial", "market", "people", "product", "technical"}

pytestmark = pytest.mark.families


@pytest.fixture(scope="module")
def published() -> GraphQLSchema:
    return build_schema(PUBLISHED.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def kinds(published) -> list[GraphQLNamedType]:
    """The schema's own types."""
    return [kind for name, kind in published.type_map.items() if not name.startswith("__")]


def _fields(kinds):
    for kind in kinds:
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field


def test_published_schema_is_the_one_that_is_served(registry):
    assert build_served(registry).as_str() + "\n" == PUBLISHED.read_text(encoding="utf-8")


def test_every_type_is_described(kinds):
    built_in = {"Boolean", "Float", "ID", "Int", "String"}
    assert [kind.name for kind in kinds if not kind.description and kind.name not in built_in] == []


def test_every_field_and_argument_is_described(kinds):
    fields = list(_fields(kinds))
    undescribed = [name for name, field in fields if not field.description]
    undescribed += [
        f"{name}({argument})"
        for name, field in fields
        for argument, entry in getattr(field, "args", {}).items()
        if not entry.description
    ]
    assert undescribed == []


def test_every_enum_value_is_described(kinds):
    enums = [kind for kind in kinds if isinstance(kind, GraphQLEnumType)]
    assert len(enums) > 15
    assert [f"{e.name}.{name}" for e in enums for name, value in e.values.items() if not value.description] == []


def test_no_argument_has_a_default_of_null(published):
    text = PUBLISHED.read_text(encoding="utf-8")
    assert "= null" not in text
    assert "@deprecated" not in text


def test_entries_of_lists_are_never_null_except_those_asked_for_by_id_and_gaps_of_series(kinds):
    loose = []
    for name, field in _fields(kinds):
        kind = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if isinstance(kind, GraphQLList) and not isinstance(kind.of_type, GraphQLNonNull):
            loose.append(name)
    columns = [f"{kind}.{name}" for kind in ("MetricRow", "Series") for name in ("comparedValues", "exact", "values")]
    assert sorted(loose) == sorted(["Query.nodes", *columns])


def test_scalars_are_the_documented_ones(kinds):
    scalars = {kind.name: kind.specified_by_url for kind in kinds if isinstance(kind, GraphQLScalarType)}
    assert set(scalars) - {"Boolean", "Float", "ID", "Int", "String"} == {
        "Cursor",
        "Date",
        "DateTime",
        "Decimal",
        "Duration",
        "Period",
        "SentDateTime",
        "SentDecimal",
        "SentPeriod",
    }
    assert scalars["Date"] == "https://scalars.graphql.org/andimarek/local-date"
    assert scalars["DateTime"] == "https://scalars.graphql.org/andimarek/date-time"


def test_every_family_has_a_field_with_nullable_metrics(published, registry):
    organization = published.type_map["Organization"]
    assert {loaded.family.name for loaded in registry.families} == FAMILIES
    for loaded in registry.families:
        name = loaded.family.name
        field = organization.fields[name]
        assert str(field.type) == f"{name.capitalize()}Family"
        assert field.description == loaded.family.description
        metrics = [field.type.fields[to_camel_case(metric.key)] for metric in loaded.metrics]
        assert {str(entry.type) for entry in metrics} == {"Kpi"}
        assert [entry.description for entry in metrics] == [metric.description for metric in loaded.metrics]


def test_connections_follow_relays_shape(kinds):
    connections = [kind for kind in kinds if kind.name.endswith("Connection")]
    assert len(connections) >= 13
    for connection in connections:
        entry = connection.name.removesuffix("Connection")
        assert {name: str(field.type) for name, field in connection.fields.items()} == {
            "edges": f"[{entry}Edge!]!",
            "nodes": f"[{entry}!]!",
            "pageInfo": "PageInfo!",
            "totalCount": "Int!",
        }


def test_paged_fields_take_relays_arguments(kinds):
    paged = [(name, field) for name, field in _fields(kinds) if str(field.type).endswith("Connection!")]
    assert len(paged) >= 20
    for name, field in paged:
        taken = {argument: str(entry.type) for argument, entry in field.args.items()}
        assert {"first": "Int", "after": "Cursor", "last": "Int", "before": "Cursor"}.items() <= taken.items(), name


def test_schema_stands_without_any_family():
    schema = build_schema(build_served(build([])).as_str())
    organization = schema.type_map["Organization"]
    assert FAMILIES.isdisjoint(organization.fields)
    assert "kpis" in organization.fields
