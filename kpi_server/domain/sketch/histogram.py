"""HISTOGRAM: how values are distributed, in buckets whose bounds grow by 2 % each.

Place 0 counts zeros, place k the values from 10^-9 · 1.02^(k-1) up to 2 % more, place -k the negative values of that
size. What is read from it is within 1 % of a value that was there. What is nearer to zero than 10^-9 counts as zero.

Source: Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees"
(2019), with buckets that hold their lower bound, so that `bisect` and PostgreSQL's `width_bucket` agree.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from itertools import accumulate
from typing import Final

from kpi_server.domain.sketch.sparse import Sparse, of_places
from kpi_server.errors import BadInput

RELATIVE_ERROR: Final = Decimal("0.01")
LARGEST: Final = Decimal(10) ** 18
_SMALLEST: Final = Decimal(10) ** -9
_GROWTH: Final = Decimal("1.02")
_EXACT: Final = Context(prec=34)
_SHOWN: Final = Context(prec=6)  # with a growth of 2 % the middle is 0.9901 % from either bound: room for rounding
_MIDDLE: Final = _EXACT.divide(2 * _GROWTH, 1 + _GROWTH)
BUCKETS: Final = 3140
"""How many places there are above zero: the last holds the largest value."""


def histogram(values: Iterable[Decimal]) -> Sparse:
    """The sketch of these values.

    Raises:
        BadInput: a value is beyond ±10^18, or no number.

    >>> seconds = histogram([Decimal("0.2")] * 9 + [Decimal(3), Decimal(0)])
    >>> count(seconds), [round(quantile(seconds, Decimal(share)), 1) for share in ("0", "0.5", "1")]
    (11, [Decimal('0.0'), Decimal('0.2'), Decimal('3.0')])
    """
    return of_places(Counter(bucket(value) for value in values))


def bucket(value: Decimal) -> int:
    """The place of a value.

    Raises:
        BadInput: it is beyond ±10^18, or no number.
    """
    if not value.is_finite() or abs(value) > LARGEST:
        raise BadInput(f"{value} cannot be in a histogram: values lie between -10^18 and 10^18")
    place = bisect_right(bounds(), abs(float(value)))
    return -place if value < 0 else place


@cache
def bounds() -> tuple[float, ...]:
    """The least value of each place above zero, as PostgreSQL is given them too."""
    steps = accumulate(range(BUCKETS - 1), lambda bound, _: _EXACT.multiply(bound, _GROWTH), initial=_SMALLEST)
    return tuple(float(bound) for bound in steps)


def count(sketch: Sparse) -> int:
    """How many values a histogram is of."""
    return sum(sketch.amounts)


def quantile(sketch: Sparse, share: Decimal) -> Decimal | None:
    """The value that so large a share (0 to 1) of a histogram's values does not exceed; None when there is none.

    The nearest rank, as PostgreSQL's `percentile_disc`: never a mean of two; within 1 % of the value itself.

    Raises:
        BadInput: the share is not between 0 and 1.
    """
    if not (share.is_finite() and 0 <= share <= 1):
        raise BadInput(f"{share} is no share for a percentile: it lies between 0 and 1, 0.95 for the 95th")
    if not sketch.places:
        return None
    rank = max(1, math.ceil(Fraction(share) * count(sketch)))
    for place, below in zip(sketch.places, accumulate(sketch.amounts), strict=True):
        if below >= rank:
            return _middle(place)
    raise AssertionError("a rank lies within the count")


def _middle(place: int) -> Decimal:
    """The value that is as far from one bound of a bucket as from the other, relative to them."""
    if place == 0:
        return Decimal(0)
    bound = Decimal(bounds()[abs(place) - 1])
    return _SHOWN.multiply(bound.copy_sign(Decimal(place)), _MIDDLE)
