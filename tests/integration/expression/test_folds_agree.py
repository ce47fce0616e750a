"""The fold to Decimal and the fold to SQL give the same, digit by digit, on PostgreSQL itself."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.expression.decimals import Amount, evaluate
from kpi_server.domain.expression.sql import sql
from kpi_server.domain.expression.tracing import choose, maximum, minimum, trace
from kpi_server.domain.expression.tree import (
    Change,
    Changed,
    Choice,
    Comparator,
    Comparison,
    Conjunction,
    Joined,
    Joint,
    Literal,
    Operation,
    Read,
    Tree,
    reads,
)
from kpi_server.store.embedded import Cluster

SLOTS = ("a", "b", "c")
ZEROS = ("c",)
COLUMNS = {slot: f"given.{slot}" for slot in SLOTS}
Given = Mapping[str, Decimal | None]
Select = Callable[[Sequence[Tree], Given], list[Any]]


@pytest.fixture(scope="module")
def select(cluster: Cluster) -> Iterator[Select]:
    """What PostgreSQL gives for some trees and the amounts of their slots."""
    with asyncio.Runner() as runner:
        connection: asyncpg.Connection = runner.run(asyncpg.connect(cluster.dsn()))

        def selected(trees: Sequence[Tree], amounts: Given) -> list[Any]:
            expressions = ", ".join(sql(tree, COLUMNS, zeros=ZEROS) for tree in trees)
            columns = "$1::numeric as a, $2::numeric as b, $3::numeric as c"
            statement = f"select {expressions} from (select {columns}) as given"
            return [*runner.run(connection.fetchrow(statement, *(amounts[slot] for slot in SLOTS)))]

        yield selected
        runner.run(connection.close())


def in_decimals(tree: Tree, amounts: Given) -> Decimal | str | None:
    inputs: dict[str, Amount] = {
        slot: Absent(Absence.NO_DATA) if amount is None else amount for slot, amount in amounts.items()
    }
    outcome = evaluate(tree, inputs, zeros=ZEROS)
    return None if isinstance(outcome, Absent) else outcome


numbers = st.one_of(
    st.sampled_from([Decimal(0), Decimal(1), Decimal(-1), Decimal(3), Decimal("5E-13"), Decimal("-15E-13")]),
    st.integers(-(10**15), 10**15).map(Decimal),
    st.decimals(-1000, 1000, places=6),
    st.decimals(Decimal("1E-12"), Decimal("1E-6"), places=12),
    st.decimals(10**14, 10**18, places=2),
)
leaves = st.one_of(st.sampled_from([Read(slot) for slot in SLOTS]), numbers.map(Literal))
formulas = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.builds(Joined, st.sampled_from(Operation), parts, parts),
        st.builds(Changed, st.sampled_from(Change), parts),
    ),
    max_leaves=6,
)
conditions = st.recursive(
    st.builds(Comparison, st.sampled_from(Comparator), formulas, formulas),
    lambda parts: st.builds(Conjunction, st.sampled_from(Joint), parts, parts),
    max_leaves=3,
)
further = st.builds(Choice, conditions, st.just("Maybe"), st.just('"'))
choices = st.builds(Choice, conditions, st.just("It's"), st.just("No") | further)
trees = st.one_of(formulas, formulas, choices).filter(reads)


@given(st.lists(trees, min_size=1, max_size=12), st.fixed_dictionaries({slot: st.none() | numbers for slot in SLOTS}))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_random_formulas_agree(select: Select, formulas: list[Tree], amounts: Given):
    assert select(formulas, amounts) == [in_decimals(tree, amounts) for tree in formulas]


CASES: list[tuple[Callable[..., object], dict[str, str | None], Decimal | str | None]] = [
    (lambda a, b: a / b, {"a": "1", "b": "3"}, Decimal("0.333333333333")),
    (lambda a, b: a / b, {"a": "1E+20", "b": "3"}, Decimal("33333333333333333333.333333333333")),
    (lambda a, b: a / b, {"a": "1", "b": "0"}, None),
    (lambda a, b: a / b, {"a": "0", "b": "0"}, None),
    (lambda a, b: a / b, {"a": None, "b": "0"}, None),
    (lambda a, b: a + b, {"a": "1", "b": None}, None),
    (lambda a, c: a + c, {"a": "1", "c": None}, Decimal(1)),
    (lambda a, b: minimum(a, b), {"a": "1", "b": None}, None),
    (lambda a, b: maximum(a, a / b), {"a": "1", "b": "0"}, None),
    (lambda a: a, {"a": "0.0000000000005"}, Decimal(0)),
    (lambda a: a, {"a": "0.0000000000015"}, Decimal("0.000000000002")),
    (lambda a: a, {"a": "-0.0000000000025"}, Decimal("-0.000000000002")),
    (lambda a: a * a, {"a": "1E+20"}, None),
    (lambda a, b: choose(a > b, "More", "It's less"), {"a": "1", "b": "2"}, "It's less"),
    (lambda a, b: choose((a > 0) | (a / b > 1), "Yes", "No"), {"a": "1", "b": "0"}, "Yes"),
    (lambda a, b: choose((a > 0) & (a / b > 1), "Yes", "No"), {"a": "1", "b": "0"}, None),
    (lambda a, b: choose((a > 0) | (b > 1), "Yes", "No"), {"a": "1", "b": None}, None),
]


@pytest.mark.parametrize(("calculator", "amounts", "expected"), CASES)
def test_null_zero_and_halves_are_the_same_in_both(
    select: Select,
    calculator: Callable[..., object],
    amounts: Mapping[str, str | None],
    expected: Decimal | str | None,
):
    tree = trace(calculator).tree
    filled = {slot: None if (text := amounts.get(slot)) is None else Decimal(text) for slot in SLOTS}
    assert (select([tree], filled), in_decimals(tree, filled)) == ([expected], expected)
