"""The rows of a file as it arrives: each one what was sent, or why it cannot be read."""

import csv
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from kpi_server.domain.event import SentEvent
from kpi_server.domain.importing.columns import FIELDS, IGNORED, Columns, columns_of, sent_of
from kpi_server.domain.importing.cutting import OVERLONG, Cutter, damage
from kpi_server.domain.importing.events import ATTRIBUTE, EVENT_FIELDS, event_of
from kpi_server.domain.importing.unpacking import Unpacker
from kpi_server.domain.recording import Sent
from kpi_server.errors import BadInput


class Format(StrEnum):
    """How rows are written: CSV with a header, or one JSON object a line."""

    CSV = "CSV"
    NDJSON = "NDJSON"


class Content(StrEnum):
    """What the rows of a file are: values, single things that happened, or values that are taken back."""

    OBSERVATIONS = "OBSERVATIONS"
    EVENTS = "EVENTS"
    RETRACTIONS = "RETRACTIONS"


Read = tuple[int, Sent | SentEvent | BadInput]
"""The number of a row's first line, and what it says."""

_FIELDS: Final = MappingProxyType(
    {
        Content.OBSERVATIONS: (FIELDS, "segment."),
        Content.EVENTS: (EVENT_FIELDS, ATTRIBUTE),
        Content.RETRACTIONS: (FIELDS, "segment."),
    }
)
"""By content its fields, and how the names of further ones begin."""


class Rows:
    r"""Reads rows as bytes are fed, plain or packed.

    >>> rows = Rows(Format.CSV, {})
    >>> [(line, sent.kpi, sent.value) for line, sent in rows.feed(b"kpi,period,value\nARR,2026-01,5\nARR,20")]
    [(2, 'ARR', Decimal('5'))]
    >>> [(line, str(error)) for line, error in rows.finish()]
    [(3, 'it has 2 cells, the header 3')]
    """

    def __init__(self, form: Format, mapping: Mapping[str, str], content: Content = Content.OBSERVATIONS) -> None:
        if content is Content.EVENTS and form is not Format.NDJSON:
            raise BadInput("events come as NDJSON, one JSON object a line")
        self._form = form
        self._content = content
        self._mapping = mapping
        self._unpacker = Unpacker()
        self._cutter = Cutter(quoted=form is Format.CSV)
        self._columns: Columns | None = None

    def feed(self, data: bytes) -> Iterator[Read]:
        """The rows that are whole.

        Raises:
            BadInput: the file cannot be read on; the message names the line.
        """
        for piece in self._unpacker.feed(data):
            yield from self._rows(*self._cutter.feed(piece))
            for line in self._cutter.take_overlong():
                if self._form is Format.CSV and self._columns is None:
                    raise BadInput(f"line {line}: {OVERLONG}")
                yield line, BadInput(OVERLONG)

    def finish(self) -> Iterator[Read]:
        """The last row.

        Raises:
            BadInput: the file is cut off, or empty.
        """
        head = self._unpacker.finish()
        yield from self._rows(*self._cutter.feed(head))
        yield from self._rows(*self._cutter.finish())
        if self._form is Format.CSV and self._columns is None:
            raise BadInput("the file is empty: a header is expected")

    def _rows(self, line: int, text: str) -> Iterator[Read]:
        return self._csv(line, text) if self._form is Format.CSV else self._ndjson(line, text)

    def _csv(self, line: int, text: str) -> Iterator[Read]:
        return self._plain(line, text) or self._one_by_one(line, text)

    def _plain(self, line: int, text: str) -> Iterator[Read] | None:
        """All rows in columns, where each has a line of its own and nothing is wrong with any: as most are."""
        if self._columns is None or self._cutter.is_damaged or '"' in text or not text:
            return None
        try:
            records = list(csv.reader(text.removesuffix("\n").split("\n"), strict=True))
        except csv.Error:
            return None
        sent = self._columns.sent_together(records)
        return None if sent is None else enumerate(sent, start=line)

    def _one_by_one(self, line: int, text: str) -> Iterator[Read]:
        reader = csv.reader((f"{one}\n" for one in text.split("\n")), strict=True)
        began = 0
        while (cells := _next_record(reader, line + began)) is not None:
            harm = cells if isinstance(cells, str) else self._harm(cells)
            if harm and self._columns is None:
                raise BadInput(f"line {line + began}: {harm}")
            if harm:
                yield line + began, BadInput(harm)
            elif self._columns is not None and cells and not isinstance(cells, str):
                yield line + began, _attempt(self._columns, cells)
            elif cells and not isinstance(cells, str):
                self._columns = columns_of(cells, self._mapping, takes_back=self._content is Content.RETRACTIONS)
            began = reader.line_num

    def _harm(self, cells: list[str]) -> str | None:
        return damage("".join(cells)) if self._cutter.is_damaged else None

    def _ndjson(self, line: int, text: str) -> Iterator[Read]:
        for number, one in enumerate(text.split("\n"), start=line):
            harm = damage(one) if self._cutter.is_damaged else None
            if harm:
                yield number, BadInput(harm)
            elif one.strip():
                yield number, self._object(one)

    def _object(self, text: str) -> Sent | SentEvent | BadInput:
        try:
            row = self._fields(json.loads(text, parse_float=Decimal, parse_int=Decimal))
            return event_of(row) if self._content is Content.EVENTS else sent_of(row)
        except (json.JSONDecodeError, RecursionError):
            return BadInput("it is no JSON")
        except BadInput as error:
            return error

    def _fields(self, row: Any) -> Mapping[str, Any]:
        if not isinstance(row, dict):
            raise BadInput("it is no JSON object")
        fields = {self._mapping.get(name, name): cell for name, cell in row.items()}
        fields.pop(IGNORED, None)
        known, further = _FIELDS[self._content]
        unknown = [name for name in fields if name not in known and not name.startswith(further)]
        if unknown:
            raise BadInput(f"{', '.join(unknown)[:80]}: no such field; fields are {', '.join(known)}")
        return fields


def _next_record(reader: Any, line: int) -> list[str] | str | None:
    """The cells of the next record, or why that one cannot be read; None at the end.

    Raises:
        BadInput: the file cannot be read on.
    """
    try:
        cells: list[str] | None = next(reader, None)
    except csv.Error as error:
        if "field larger" in str(error):  # the reader goes on with the next line
            return OVERLONG
        raise BadInput(f"line {line}: {error}") from error
    return cells


def _attempt(columns: Columns, cells: list[str]) -> Sent | BadInput:
    try:
        return columns.sent(cells)
    except BadInput as error:
        return error
