"""Conversion by dated rates: worked by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.currency import DailyRate, average_rate, closing_rate
from kpi_server.domain.period import Span, parse_period

DOLLARS = [
    DailyRate(date(2026, 1, 2), Decimal("0.90")),
    DailyRate(date(2026, 1, 5), Decimal("0.96")),
    DailyRate(date(2026, 1, 31), Decimal("0.93")),
    DailyRate(date(2026, 2, 11), Decimal("0.80")),
]
"""Euros for a dollar."""


@pytest.mark.parametrize(
    ("period", "rate"),
    [
        ("2026-01-02", "0.90"),
        ("2026-01-04", "0.90"),  # a Sunday has Friday's
        ("2026-01", "0.93"),
        ("2026-02", "0.80"),
        ("2026", "0.80"),
        ("2026-01-01", None),
    ],
)
def test_a_balance_is_converted_by_the_rate_of_its_periods_last_day(period: str, rate: str | None) -> None:
    assert closing_rate(DOLLARS, span(period)) == (None if rate is None else Decimal(rate))


@pytest.mark.parametrize(
    ("period", "rate"),
    [
        ("2026-01-04", "0.90"),
        ("2026-W02", "0.96"),  # 5 to 11 January
        ("2026-W01", None),  # 29 December has none
        ("2026-01", None),  # the 1st has none
        ("2026-02", "0.846428571429"),  # (10 · 0.93 + 18 · 0.80) / 28 = 23.7 / 28 = 0.84642857142857…
        ("2026-03", "0.80"),
    ],
)
def test_a_flow_is_converted_by_the_mean_rate_of_its_days(period: str, rate: str | None) -> None:
    assert average_rate(DOLLARS, span(period)) == (None if rate is None else Decimal(rate))


def test_without_rates_nothing_is_converted() -> None:
    assert (average_rate([], span("2026")), closing_rate([], span("2026"))) == (None, None)


def span(text: str) -> Span:
    period = parse_period(text)
    return Span(period.start, period.end)


@given(
    st.dictionaries(st.integers(0, 60), st.decimals("0.0001", "99999", places=4), min_size=1),
    st.integers(0, 60),
    st.integers(1, 40),
)
def test_the_mean_is_that_of_the_closing_rates_of_each_day(rates: dict[int, Decimal], first: int, days: int) -> None:
    start = date(2026, 1, 1)
    listed = [DailyRate(start + timedelta(day), rate) for day, rate in sorted(rates.items())]
    every = [start + timedelta(first + day) for day in range(days)]
    closing = [closing_rate(listed, Span(day, day + timedelta(1))) for day in every]
    found = average_rate(listed, Span(every[0], every[-1] + timedelta(1)))
    if closing[0] is None:
        assert found is None
    else:
        assert found == pytest.approx(sum(rate or Decimal(0) for rate in closing) / days, abs=Decimal("1e-12"))
