"""Funnels: of those who came to one step, how many came to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from kpi_server.domain.precision import divide


@dataclass(frozen=True)
class Shares:
    """What a step is of the step before and of the first one; None where either is unknown or nobody was there."""

    of_previous: Decimal | None
    of_first: Decimal | None


def shares(counts: Sequence[Decimal | None]) -> list[Shares]:
    """One for each step, in their order; the first step is no share of anything.

    >>> from decimal import Decimal
    >>> [step.of_first for step in shares([Decimal(12000), Decimal(120), Decimal(30)])]
    [None, Decimal('0.01'), Decimal('0.0025')]
    """
    before = chain([None], counts)
    return [
        Shares(_share(count, previous), None if place == 0 else _share(count, counts[0]))
        for place, (count, previous) in enumerate(zip(counts, before, strict=False))
    ]


def _share(count: Decimal | None, of: Decimal | None) -> Decimal | None:
    return None if count is None or of is None else divide(count, of)
