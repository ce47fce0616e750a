"""Deadlines: the last day of what a document wants done by then."""

from datetime import date, timedelta

from kpi_server.domain.calendar import ISO, Calendar
from kpi_server.domain.period import parse_period


def last_day(
    *,
    day: date | None = None,
    period: str | None = None,
    dated: str | None = None,
    days: int | None = None,
    calendar: Calendar = ISO,
) -> date | None:
    """The last day of something with a day, or a period, or so many days from a document's date; None without any.

    A period ends with its last day. A document that is dated by a month counts its days from that month's last one:
    the deadline is no earlier than its author can have meant.

    >>> last_day(period="2025-01").isoformat(), last_day(dated="2024-12", days=90).isoformat()
    ('2025-01-31', '2025-03-31')
    >>> last_day(days=30) is None
    True
    """
    if day is not None:
        return day
    if period is not None:
        return _end(period, calendar)
    if dated is None or days is None:
        return None
    return _end(dated, calendar) + timedelta(days=days)


def _end(period: str, calendar: Calendar) -> date:
    return parse_period(period, calendar).end - timedelta(days=1)
