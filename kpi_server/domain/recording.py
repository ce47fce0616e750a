"""Recording: which of the values that a system sends can be taken, and what is wrong with each of the others."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from kpi_server.domain.calendar import ISO, Calendar
from kpi_server.domain.figure import format_value
from kpi_server.domain.period import Period, parse_period
from kpi_server.domain.segment import read_segment
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput, Conflict, UserError

MOST_OBSERVATIONS: Final = 10_000
LONGEST_TEXT: Final = 200
_MOST_DIGITS: Final = 30
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_MOST_DECIMALS: Final = 20


@dataclass(frozen=True)
class Sent:
    """One value as it was sent."""

    kpi: str
    period: str
    value: Decimal
    segment: str | None = None
    text: str | None = None
    external_id: str | None = None


@dataclass(frozen=True)
class Measured:
    """The KPI that a name means, as far as recording needs it."""

    kpi_id: int
    key: str
    unit: Unit


@dataclass(frozen=True)
class Recordable:
    """A value that can be recorded, with its place among those that were sent."""

    index: int
    kpi: Measured
    segment: str
    period: Period
    value: Decimal
    text: str
    external_id: str | None

    @property
    def cell(self) -> tuple[int, str, str]:
        """What it is a value of: a source states each once."""
        return self.kpi.kpi_id, self.segment, self.period.text


@dataclass(frozen=True)
class Fault:
    """What is wrong with one of the values that were sent."""

    index: int
    field: str
    code: str
    message: str


def check(
    sent: Sequence[Sent], named: Mapping[str, Measured | UserError], today: date, calendar: Calendar = ISO
) -> tuple[list[Recordable], list[Fault]]:
    """The values that can be recorded, and everything that is wrong with the others.

    `named` has the KPI, or the reason why there is none, for every text in `kpi`; `today` is the organization's day.

    >>> from kpi_server.domain.unit import parse_unit
    >>> arr = {"ARR": Measured(7, "financial.arr", parse_unit("MONEY(EUR)"))}
    >>> good, faults = check([Sent("ARR", "2026-01", Decimal(5)), Sent("ARR", "2027-01", Decimal(6))], arr,
    ...     date(2026, 3, 1))
    >>> good[0].text, faults[0].field, faults[0].message
    ('€5', 'period', '2027-01 has not begun: today is 2026-03-01')
    """
    reader = _Reader(named, today, calendar)
    good = [recordable for index, one in enumerate(sent) if (recordable := reader.read(index, one)) is not None]
    return _without_repetitions(good, reader.faults), sorted(reader.faults, key=lambda fault: fault.index)


class _Reader:
    """Reads values one after the other; equal texts are read once."""

    def __init__(self, named: Mapping[str, Measured | UserError], today: date, calendar: Calendar) -> None:
        self.faults: list[Fault] = []
        self._named = named
        self._today = today
        self._calendar = calendar
        self._periods: dict[str, Period | UserError] = {}
        self._segments: dict[str, str | UserError] = {"": ""}

    def read(self, index: int, one: Sent) -> Recordable | None:
        kpi, period, segment = self._named[one.kpi], self._period(one.period), self._segment(one.segment or "")
        wrong = [Fault(index, field, BadInput.code, words) for field, words in _refusals(one, kpi)]
        if wrong or isinstance(kpi, UserError) or isinstance(period, UserError) or isinstance(segment, UserError):
            found = (("kpi", kpi), ("period", period), ("segment", segment))
            told = [(field, error) for field, error in found if isinstance(error, UserError)]
            self.faults += [Fault(index, field, error.code, error.message) for field, error in told] + wrong
            return None
        text = one.text or format_value(one.value, kpi.unit)
        return Recordable(index, kpi, segment, period, one.value, text, one.external_id)

    def _period(self, text: str) -> Period | UserError:
        if text not in self._periods:
            self._periods[text] = _period(text, self._today, self._calendar)
        return self._periods[text]

    def _segment(self, text: str) -> str | UserError:
        if text not in self._segments:
            self._segments[text] = _segment(text)
        return self._segments[text]


def _period(text: str, today: date, calendar: Calendar) -> Period | UserError:
    try:
        period = parse_period(text, calendar)
    except BadInput as error:
        return error
    return period if period.start <= today else BadInput(f"{text} has not begun: today is {today}")


def _segment(text: str) -> str | UserError:
    if len(text) > LONGEST_TEXT:
        return BadInput(f"a segment has at most {LONGEST_TEXT} characters")
    try:
        return str(read_segment(text))
    except BadInput as error:
        return error


def _refusals(one: Sent, kpi: Measured | UserError) -> Iterable[tuple[str, str]]:
    """What is wrong with a value in itself, by field."""
    if isinstance(kpi, Measured) and kpi.unit.kind is UnitKind.TEXT:
        yield "kpi", f"{kpi.key} is measured in words: it takes no recorded values"
    if one.value.adjusted() >= _MOST_DIGITS:
        yield "value", f"the number has more than {_MOST_DIGITS} digits before the point"
    if -int(one.value.as_tuple().exponent) > _MOST_DECIMALS:
        yield "value", f"the number has more than {_MOST_DECIMALS} decimals"
    for field, text in (("text", one.text), ("externalId", one.external_id)):
        fault = None if text is None else unfit(text)
        if fault is not None:
            yield field, fault


def unfit(text: str) -> str | None:
    """Why a text cannot be kept as a name or as the words of a value; None when it can."""
    if not text.strip():
        return "it is empty: leave it out"
    if len(text) > LONGEST_TEXT:
        return f"it is longer than {LONGEST_TEXT} characters"
    if _UNSTORABLE.search(text):
        return "it holds a character that no text can store (NUL or half a character)"
    return None


def _without_repetitions(good: Sequence[Recordable], faults: list[Fault]) -> list[Recordable]:
    """Those that are the first of their cell and of their external id."""
    cells: dict[tuple[int, str, str], int] = {}
    external: dict[str, int] = {}
    first: list[Recordable] = []
    for one in good:
        before = cells.setdefault(one.cell, one.index)
        if before != one.index:
            words = f"{one.kpi.key} of {one.period}{f' in {one.segment}' if one.segment else ''}"
            faults.append(
                Fault(one.index, "period", Conflict.code, f"{words} is already observation {before} of this call")
            )
            continue
        named = one.index if one.external_id is None else external.setdefault(one.external_id, one.index)
        if named != one.index:
            words = f'"{one.external_id}" is already the id of observation {named} of this call'
            faults.append(Fault(one.index, "externalId", Conflict.code, words))
            continue
        first.append(one)
    return first
