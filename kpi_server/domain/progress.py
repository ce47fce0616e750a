"""Progress of key results and initiatives."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal

from kpi_server.domain.precision import divide, precise
from kpi_server.errors import BadInput


def key_result_progress(current: Decimal | None, target: Decimal | None) -> Decimal | None:
    """The covered fraction of a key result, 0 to 1; None without both numbers or for a target of zero or less.

    >>> key_result_progress(Decimal(2000000), Decimal(8000000))
    Decimal('0.25')
    >>> key_result_progress(Decimal(12), Decimal(10)), key_result_progress(Decimal(3), Decimal(0))
    (Decimal('1'), None)
    """
    if current is None or target is None or target <= 0:
        return None
    covered = divide(current, target)
    return None if covered is None else min(max(covered, Decimal(0)), Decimal(1))


def initiative_progress(parts: Iterable[tuple[Decimal | None, Decimal]]) -> Decimal | None:
    """The weighted mean of the key results' progress; those without a number do not count.

    None when none counts.

    Raises:
        BadInput: a weight is negative.

    >>> initiative_progress([(Decimal("0.25"), Decimal(1)), (Decimal("0.75"), Decimal(1)), (None, Decimal(1))])
    Decimal('0.50')
    """
    known = [(progress, weight) for progress, weight in parts if progress is not None]
    if any(weight < 0 for _, weight in known):
        raise BadInput("the weight of a key result cannot be negative")
    with precise():
        total = sum((progress * weight for progress, weight in known), Decimal(0))
        weights = sum((weight for _, weight in known), Decimal(0))
    return divide(total, weights)


def progress_words(progress: Decimal) -> str:
    """The progress as documents print it; never rounded up, so that only what is done reads Complete.

    >>> progress_words(Decimal(1)), progress_words(Decimal(1) / 3), progress_words(Decimal("0.999"))
    ('Complete', '33% Complete', '99% Complete')
    """
    if progress >= 1:
        return "Complete"
    with precise():
        return f"{(progress * 100).to_integral_value(ROUND_FLOOR)}% Complete"
