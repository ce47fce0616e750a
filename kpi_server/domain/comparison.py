"""Comparison: which earlier period a value is held against, and by what it changed."""

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum

from kpi_server.domain.period import Period, shift, year_before
from kpi_server.errors import BadInput


class Comparison(StrEnum):
    """Which earlier period a value is compared with."""

    PREVIOUS = "PREVIOUS"
    YEAR_BEFORE = "YEAR_BEFORE"


class Alignment(StrEnum):
    """What becomes of a period that has not ended."""

    COMPLETE = "COMPLETE"
    TO_DATE = "TO_DATE"


def compared_period(period: Period, comparison: Comparison, *, to_date: date | None = None) -> Period | None:
    """The period that one is compared with; None for one without a partner.

    With a day inside the period, only as many days of the earlier one count as have passed up to it.

    >>> from kpi_server.domain.period import parse_period
    >>> march = parse_period("2026-03")
    >>> str(compared_period(march, Comparison.YEAR_BEFORE))
    '2025-03'
    >>> compared_period(march, Comparison.PREVIOUS, to_date=date(2026, 3, 10)).end.isoformat()
    '2026-02-11'
    """
    try:
        earlier = shift(period, -1) if comparison is Comparison.PREVIOUS else year_before(period)
    except BadInput:  # before the calendar begins
        return None
    if earlier is None or to_date is None or not period.start <= to_date < period.end:
        return earlier
    return replace(earlier, end=min(earlier.end, earlier.start + (to_date - period.start) + timedelta(days=1)))
