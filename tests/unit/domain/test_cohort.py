"""Cohorts by age, as document 003 prints them."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.cohort import average, column_target, net_revenue_retention
from kpi_server.domain.target import met
from kpi_server.domain.unit import parse_unit

AGES = (0, 1, 3, 6, 12)
REVENUE = {
    "003:401": ("1250", "1280", "1420", "1580", "1750"),
    "003:402": ("1300", "1340", "1480", "1650", None),
    "003:403": ("1280", "1310", "1450", None, None),
    "003:404": ("1320", "1350", None, None, None),
    "003:405": ("1350", None, None, None, None),
}
RETENTION = {
    "003:383": ("1", "0.92", "0.78", "0.65", "0.58"),
    "003:384": ("1", "0.94", "0.81", "0.68", None),
    "003:385": ("1", "0.91", "0.76", None, None),
    "003:386": ("1", "0.89", None, None, None),
    "003:387": ("1", None, None, None, None),
}


def _cells(values: Sequence[str | None]) -> dict[int, Decimal | None]:
    return {age: None if value is None else Decimal(value) for age, value in zip(AGES, values, strict=True)}


@pytest.mark.parametrize(
    ("line", "printed"),
    [("003:401", "1.40"), ("003:402", "1.27"), ("003:403", "1.13"), ("003:404", "1.02")],
)
def test_nrr_of_a_cohort_is_the_printed_percentage(line: str, printed: str) -> None:
    nrr = net_revenue_retention(_cells(REVENUE[line]))
    assert nrr is not None
    assert nrr.quantize(Decimal("0.01"), ROUND_HALF_EVEN) == Decimal(printed)


def test_a_cohort_with_only_age_zero_has_no_nrr() -> None:
    """003:405 prints "-"."""
    assert net_revenue_retention(_cells(REVENUE["003:405"])) is None


@pytest.mark.parametrize(
    ("cells", "nrr"),
    [
        ({}, None),
        ({1: "5", 3: "6"}, None),  # no age 0
        ({0: None, 1: "5"}, None),
        ({0: "0", 1: "5"}, None),  # undefined
        ({0: "4", 1: "0"}, "0"),  # all of it lost: zero is a number
        ({0: "4", 1: None, 3: "5"}, "1.25"),  # a gap before the latest filled age
        ({3: "5", 0: "4", 1: "8"}, "1.25"),  # by age, not by place
        ({0: "4", 1: "-1"}, "-0.25"),
    ],
    ids=str,
)
def test_nrr_is_the_latest_filled_age_over_age_zero(cells: dict[int, str | None], nrr: str | None) -> None:
    values = {age: None if value is None else Decimal(value) for age, value in cells.items()}
    assert net_revenue_retention(values) == (None if nrr is None else Decimal(nrr))


@pytest.mark.parametrize(
    ("line", "age", "nrr"),
    [
        ("003:401", 12, "1.4"),
        ("003:401", 6, "1.264"),  # 1580 / 1250
        ("003:402", 12, None),  # too young for it
        ("003:401", 0, None),
        ("003:401", 7, None),
    ],
)
def test_nrr_at_an_age_needs_a_cohort_of_that_age(line: str, age: int, nrr: str | None) -> None:
    found = net_revenue_retention(_cells(REVENUE[line]), age=age)
    assert found == (None if nrr is None else Decimal(nrr))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, "1"),
        (1, "0.915"),  # (92 + 94 + 91 + 89) / 4
        (6, "0.665"),  # (65 + 68) / 2
        (12, "0.58"),
    ],
)
def test_an_average_divides_by_the_cohorts_that_have_the_age(age: int, expected: str) -> None:
    cohorts = [_cells(values) for values in RETENTION.values()]
    assert average(cohort[age] for cohort in cohorts) == Decimal(expected)


def test_an_average_of_nobody_is_none() -> None:
    assert average([]) is None
    assert average([None, None]) is None
    assert average([Decimal(0), None]) == 0


@given(st.lists(st.decimals("-1000", "1000", places=3), min_size=1), st.integers(0, 5))
def test_an_average_lies_between_the_ends_and_young_cohorts_do_not_move_it(known: list[Decimal], young: int) -> None:
    mean = average([*known, *[None] * young])
    assert mean is not None
    assert min(known) <= mean <= max(known)
    assert mean == average(known)


@pytest.mark.parametrize(
    ("line", "age", "target", "reached"),
    [
        ("003:383", 1, "95%", False),  # 92 %
        ("003:384", 1, "95%", False),  # 94 %
        ("003:384", 3, "85%", False),  # 81 %
        ("003:384", 6, "75%", False),  # 68 %
        ("003:385", 6, "75%", None),  # too young
        ("no line", 1, "92%", True),  # the first cohort's own 92 %
    ],
)
def test_a_cell_is_judged_by_the_target_of_its_age(line: str, age: int, target: str, reached: bool | None) -> None:
    """003:392: 95 % in month 1, 85 % in month 3, 75 % in month 6."""
    cell = _cells(RETENTION.get(line, RETENTION["003:383"]))[age]
    assert met(column_target(target, parse_unit("RATIO")), cell) is reached


@pytest.mark.parametrize(
    ("text", "of_total", "bound"),
    [("115%", True, "1.15"), ("$1,300", False, "1300"), ("$1,300", True, "1300")],
)
def test_a_target_of_the_computed_column_may_be_in_percent(text: str, of_total: bool, bound: str) -> None:
    """003:410: "Target NRR: 115% by Month 12" beside cells in dollars."""
    assert column_target(text, parse_unit("MONEY(USD)/month"), of_total=of_total).value == Decimal(bound)
