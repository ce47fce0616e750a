"""Series: the values of one KPI over consecutive periods, gaps included."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kpi_server.domain.calendar import ISO, Calendar
from kpi_server.domain.period import Grain, Period, between, next_period, ordinal, period_of, previous_period, shift
from kpi_server.errors import TooMany

MOST_POINTS: Final = 5_000


@dataclass(frozen=True)
class Window:
    """Which part of a series is wanted: from a day, up to (not including) a day, and of that the last so many."""

    start: date | None = None
    end: date | None = None
    last: int | None = None


@dataclass(frozen=True)
class Extent:
    """The first days of the earliest and of the latest period of which something is known."""

    first: date
    last: date


def spine(grain: Grain, window: Window, known: Extent | None, calendar: Calendar = ISO) -> list[Period]:
    """Every period of the window, whether something is known of it or not; what the window leaves open is as known.

    Periods that reach over an end of the window are left out. Without any end there are none.

    Raises:
        TooMany: there are more than 5,000.

    >>> year = Window(date(2026, 1, 1), date(2027, 1, 1))
    >>> [str(period) for period in spine(Grain.QUARTER, year, None)]
    ['2026-Q1', '2026-Q2', '2026-Q3', '2026-Q4']
    >>> latest = Window(last=2)
    >>> [str(period) for period in spine(Grain.MONTH, latest, Extent(date(2025, 1, 1), date(2026, 1, 1)))]
    ['2025-12', '2026-01']
    """
    found = ends(grain, window, known, calendar)
    return [] if found is None else between(*found)


def ends(grain: Grain, window: Window, known: Extent | None, calendar: Calendar = ISO) -> tuple[Period, Period] | None:
    """The first and the last period of a spine; None where it has none.

    Raises:
        TooMany: there are more than 5,000 between them.

    >>> ends(Grain.MONTH, Window(date(2026, 1, 15), date(2026, 4, 1)), None)[0].text
    '2026-02'
    """
    last = _last(grain, window, known, calendar)
    first = _first(grain, window, known, calendar)
    if last is None or (first is None and window.last is None):
        return None
    count = MOST_POINTS if first is None else ordinal(last) - ordinal(first) + 1
    count = count if window.last is None else min(count, window.last)
    if count > MOST_POINTS:
        raise TooMany(
            f"The series has {count} points; {MOST_POINTS} are allowed: ask for a shorter span or a longer grain."
        )
    return (shift(last, 1 - count), last) if count > 0 else None


def _first(grain: Grain, window: Window, known: Extent | None, calendar: Calendar) -> Period | None:
    if window.start is None:
        return None if known is None else period_of(known.first, grain, calendar)
    period = period_of(window.start, grain, calendar)
    return period if period.start >= window.start else next_period(period)


def _last(grain: Grain, window: Window, known: Extent | None, calendar: Calendar) -> Period | None:
    if window.end is None:
        return None if known is None else period_of(known.last, grain, calendar)
    period = period_of(window.end - timedelta(days=1), grain, calendar)
    return period if period.end <= window.end else previous_period(period)
