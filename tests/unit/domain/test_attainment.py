"""Attainment and share of target: worked by hand, on both sides of every bound, and where a ratio breaks."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.target import (
    Attainment,
    AttainmentFlag,
    Operator,
    Target,
    attainment,
    met,
    share_of_target,
)

RATIO_UNDEFINED, UNBOUNDED = AttainmentFlag.RATIO_UNDEFINED, AttainmentFlag.UNBOUNDED


def one_sided(operator: Operator, value: str) -> Target:
    return Target(value, operator, Decimal(value))


@pytest.mark.parametrize(
    ("operator", "target", "value", "ratio"),
    [
        (Operator.AT_LEAST, "500000", "425000", "0.85"),
        (Operator.AT_LEAST, "5000000", "4200000", "0.84"),
        (Operator.AT_LEAST, "2", "1.8", "0.9"),
        (Operator.AT_LEAST, "80", "80", "1"),
        (Operator.AT_LEAST, "80", "100", "1.25"),
        (Operator.AT_LEAST, "80", "0", "0"),
        (Operator.AT_LEAST, "80", "-40", "-0.5"),
        (Operator.MORE_THAN, "40", "35", "0.875"),
        (Operator.AT_MOST, "40000", "50000", "0.8"),
        (Operator.LESS_THAN, "8", "5", "1.6"),
        (Operator.AT_MOST, "10", "10", "1"),
        # Signs that break a ratio: 1 ± (v - T) / |T|.
        (Operator.AT_LEAST, "-10", "-5", "1.5"),
        (Operator.AT_LEAST, "-10", "-10", "1"),
        (Operator.AT_LEAST, "-10", "-15", "0.5"),
        (Operator.AT_LEAST, "-10", "10", "3"),
        (Operator.AT_MOST, "-10", "-15", "1.5"),
        (Operator.AT_MOST, "-10", "-5", "0.5"),
        (Operator.AT_MOST, "-10", "0", "0"),
        (Operator.AT_MOST, "10", "-5", "2.5"),
        (Operator.EQUAL, "10", "10", "1"),
        (Operator.EQUAL, "10", "8", "0.8"),
        (Operator.EQUAL, "10", "12.5", "0.8"),
    ],
)
def test_attainment_of_a_one_sided_target(operator: Operator, target: str, value: str, ratio: str) -> None:
    assert attainment(one_sided(operator, target), Decimal(value)) == Attainment(Decimal(ratio))


@pytest.mark.parametrize(
    ("operator", "value", "ratio"),
    [
        (Operator.AT_LEAST, "0", "1"),
        (Operator.AT_LEAST, "-1", "0"),
        (Operator.AT_MOST, "0", "1"),
        (Operator.AT_MOST, "1", "0"),
        (Operator.LESS_THAN, "0", "0"),
        (Operator.LESS_THAN, "-1", "1"),
        (Operator.EQUAL, "3", "0"),
    ],
)
def test_a_target_of_zero_is_attained_or_not_and_says_that_it_has_no_ratio(
    operator: Operator, value: str, ratio: str
) -> None:
    assert attainment(one_sided(operator, "0"), Decimal(value)) == Attainment(Decimal(ratio), RATIO_UNDEFINED)


def test_a_lower_is_better_value_of_zero_is_unbounded_and_met() -> None:
    target = one_sided(Operator.LESS_THAN, "20")
    assert attainment(target, Decimal(0)) == Attainment(None, UNBOUNDED)
    assert met(target, Decimal(0)) is True


@pytest.mark.parametrize(
    ("low", "high", "value", "ratio"),
    [
        ("15", "20", "15", "1"),
        ("15", "20", "17", "1"),
        ("15", "20", "20", "1"),
        ("15", "20", "12", "0.8"),
        ("15", "20", "25", "0.8"),
        ("15", "20", "0", "0"),
        ("-10", "-5", "-12", "0.8"),
        ("-10", "-5", "-4", "0.8"),
        ("-10", "10", "12.5", "0.8"),
    ],
)
def test_attainment_of_a_range_is_one_inside_and_the_ratio_to_the_nearer_end_outside(
    low: str, high: str, value: str, ratio: str
) -> None:
    target = Target("range", Operator.BETWEEN, low=Decimal(low), high=Decimal(high))
    assert attainment(target, Decimal(value)) == Attainment(Decimal(ratio))


@pytest.mark.parametrize(
    ("operator", "target", "baseline", "value", "ratio"),
    [
        (Operator.AT_LEAST, "80", "60", "70", "0.5"),
        (Operator.AT_LEAST, "80", "60", "90", "1.5"),
        (Operator.AT_LEAST, "80", "60", "50", "-0.5"),
        (Operator.AT_MOST, "20", "40", "30", "0.5"),
        (Operator.AT_MOST, "20", "40", "0", "2"),
        (Operator.AT_MOST, "0", "4", "1", "0.75"),
    ],
)
def test_with_a_baseline_the_way_covered_counts_in_either_direction(
    operator: Operator, target: str, baseline: str, value: str, ratio: str
) -> None:
    found = attainment(one_sided(operator, target), Decimal(value), baseline=Decimal(baseline))
    assert found == Attainment(Decimal(ratio))


def test_a_baseline_at_the_target_leaves_no_way_to_cover() -> None:
    target = one_sided(Operator.AT_LEAST, "80")
    assert attainment(target, Decimal(81), baseline=Decimal(80)) == Attainment(Decimal(1), RATIO_UNDEFINED)
    assert attainment(target, Decimal(79), baseline=Decimal(80)) == Attainment(Decimal(0), RATIO_UNDEFINED)


@pytest.mark.parametrize(
    "target",
    [
        Target("Healthy", Operator.TEXT),
        Target("> 3x CAC", Operator.MORE_THAN, multiple=Decimal(3), multiple_of="CAC"),
    ],
)
def test_a_target_without_a_number_has_no_attainment(target: Target) -> None:
    assert attainment(target, Decimal(5)) == Attainment()
    assert share_of_target(target, Decimal(5)) is None


def test_without_a_value_there_is_no_attainment_and_no_share() -> None:
    target = one_sided(Operator.AT_LEAST, "80")
    assert attainment(target, None) == Attainment()
    assert share_of_target(target, None) is None


@pytest.mark.parametrize(
    ("source", "operator", "target", "value", "percent"),
    [
        ("000:14", Operator.AT_LEAST, "500000", "425000", 85),
        ("000:21", Operator.AT_LEAST, "5000000", "4200000", 84),
        ("000:28", Operator.AT_LEAST, "70", "68", 97),
        ("000:35", Operator.AT_LEAST, "2", "1.8", 90),
        ("000:42", Operator.LESS_THAN, "1800", "1320", 73),
    ],
)
def test_the_share_of_target_is_the_percentage_that_documents_print(
    source: str, operator: Operator, target: str, value: str, percent: int
) -> None:
    share = share_of_target(one_sided(operator, target), Decimal(value))
    assert share is not None
    assert round(share * 100) == percent, source


def test_ranges_and_a_target_of_zero_have_no_share() -> None:
    between = Target("15-20%", Operator.BETWEEN, low=Decimal("0.15"), high=Decimal("0.2"))
    assert share_of_target(between, Decimal("0.18")) is None
    assert share_of_target(one_sided(Operator.AT_MOST, "0"), Decimal(3)) is None


POSITIVE = st.decimals("0.0001", 10**9, places=4)
SIGNED = st.decimals(-(10**9), 10**9, places=4)
CLOSED = st.sampled_from([Operator.AT_LEAST, Operator.AT_MOST])


@given(CLOSED, SIGNED.filter(bool), SIGNED.filter(bool))
def test_a_closed_target_is_met_exactly_when_it_is_attained(
    operator: Operator, target: Decimal, value: Decimal
) -> None:
    wish = Target("t", operator, target)
    ratio = attainment(wish, value).ratio
    assert ratio is not None
    assert (ratio >= 1) is met(wish, value)


@given(CLOSED, POSITIVE, POSITIVE, st.sampled_from([Decimal(1000), Decimal("0.01"), Decimal(8)]))
def test_a_change_of_measure_leaves_the_attainment_as_it_is(
    operator: Operator, target: Decimal, value: Decimal, factor: Decimal
) -> None:
    before = attainment(Target("t", operator, target), value)
    after = attainment(Target("t", operator, target * factor), value * factor)
    assert after == before


@given(SIGNED, st.decimals("0.0001", 10**6, places=4), SIGNED)
def test_a_range_is_met_exactly_when_its_attainment_is_one(low: Decimal, width: Decimal, value: Decimal) -> None:
    wish = Target("t", Operator.BETWEEN, low=low, high=low + width)
    assert (attainment(wish, value).ratio == 1) is met(wish, value)
