"""HISTOGRAM sketches: percentiles within one per cent, zeros and negative values included."""

from decimal import Decimal
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.sketch.histogram import BUCKETS, RELATIVE_ERROR, bounds, bucket, count, histogram, quantile
from kpi_server.domain.sketch.sparse import EMPTY, Sparse
from kpi_server.errors import BadInput

LEAST = Decimal("1e-9")
VALUES = st.decimals(min_value="-1e18", max_value="1e18", allow_nan=False, allow_infinity=False)
SHARES = st.decimals(min_value=0, max_value=1, places=3)


@given(st.lists(VALUES, min_size=1, max_size=30), SHARES)
def test_a_percentile_is_within_one_per_cent_of_the_value_at_its_rank(values: list[Decimal], share: Decimal) -> None:
    exact = sorted(values)[max(1, ceil(share * len(values))) - 1]
    read = quantile(histogram(values), share)
    assert read is not None
    assert abs(read - exact) <= max(abs(exact) * RELATIVE_ERROR, LEAST)


@given(st.lists(VALUES, max_size=30))
def test_every_value_is_counted_once(values: list[Decimal]) -> None:
    assert count(histogram(values)) == len(values)


@given(VALUES)
def test_a_negative_value_mirrors_its_positive(value: Decimal) -> None:
    assert bucket(-value) == -bucket(value)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("0", 0),
        ("0.00000000099", 0),
        ("0.000000001", 1),
        ("0.00000000102", 2),  # a bucket holds its lower bound
        ("-0.000000001", -1),
        ("1", 1047),  # ln(10^9) / ln(1.02) = 1046.48…, so 1046 whole steps lie below
        ("1e18", 3140),  # 3139.46…
        ("-1e18", -3140),
    ],
)
def test_the_place_of_a_value(value: str, place: int) -> None:
    assert bucket(Decimal(value)) == place


def test_bounds_grow_by_two_per_cent() -> None:
    assert len(bounds()) == BUCKETS
    steps = [after / before for before, after in pairwise(bounds())]
    assert all(abs(step - 1.02) < 1e-12 for step in steps)


def test_percentiles_of_four_values_take_the_nearest_rank() -> None:
    """Of 1, 2, 3, 4 the median is the second and the 75th percentile the third; one more per mille is the fourth."""
    four = histogram([Decimal(4), Decimal(1), Decimal(3), Decimal(2)])
    found = [quantile(four, Decimal(share)) for share in ("0", "0.5", "0.75", "0.751", "1")]
    assert [round(value) if value is not None else None for value in found] == [1, 2, 3, 4, 4]


def test_of_nothing_there_is_no_percentile() -> None:
    assert quantile(EMPTY, Decimal("0.95")) is None
    assert count(EMPTY) == 0


def test_the_95th_of_requests_of_which_a_tenth_is_slow_is_slow() -> None:
    """What a mean of percentiles would hide: 90 requests took 100 ms, 10 took 4 s."""
    requests = histogram([Decimal("0.1")] * 90 + [Decimal(4)] * 10)
    assert quantile(requests, Decimal("0.9")) == pytest.approx(Decimal("0.1"), rel=Decimal("0.01"))
    assert quantile(requests, Decimal("0.95")) == pytest.approx(Decimal(4), rel=Decimal("0.01"))


@pytest.mark.parametrize("value", ["1.000000001e18", "-1e19", "NaN", "sNaN", "Infinity"])
def test_what_has_no_place_is_refused(value: str) -> None:
    with pytest.raises(BadInput, match="cannot be in a histogram"):
        histogram([Decimal(value)])


@pytest.mark.parametrize("share", ["-0.01", "1.01", "95", "NaN"])
def test_a_share_beyond_zero_and_one_is_refused(share: str) -> None:
    with pytest.raises(BadInput, match="is no share"):
        quantile(Sparse((1,), (1,)), Decimal(share))
