"""Spreads: how values of a histogram lie, so that its percentiles are what is printed of them."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from kpi_server.domain.calculation import Definitions
from kpi_server.domain.history.endings import Anchor
from kpi_server.domain.sketch.histogram import histogram
from kpi_server.domain.sketch.sparse import Sparse

VALUES: Final = 1000
"""So many values have each thousandth as a percentile of its own."""
_LEAST, _MIDDLE, _MOST = Decimal("0.125"), Decimal("0.4"), Decimal("1.5")
"""Half of the values are at most so large beside the lowest known percentile, none above so much of the highest."""

Percentiles = Mapping[Decimal, Decimal]
"""Values by the share of all that do not exceed them."""


def percentiles(definitions: Definitions, anchors: Iterable[Anchor]) -> Mapping[str, Percentiles]:
    """By histogram, the percentiles that are anchored: those that a metric shows as they are."""
    found: defaultdict[str, dict[Decimal, Decimal]] = defaultdict(dict)
    for anchor in anchors:
        calculator = definitions.calculators[anchor.key]
        for reading in calculator.inputs.values():
            if reading.percentile is not None and calculator.evaluate({reading.slot: anchor.value}) == anchor.value:
                found[reading.key][reading.percentile] = anchor.value
    return found


def spread(known: Percentiles, size: Decimal) -> Sparse:
    """A thousand values, `size` times what these percentiles say, with a long tail to the top.

    >>> from kpi_server.domain.sketch.histogram import quantile
    >>> sketch = spread({Decimal("0.95"): Decimal("0.5"), Decimal("0.99"): Decimal(1)}, Decimal(1))
    >>> [round(quantile(sketch, Decimal(share)), 2) for share in ("0.5", "0.95", "0.99")]
    [Decimal('0.20'), Decimal('0.50'), Decimal('1.00')]
    """
    points = _points(known)
    return histogram(Decimal(str(round(value, 9))) * size for value in _values(points))


def _points(known: Percentiles) -> Sequence[tuple[float, float]]:
    """What is known, with a least, a middle and a most: shares with values, neither ever falling."""
    shares = sorted(known)
    lowest, highest = known[shares[0]], max(known.values())
    points = {Decimal(0): lowest * _LEAST}
    if shares[0] > Decimal("0.5"):
        points[Decimal("0.5")] = lowest * _MIDDLE
    points |= {share: known[share] for share in shares} | {Decimal(1): highest * _MOST}
    return [(float(share), float(value)) for share, value in points.items()]


def _values(points: Sequence[tuple[float, float]]) -> Iterator[float]:
    """One value for each thousandth, between two points as far as its share is between theirs."""
    shares = [share for share, _ in points]
    for rank in range(1, VALUES + 1):
        share = rank / VALUES
        after = bisect_left(shares, share, lo=1)
        (low, below), (high, above) = points[after - 1], points[after]
        yield below + (above - below) * (share - low) / (high - low)
