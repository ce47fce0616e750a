"""How often something is reported, and on which days that falls due."""

from datetime import date
from enum import StrEnum
from typing import Final, assert_never

from kpi_server.errors import BadInput

MONDAY: Final = 1
SUNDAY: Final = 7


class Cadence(StrEnum):
    """How often something is reported or watched."""

    CONTINUOUS = "CONTINUOUS"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    ANNUALLY = "ANNUALLY"


def is_due(cadence: Cadence, day: date, *, week_start: int = MONDAY) -> bool:
    """True on the days on which something of this cadence is due: the first day of each of its periods.

    What is continuous or daily is due every day, weekly on the day a week starts (1 is Monday, 7 is Sunday), monthly on
    the first of a month, quarterly on the first day of a calendar quarter, annually on 1 January.

    Raises:
        BadInput: `week_start` is no day of the week.

    >>> is_due(Cadence.QUARTERLY, date(2026, 4, 1)), is_due(Cadence.QUARTERLY, date(2026, 5, 1))
    (True, False)
    >>> is_due(Cadence.WEEKLY, date(2026, 3, 1)), is_due(Cadence.WEEKLY, date(2026, 3, 1), week_start=SUNDAY)
    (False, True)
    """
    if not MONDAY <= week_start <= SUNDAY:
        raise BadInput(f"a week starts on one of the days 1 (Monday) to 7 (Sunday), not on {week_start}")
    match cadence:
        case Cadence.CONTINUOUS | Cadence.DAILY:
            return True
        case Cadence.WEEKLY:
            return day.isoweekday() == week_start
        case Cadence.MONTHLY:
            return day.day == 1
        case Cadence.QUARTERLY:
            return day.day == 1 and day.month % 3 == 1
        case Cadence.ANNUALLY:
            return day.day == 1 and day.month == 1
        case _:
            assert_never(cadence)


def due_cadences(day: date, *, week_start: int = MONDAY) -> tuple[Cadence, ...]:
    """The cadences that are due on a day, the most frequent first.

    Raises:
        BadInput: `week_start` is no day of the week.

    >>> [cadence.value for cadence in due_cadences(date(2026, 3, 2))]
    ['CONTINUOUS', 'DAILY', 'WEEKLY']
    """
    return tuple(cadence for cadence in Cadence if is_due(cadence, day, week_start=week_start))
