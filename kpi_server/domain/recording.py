"""Recording: what systems send, what it is of, what an organization takes of it, and what may be wrong with it."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from kpi_server.domain.calendar import ISO, Calendar
from kpi_server.domain.period import Period, contains
from kpi_server.domain.sketch.sparse import Sketch, Sparse
from kpi_server.domain.unit import Unit, UnitKind

MOST_OBSERVATIONS: Final = 10_000
LONGEST_TEXT: Final = 200
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST_NUMBER: Final = 60
_QUOTED: Final = 40
Name = tuple[str, str]
"""The field by which a value says what it is of ("kpi" or "measure"), and the text in it."""


class Unread(NamedTuple):
    """Why something that was sent cannot be read: told with whatever else is wrong beside it."""

    words: str


class Sent(NamedTuple):
    """One value as it was sent, of a KPI or of a measure."""

    kpi: str | None
    period: str
    value: Decimal | Unread | None
    segment: str | None = None
    text: str | None = None
    external_id: str | None = None
    measure: str | None = None
    currency: str | None = None
    sketch: str | None = None

    @property
    def name(self) -> Name:
        return name_of(self.kpi, self.measure)


def read_number(text: str) -> Decimal | Unread:
    """The number that a text says.

    >>> read_number("12.50"), read_number("-1e3"), read_number("1.000.5").words
    (Decimal('12.50'), Decimal('-1E+3'), '"1.000.5" is no number: digits, with a point and without separators')
    """
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return Unread(f'"{text[:_QUOTED]}" is no number: digits, with a point and without separators')
    return Decimal(text)


def names_of(sent: Sequence[Sent]) -> list[Name]:
    """What values say that they are of, each once, in their order."""
    pairs = dict.fromkeys([(one.kpi, one.measure) for one in sent])
    return [*dict.fromkeys(name_of(kpi, measure) for kpi, measure in pairs)]


def name_of(kpi: str | None, measure: str | None) -> Name:
    return ("kpi", kpi or "") if measure is None else ("measure", measure)


@dataclass(frozen=True)
class Measured:
    """What a name means, as far as recording needs it; without an id where nothing was ever recorded of it.

    Money of a KPI is in the KPI's currency; that of another measure may be in any (`takes_currencies`).
    """

    id: int | None
    key: str
    unit: Unit
    sketch: Sketch | None = None
    takes_currencies: bool = False

    @cached_property
    def is_numeric(self) -> bool:
        """Whether any number is a value of it."""
        return self.unit.kind is not UnitKind.TEXT and self.sketch is not Sketch.HISTOGRAM


class Recordable(NamedTuple):
    """A value that can be recorded, with its place among those that were sent; without a currency in the usual one."""

    place: int
    measure: Measured
    segment: str
    period: Period
    value: Decimal
    text: str
    external_id: str | None = None
    currency: str | None = None
    sketch: Sparse | None = None

    @property
    def cell(self) -> tuple[str, str, str]:
        """What it is a value of: a source states each once."""
        return self.measure.key, self.segment, self.period.text


@dataclass(frozen=True)
class Fault:
    """What is wrong with one of the values that were sent."""

    index: int
    field: str
    code: str
    message: str


@dataclass(frozen=True)
class Terms:
    """What an organization takes: values up to its own day, and those of closed periods from who may restate them."""

    day: date
    calendar: Calendar = ISO
    closed: Sequence[Period] = ()
    restates: bool = False
    segment_keys: Collection[str] = ()
    """By what the organization's segments are told apart; any key where it declares none."""

    def closed_around(self, period: Period) -> Period | None:
        """The closed period that a period lies in, itself if it is closed; None if its values may change.

        >>> from kpi_server.domain.period import parse_period
        >>> terms = Terms(date(2026, 3, 1), closed=(parse_period("2025-Q4"),))
        >>> str(terms.closed_around(parse_period("2025-12"))), terms.closed_around(parse_period("2025"))
        ('2025-Q4', None)
        """
        return next((closed for closed in self.closed if contains(closed, period)), None)

    def are_closed(self, periods: Iterable[Period]) -> bool:
        """Whether any of these periods is closed: writing its values restates them."""
        return any(self.closed_around(period) is not None for period in periods) if self.closed else False


def unfit(text: str, *, is_needed: bool = False) -> str | None:
    """Why a text cannot be kept as a name or as the words of a value; None when it can."""
    if not text.strip():
        return "it is empty" if is_needed else "it is empty: leave it out"
    if len(text) > LONGEST_TEXT:
        return f"it is longer than {LONGEST_TEXT} characters"
    if _UNSTORABLE.search(text):
        return "it holds a character that no text can store (NUL or half a character)"
    return None


def told_closed(period: Period, closed: Period) -> str:
    """Why nothing is recorded of a period, and how it can be."""
    where = f"{closed} is closed" if closed == period else f"{period} lies in {closed}, which is closed"
    return f"{where}: an administrator changes its values with `restate`, or opens it again"
