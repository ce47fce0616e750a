"""Which column of a file is which field of an observation."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from operator import itemgetter
from typing import Any, Final

from kpi_server.domain.recording import Sent, Unread, read_number
from kpi_server.errors import BadInput

FIELDS: Final = ("kpi", "measure", "period", "segment", "value", "currency", "text", "externalId", "sketch")
IGNORED: Final = "-"
_SEGMENT: Final = "segment."
_ORDER: Final = ("kpi", "period", "value", "segment", "text", "externalId", "measure", "currency", "sketch")
_BY_SPELLING: Final = {field.lower(): field for field in FIELDS} | {"external_id": "externalId"}
_SEPARATOR: Final = re.compile("[;\t|]")


Row = Mapping[str, object]
"""Fields with what stands in them: texts, and of JSON numbers or anything else."""


@dataclass(frozen=True)
class Columns:
    """The field of each column: a name of FIELDS, `segment.KEY` for one key of the segment, or nothing."""

    fields: tuple[str, ...]

    @cached_property
    def _chosen(self) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
        """Takes the fields of `Sent` out of cells with an empty one behind, for those without a column."""
        places = [self.fields.index(field) if field in self.fields else len(self.fields) for field in _ORDER]
        return itemgetter(*places)

    @cached_property
    def _segments(self) -> tuple[tuple[str, int], ...]:
        """The keys of the segment that have columns of their own."""
        named = [(field, place) for place, field in enumerate(self.fields) if field.startswith(_SEGMENT)]
        return tuple((field[len(_SEGMENT) :], place) for field, place in named)

    def sent(self, cells: Sequence[str]) -> Sent:
        """What a row says.

        Raises:
            BadInput: it has more or fewer cells than there are columns.

        >>> columns = columns_of(["KPI", "Period", "Amount", "Plan"], {"Amount": "value", "Plan": "segment.plan"})
        >>> columns.sent(["ARR", "2026-01", "5", "pro"])[:4]
        ('ARR', '2026-01', Decimal('5'), 'plan=pro')
        """
        if len(cells) != len(self.fields):
            raise BadInput(f"it has {len(cells)} cells, the header {len(self.fields)}")
        chosen = self._chosen([*cells, ""])
        kpi, period, value, segment, text, external_id, measure, currency, sketch = chosen
        if self._segments:
            segment = self._joined((segment, *(cells[place] for _, place in self._segments)))
        return Sent(
            kpi or None,
            period,
            _number(value) if value else None,
            segment or None,
            text or None,
            external_id or None,
            measure or None,
            currency or None,
            sketch or None,
        )

    def sent_together(self, records: Sequence[Sequence[str]]) -> list[Sent] | None:
        """What rows say, in columns; None where one has more or fewer cells than there are columns.

        >>> columns_of(["kpi", "period", "value"], {}).sent_together([["ARR", "2026-01", "5"], ["ARR", "2026-02", ""]])
        [Sent(kpi='ARR', period='2026-01', value=Decimal('5'), segment=None, text=None, external_id=None, \
measure=None, currency=None, sketch=None), Sent(kpi='ARR', period='2026-02', value=None, segment=None, text=None, \
external_id=None, measure=None, currency=None, sketch=None)]
        """
        if {*map(len, records)} != {len(self.fields)}:
            return None
        cells = list(zip(*records, strict=True))
        kpi, period, value, segment, *others = self._chosen((*cells, ("",) * len(records)))
        numbers = {text: _number(text) if text else None for text in {*value}}
        if self._segments:
            parts: list[tuple[str, ...]] = list(
                zip(segment, *(cells[place] for _, place in self._segments), strict=True)
            )
            joined = {some: self._joined(some) for some in {*parts}}
            segment = [joined[some] for some in parts]
        columns = (_filled(kpi), period, map(numbers.__getitem__, value), _filled(segment), *map(_filled, others))
        return list(map(partial(tuple.__new__, Sent), zip(*columns, strict=True)))

    def _joined(self, parts: Sequence[str]) -> str:
        """The segment that the cells of its keys make, with what stands in the column of the whole before them."""
        keys = [""] + [f"{key}=" for key, _ in self._segments]
        return ",".join([key + part for key, part in zip(keys, parts, strict=True) if part])


def columns_of(header: Sequence[str], mapping: Mapping[str, str], *, takes_back: bool = False) -> Columns:
    """The columns of a header, by their own names or by what `mapping` says they are ("-": left out).

    What is taken back needs no value, and may be named by its id alone.

    Raises:
        BadInput: everything that is wrong with it, in one sentence.

    >>> columns_of(["period", "Umsatz"], {})
    Traceback (most recent call last):
    kpi_server.errors.BadInput: the header does not match: "Umsatz" is no field; there is no kpi or measure; there is \
no value or sketch. Fields are kpi, measure, period, segment, value, currency, text, externalId, sketch; say what \
other columns are with --map COLUMN=FIELD, or map=COLUMN=FIELD over HTTP
    """
    names = [name.strip() for name in header]
    fields = [_field(mapping.get(name, name)) for name in names]
    wrong = [f'"{name[:40]}" is no field' for name, field in zip(names, fields, strict=True) if field is None]
    wrong += [f'the column "{name[:40]}" is mapped but not there' for name in mapping if name not in names]
    known = [field for field in fields if field]
    wrong += [f"{field} is there twice" for field in dict.fromkeys(known) if known.count(field) > 1]
    wrong += [f"there is no {' or '.join(either)}" for either in _needed(known, takes_back) if not {*either} & {*known}]
    if len(names) == 1 and (separator := _SEPARATOR.search(names[0])):
        raise BadInput(f"the header does not match: cells are separated by commas, not by {separator[0]!r}")
    if wrong:
        raise BadInput(
            f"the header does not match: {'; '.join(wrong)}. Fields are {', '.join(FIELDS)}; "
            "say what other columns are with --map COLUMN=FIELD, or map=COLUMN=FIELD over HTTP"
        )
    return Columns(tuple(field or "" for field in fields))


def _needed(known: Sequence[str], takes_back: bool) -> Sequence[tuple[str, ...]]:
    if takes_back and not {"kpi", "measure"} & {*known}:
        return [("kpi", "measure", "externalId")]
    named = [("kpi", "measure"), ("period",)]
    return named if takes_back else [*named, ("value", "sketch")]


def _field(name: str) -> str | None:
    """The field that a name means, "" for one to leave out, None for none."""
    if name == IGNORED:
        return ""
    return name if name.startswith(_SEGMENT) else _BY_SPELLING.get(name.lower().replace(" ", "_"))


def sent_of(row: Row) -> Sent:
    """What a row of fields says.

    Raises:
        BadInput: a field is no text.
    """
    cells = {field: cell for field, cell in row.items() if cell is not None and cell != ""}
    value = cells.pop("value", None)
    texts = {field: cell for field, cell in cells.items() if isinstance(cell, str)}
    if len(texts) < len(cells):
        raise BadInput(f"{', '.join(sorted(cells.keys() - texts.keys()))}: text is expected")
    parts = [texts["segment"]] if "segment" in texts else []
    parts += [f"{field[len(_SEGMENT) :]}={text}" for field, text in texts.items() if field.startswith(_SEGMENT)]
    return Sent(
        texts.get("kpi"),
        texts.get("period", ""),
        _number(value),
        ",".join(parts) or None,
        texts.get("text"),
        texts.get("externalId"),
        texts.get("measure"),
        texts.get("currency"),
        texts.get("sketch"),
    )


def _filled(column: Iterable[str]) -> Iterable[str | None]:
    """What stands in a column; nothing where a cell is empty."""
    return [cell or None for cell in column]


def _number(cell: object) -> Decimal | Unread | None:
    if cell is None or isinstance(cell, Decimal):
        return cell
    return read_number(cell.strip()) if isinstance(cell, str) else Unread("a number is expected, such as 12.50")
