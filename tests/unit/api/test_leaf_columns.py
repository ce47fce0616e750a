"""Leaves are completed by the column: to the same, with the same errors, as one by one."""

import asyncio
from dataclasses import dataclass, field

import pytest
from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.api.execution.asking import Raised
from kpi_server.api.execution.awaiting import settled
from kpi_server.api.execution.leaves import Leaves
from kpi_server.api.execution.objects import LeafCompletion
from kpi_server.api.execution.shape import FAILED, FieldPaths, maker_of

SEASON = GraphQLEnumType("Season", {"SPRING": "spring", "AUTUMN": "autumn"})
LEAVES = (GraphQLString, GraphQLID, GraphQLInt, GraphQLFloat, GraphQLBoolean, SEASON)
PLAIN = Leaves({}, frozenset(), frozenset())
KINDS = (
    st.booleans(),
    st.text(max_size=3),
    st.sampled_from(["spring", "autumn"]),
    st.integers(-(2**33), 2**33),
    st.sampled_from([2**31 - 1, 2**31, -(2**31), -(2**31) - 1]),
    st.floats(),
    st.just([]),
    st.builds(Raised, st.just(ValueError("of a resolver"))),
)
COLUMNS = st.one_of(st.lists(st.one_of(st.none(), *KINDS)), *(st.lists(st.none() | kind) for kind in KINDS))


@dataclass
class Run:
    reported: list = field(default_factory=list)

    def report(self, error, nodes, path):
        self.reported.append((type(error), str(error), nodes, path))


def expected(leaf, value, path, run, *, required):
    """As the specification has it: what a value is completed to, or null and an error where it is."""
    error = value.error if isinstance(value, Raised) else None
    if value is not None and error is None:
        try:
            return leaf.serialize(value)
        except Exception as failure:
            error = failure
    if error is None and required:
        error = TypeError("Cannot return null for non-nullable field.")
    if error is not None:
        run.report(error, (), path)
    return FAILED if required else None


@given(st.sampled_from(LEAVES), st.booleans(), COLUMNS)
def test_a_column_is_what_its_values_are(leaf, required, column):
    found, wanted = Run(), Run()
    paths = FieldPaths([((), place) for place in range(len(column))], "leaf")
    made = LeafCompletion(leaf, required, PLAIN.plain(leaf)).at_once(found, column, paths, ())
    one_by_one = [
        expected(leaf, value, (((), place), "leaf"), wanted, required=required) for place, value in enumerate(column)
    ]
    assert [(type(value), repr(value)) for value in made] == [(type(value), repr(value)) for value in one_by_one]
    assert found.reported == wanted.reported


@pytest.mark.parametrize(
    ("leaf", "column", "answer"),
    [
        (GraphQLString, ["a", None], ["a", None]),
        (GraphQLString, ["a", 1], ["a", "1"]),
        (GraphQLInt, [2**31 - 1, -(2**31), None], [2147483647, -2147483648, None]),
        (GraphQLInt, [1, 2**31], [1, None]),
        (GraphQLInt, [True, 1.0], [1, 1]),
        (GraphQLFloat, [1.5, 2], [1.5, 2.0]),
        (GraphQLFloat, [1.5, float("nan")], [1.5, None]),
        (SEASON, ["spring", "spring", None, "autumn"], ["SPRING", "SPRING", None, "AUTUMN"]),
        (SEASON, ["spring", "winter"], ["SPRING", None]),
        (SEASON, ["spring", []], ["SPRING", None]),
    ],
)
def test_a_column_of_a_leaf(leaf, column, answer):
    paths = FieldPaths([()] * len(column), "leaf")
    made = LeafCompletion(leaf, False, PLAIN.plain(leaf)).at_once(Run(), column, paths, ())
    assert list(map(repr, made)) == list(map(repr, answer))


async def test_what_can_be_awaited_is_awaited_wherever_it_stands():
    async def given_later(value):
        if value is None:
            raise ValueError
        return value

    future = asyncio.get_running_loop().create_future()
    future.set_result("future")
    found = await settled([1, given_later(2), future, "four", given_later(None)])
    assert found[:4] == [1, 2, "future", "four"]
    assert isinstance(found[4].error, ValueError)
    assert await settled([]) == []


@pytest.mark.parametrize("keys", [["a"], ["a", "None", "class", "__typename"]])
def test_objects_are_made_with_whatever_names_are_selected(keys):
    rows = [tuple(range(number, number + len(keys))) for number in (0, 10)]
    assert maker_of(keys)(rows) == [dict(zip(keys, row, strict=True)) for row in rows]
