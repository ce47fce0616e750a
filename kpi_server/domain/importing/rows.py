"""The rows of a file as it arrives: each one what was sent, or why it cannot be read."""

import csv
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kpi_server.domain.importing.columns import FIELDS, IGNORED, Columns, columns_of, sent_of
from kpi_server.domain.importing.cutting import Cutter
from kpi_server.domain.importing.unpacking import Unpacker
from kpi_server.domain.recording import Sent
from kpi_server.errors import BadInput


class Format(StrEnum):
    """How rows are written: CSV with a header, or one JSON object a line."""

    CSV = "CSV"
    NDJSON = "NDJSON"


Read = tuple[int, Sent | BadInput]
"""The number of a row's first line, and what it says."""


class Rows:
    r"""Reads rows as bytes are fed, plain or packed.

    >>> rows = Rows(Format.CSV, {})
    >>> [(line, sent.kpi, sent.value) for line, sent in rows.feed(b"kpi,period,value\nARR,2026-01,5\nARR,20")]
    [(2, 'ARR', Decimal('5'))]
    >>> [(line, str(error)) for line, error in rows.finish()]
    [(3, 'it has 2 cells, the header 3')]
    """

    def __init__(self, form: Format, mapping: Mapping[str, str]) -> None:
        self._form = form
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
        reader = csv.reader((f"{one}\n" for one in text.split("\n")), strict=True)
        began = 0
        try:
            for cells in reader:
                if not cells:
                    pass
                elif self._columns is None:
                    self._columns = columns_of(cells, self._mapping)
                else:
                    yield line + began, _attempt(self._columns, cells)
                began = reader.line_num
        except csv.Error as error:
            raise BadInput(f"line {line + began}: {error}") from error

    def _ndjson(self, line: int, text: str) -> Iterator[Read]:
        for number, one in enumerate(text.split("\n"), start=line):
            if one.strip():
                yield number, self._object(one)

    def _object(self, text: str) -> Sent | BadInput:
        try:
            row = json.loads(text, parse_float=Decimal, parse_int=Decimal)
            return sent_of(self._fields(row))
        except (json.JSONDecodeError, RecursionError):
            return BadInput("it is no JSON")
        except BadInput as error:
            return error

    def _fields(self, row: Any) -> Mapping[str, Any]:
        if not isinstance(row, dict):
            raise BadInput("it is no JSON object")
        fields = {self._mapping.get(name, name): cell for name, cell in row.items()}
        fields.pop(IGNORED, None)
        unknown = [name for name in fields if name not in FIELDS and not name.startswith("segment.")]
        if unknown:
            raise BadInput(f"{', '.join(unknown)[:80]}: no such field; fields are {', '.join(FIELDS)}")
        return fields


def _attempt(columns: Columns, cells: list[str]) -> Sent | BadInput:
    try:
        return columns.sent(cells)
    except BadInput as error:
        return error
