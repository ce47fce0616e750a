"""Funnels: shares of the step before and of the first, with nothing made up where a step is unknown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.funnel import Shares, shares


def some(*numbers: str | None) -> list[Decimal | None]:
    return [None if number is None else Decimal(number) for number in numbers]


@pytest.mark.parametrize(
    ("counts", "of_previous", "of_first"),
    [
        (
            some("200", "156", "130"),
            some(None, "0.78", "0.8333333333333333333333333333333333"),
            some(None, "0.78", "0.65"),
        ),
        (some("40", "0", "0"), some(None, "0", None), some(None, "0", "0")),
        (some("0", "0"), some(None, None), some(None, None)),
        (some("40", None, "10"), some(None, None, None), some(None, None, "0.25")),
        (some(None, "10", "5"), some(None, None, "0.5"), some(None, None, None)),
        (some("10"), some(None), some(None)),
        ([], [], []),
    ],
)
def test_each_step_is_a_share_of_what_is_known(counts, of_previous, of_first) -> None:
    assert shares(counts) == [Shares(*step) for step in zip(of_previous, of_first, strict=True)]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=6))
def test_the_shares_of_the_steps_before_multiply_to_that_of_the_first(counts: list[int]) -> None:
    steps = shares([Decimal(count) for count in counts])
    product = Decimal(1)
    for step in steps[1:]:
        product *= step.of_previous
        assert abs(product - step.of_first) <= abs(step.of_first) * Decimal("1e-20")
