"""A catalog on its way to the database: rows collected by table and natural key, readings that fail reported."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

from kpi_server.domain.calendar import ISO, Calendar, Opening, Weekday, WeekPattern
from kpi_server.domain.period import Period, parse_period
from kpi_server.domain.segment import parse_segment
from kpi_server.domain.unit import Unit, UnitKind, fix, parse_unit
from kpi_server.errors import BadInput
from kpi_server.services.catalog.meanings import Meaning
from kpi_server.services.catalog.reading import Placed, Reading
from kpi_server.services.catalog.rows import Organization
from kpi_server.services.catalog.shapes import TABLES, references, source
from kpi_server.store.catalog import Ref

T = TypeVar("T")

_MOST_ON_ONE_LINE: Final = 99
_MOST_LINES: Final = 10_000_000


@dataclass
class Draft:
    """What the rows of a catalog become, as far as they have been read."""

    reading: Reading
    currency: str | None
    meanings: Mapping[str, Meaning]
    tables: defaultdict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    _on_line: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    _named: Counter[tuple[str, str]] = field(default_factory=Counter)
    _periods: dict[str, Period | None] = field(default_factory=dict)

    def add(self, table: str, key: str, printed: Any, columns: Mapping[str, Any]) -> Ref:
        """Add a row that is printed where a row or cell says; the second of one key gets "#2" at its end."""
        document, line = source(printed)
        self._on_line[table, document, line] += 1
        self._named[table, key] += 1
        if self._named[table, key] > 1:
            key = f"{key}#{self._named[table, key]}"
        place = min(self._on_line[table, document, line], _MOST_ON_ONE_LINE)
        position = (self.documents.get(document, 0) * _MOST_LINES + line) * 100 + place
        self.tables[table][key] = {"position": position, "document": document, "line": line, **columns}
        return Ref(table, key)

    @cached_property
    def calendar(self) -> Calendar:
        """The organization's calendar; the ISO one while its own is refused."""
        try:
            return calendar_of(self.reading.organizations[0].row) if self.reading.organizations else ISO
        except BadInput:
            return ISO

    @cached_property
    def documents(self) -> Mapping[str, int]:
        """The place of each document in the catalog: rows are read document by document, line by line."""
        return {placed.row.key: at for at, placed in enumerate(self.reading.rows["documents"])}

    def attempt(self, placed: Placed, field: str, reader: Callable[[], T]) -> T | None:
        """What a reader gives; None if it refuses, which is then reported at that field."""
        try:
            return reader()
        except BadInput as error:
            self.reading.report(placed.at(field), field, error.message)
            return None

    def period(self, placed: Placed, field: str, text: str | None) -> Period | None:
        """The period that a field names, if it names one."""
        return None if text is None else self.attempt(placed, field, lambda: parse_period(text, self.calendar))

    def fixed(self, text: str) -> Unit | None:
        """A unit as the organization uses it; None for money while the organization's currency is refused.

        Raises:
            BadInput: it is no unit.
        """
        unit = parse_unit(text)
        if unit.kind is UnitKind.MONEY and unit.currency is None and self.currency is None:
            return None
        return fix(unit, currency=self.currency or "")

    def period_of_document(self, key: str) -> Period | None:
        """The period that a document's figures are of."""
        return self._periods.get(key)

    def remember_period(self, document: str, period: Period | None) -> None:
        self._periods[document] = period

    def segment(self, placed: Placed) -> str:
        """The canonical text of a row's segment."""
        return str(self.attempt(placed, "segment", lambda: parse_segment(placed.row.segment)) or "")


def calendar_of(organization: Organization) -> Calendar:
    """The calendar that an organization states.

    Raises:
        BadInput: what it states does not fit together.
    """
    stated = organization.calendar
    if stated is None:
        return Calendar(time_zone=organization.time_zone)
    return Calendar(
        time_zone=organization.time_zone,
        week_start=Weekday(stated.week_start),
        fiscal_offset=stated.fiscal_offset,
        pattern=None if stated.pattern is None else WeekPattern(stated.pattern),
        opening=Opening(stated.opening),
    )


def period_columns(period: Period | None) -> dict[str, Any]:
    """A period's text and its half-open span."""
    if period is None:
        return {"period": None, "period_start": None, "period_end": None}
    return {"period": period.text, "period_start": period.start, "period_end": period.end}


def plain_columns(kind: str, row: Any, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """The fields of a row as columns: references as such, everything else as it is."""
    columns: dict[str, Any] = {}
    named = references(kind)
    for name in type(row).model_fields:
        if name in {"key", "source", *without}:
            continue
        value = getattr(row, name)
        if name in named:
            reference = named[name]
            columns[reference.column] = None if value is None else Ref(TABLES[reference.kind], value)
        else:
            columns[name] = value
    return columns
