"""Closing periods: which of those that are named can be closed or opened again, and what is wrong with the others."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from kpi_server.domain.period import Period, contains, parse_period
from kpi_server.domain.recording import Fault, Terms
from kpi_server.errors import BadInput, Conflict, UserError

MOST_PERIODS: Final = 100


def closable(texts: Sequence[str], terms: Terms) -> tuple[list[Period], list[Fault]]:
    """The periods that can be closed, and what is wrong with the others: a period is closed when it has ended.

    >>> from datetime import date
    >>> good, faults = closable(["2026-02", "2026-03"], Terms(date(2026, 3, 31)))
    >>> [period.text for period in good], faults[0].message
    (['2026-02'], '2026-03 has not ended: its last day is 2026-03-31')
    """

    def check(period: Period) -> None:
        if period.end > terms.day:
            raise BadInput(f"{period} has not ended: its last day is {period.end - timedelta(days=1)}")

    return _checked(texts, terms, check)


def openable(texts: Sequence[str], terms: Terms) -> tuple[list[Period], list[Fault]]:
    """The periods that can be opened again, and what is wrong with the others."""

    def check(period: Period) -> None:
        around = [str(closed) for closed in terms.closed if closed != period and contains(closed, period)]
        if around and period not in terms.closed:
            raise Conflict(f"{period} is closed as a part of {' and '.join(around)}: open that again")

    return _checked(texts, terms, check)


def _checked(texts: Sequence[str], terms: Terms, check: Callable[[Period], None]) -> tuple[list[Period], list[Fault]]:
    good: dict[Period, int] = {}
    faults: list[Fault] = []
    for index, text in enumerate(texts):
        try:
            period = parse_period(text, terms.calendar)
            check(period)
            if (first := good.setdefault(period, index)) != index:
                raise Conflict(f"{period} is already period {first} of this call")
        except UserError as error:
            faults.append(Fault(index, "", error.code, error.message))
    return list(good), faults
