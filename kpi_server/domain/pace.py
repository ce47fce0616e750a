"""Pace: whether a target with a deadline is being approached fast enough."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from kpi_server.domain.precision import precise
from kpi_server.errors import BadInput

_ON_TRACK_TO: Final = Decimal("0.10")
_BEHIND_TO: Final = Decimal("0.25")


class Pace(StrEnum):
    """How far progress lags behind the calendar: at most 10 points, at most 25 points, or more."""

    ON_TRACK = "ON_TRACK"
    BEHIND = "BEHIND"
    AT_RISK = "AT_RISK"


def planned_fraction(*, start: date, due: date, today: date) -> Decimal:
    """The part of the time that has passed, 0 to 1, in days.

    Raises:
        BadInput: the deadline does not lie after the start.

    >>> planned_fraction(start=date(2025, 1, 1), due=date(2025, 4, 11), today=date(2025, 1, 26))
    Decimal('0.25')
    """
    if due <= start:
        raise BadInput(f"a deadline ({due}) lies after its start ({start})")
    with precise():
        passed = Decimal((today - start).days) / Decimal((due - start).days)
    return min(max(passed, Decimal(0)), Decimal(1))


def pace(progress: Decimal | None, *, start: date, due: date, today: date) -> Pace | None:
    """The pace of a progress (1 = done) towards its deadline; None without a progress.

    The lag is a difference, planned minus done: their ratio explodes in the first days.

    >>> pace(Decimal("0.25"), start=date(2025, 1, 1), due=date(2025, 4, 11), today=date(2025, 3, 2)).value
    'AT_RISK'
    """
    if progress is None:
        return None
    with precise():
        lag = planned_fraction(start=start, due=due, today=today) - progress
    if lag <= _ON_TRACK_TO:
        return Pace.ON_TRACK
    return Pace.BEHIND if lag <= _BEHIND_TO else Pace.AT_RISK
