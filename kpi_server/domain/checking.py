"""Checking: which of the values that a system sends can be taken, and what is wrong with each of the others."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import chain, repeat
from typing import Any, Final, Generic, TypeVar

from kpi_server.domain.currency import is_currency
from kpi_server.domain.figure import format_value
from kpi_server.domain.period import Period, parse_period
from kpi_server.domain.recording import (
    LONGEST_TEXT,
    Fault,
    Measured,
    Name,
    Recordable,
    Sent,
    Terms,
    Unread,
    name_of,
    told_closed,
    unfit,
)
from kpi_server.domain.segment import read_segment
from kpi_server.domain.sketch.distinct import estimate
from kpi_server.domain.sketch.histogram import count
from kpi_server.domain.sketch.notation import parse_sketch
from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput, Conflict, Forbidden, UserError

_MOST_DIGITS: Final = 30
_MOST_DECIMALS: Final = 20
_MOST_REMEMBERED: Final = 50_000
_NOTHING: Final = frozenset({None})

_T = TypeVar("_T")


def check(
    sent: Sequence[Sent], named: Mapping[Name, Measured | UserError], terms: Terms
) -> tuple[list[Recordable], list[Fault]]:
    """The values that can be recorded, and everything that is wrong with the others.

    `named` has the measure, or the reason why there is none, for the name of every value.

    >>> from datetime import date
    >>> from kpi_server.domain.unit import parse_unit
    >>> arr = {("kpi", "ARR"): Measured(7, "financial.arr", parse_unit("MONEY(EUR)"))}
    >>> good, faults = check([Sent("ARR", "2026-01", Decimal(5)), Sent("ARR", "2027-01", Decimal(6))], arr,
    ...     Terms(date(2026, 3, 1)))
    >>> good[0].text, faults[0].field, faults[0].message
    ('€5', 'period', '2027-01 has not begun: today is 2026-03-01')
    """
    checker = Checker(named, terms)
    good = checker.read_all(range(len(sent)), sent)
    return _without_repetitions(good, checker.faults), sorted(checker.faults, key=lambda fault: fault.index)


class _Texts(dict[str, _T | UserError], Generic[_T]):
    """What texts say, each read when it is first asked for."""

    def __init__(self, read: Callable[[str], _T | UserError]) -> None:
        self._read = read

    def __missing__(self, text: str) -> _T | UserError:
        self[text] = found = self._read(text)
        return found


class Checker:
    """Checks values one after the other; equal texts are read once, and `named` may grow meanwhile."""

    def __init__(self, named: Mapping[Name, Measured | UserError], terms: Terms) -> None:
        self.faults: list[Fault] = []
        self._named = named
        self._periods = _Texts(lambda text: _period(text, terms))
        self._segments = _Texts(lambda text: _segment(text, terms.segment_keys))

    def forget(self) -> None:
        """Forget what was found and which texts were read."""
        self.faults.clear()
        if len(self._segments) + len(self._periods) > _MOST_REMEMBERED:
            self._segments.clear()
            self._periods.clear()

    def read_all(self, places: Sequence[int], sent: Sequence[Sent]) -> list[Recordable]:
        """What can be recorded of values at these places; why the others cannot is in `faults`."""
        good = self.read_plain(places, sent) if sent else []
        if good is None:
            each = (self.read(place, one) for place, one in zip(places, sent, strict=True))
            good = [recordable for recordable in each if recordable is not None]
        return good

    def read(self, index: int, one: Sent) -> Recordable | None:
        """What can be recorded, or nothing and why in `faults`."""
        name = one.name
        cell, named = self.cell(index, name, one.period, one.segment), self._named[name]
        if not _is_plain(one, named):
            wrong = [Fault(index, field, BadInput.code, words) for field, words in _refusals(one, named)]
            self.faults += wrong
            cell = None if wrong else cell
        if cell is None:
            return None
        measure, period, segment = cell
        if one.sketch is not None:
            return self._sketched(index, one, Recordable(index, measure, segment, period, Decimal(), ""))
        if not isinstance(one.value, Decimal):  # what cannot be read was refused
            return self._refuse(
                index, "value", "there is no value: send a number, or a sketch where those are recorded"
            )
        unit, currency = (measure.unit, None) if one.currency is None else _money(measure, one.currency)
        text = one.text or format_value(one.value, unit)
        return Recordable(index, measure, segment, period, one.value, text, one.external_id, currency)

    def read_plain(self, places: Sequence[int], sent: Sequence[Sent]) -> list[Recordable] | None:
        """All of them, where nothing can be wrong with any: in columns, as most are; None where something may.

        Sketches and currencies are read one by one. What is equal among them is often one and the same, and then
        looked at once.
        """
        kpis, periods, values, segments, texts, external_ids, measures, currencies, sketches = zip(*sent, strict=True)
        if not all(map(_NOTHING.issuperset, (currencies, sketches))):
            return None
        pairs: list[tuple[Any, Any]] = list(zip(kpis, measures, strict=True))
        meant: dict[Any, Any] = {pair: self._named[name_of(*pair)] for pair in {*pairs}}
        when: dict[Any, Any] = {text: self._periods[text] for text in {*periods}}
        where: dict[Any, Any] = {text: self._segments[text or ""] for text in {*segments}}
        if any(isinstance(found, UserError) for found in chain(meant.values(), when.values(), where.values())):
            return None
        if not all(None in pair and measure.is_numeric for pair, measure in meant.items()):
            return None
        numbers = dict(zip(map(id, values), values, strict=True))
        if not all(map(_is_usual, numbers.values())):
            return None
        if any(text is not None and unfit(text) for text in chain({*texts}, external_ids)):
            return None
        of = [meant[pair] for pair in pairs]
        cells = map(where.__getitem__, segments), map(when.__getitem__, periods)
        columns = (places, of, *cells, values, _words(values, of, texts), external_ids, repeat(None), repeat(None))
        return list(map(partial(tuple.__new__, Recordable), zip(*columns, strict=False)))

    def cell(self, index: int, name: Name, period: str, segment: str | None) -> tuple[Measured, Period, str] | None:
        """What a value is of, or nothing and why in `faults`."""
        found = self._named[name], self._periods[period], self._segments[segment or ""]
        measure, when, where = found
        if isinstance(measure, UserError) or isinstance(when, UserError) or isinstance(where, UserError):
            told = zip((name[0], "period", "segment"), found, strict=True)
            self.faults += [
                Fault(index, field, error.code, error.message) for field, error in told if isinstance(error, UserError)
            ]
            return None
        return measure, when, where

    def period(self, index: int, field: str, text: str) -> Period | None:
        """A period that values may be of, or nothing and why in `faults`."""
        found = self._periods[text]
        if isinstance(found, UserError):
            self.faults.append(Fault(index, field, found.code, found.message))
            return None
        return found

    def _sketched(self, index: int, one: Sent, read: Recordable) -> Recordable | None:
        kind = read.measure.sketch
        if kind is None or one.value is not None:
            words = "is recorded as numbers, not sketches" if kind is None else "is told by its sketch: send no value"
            return self._refuse(index, "sketch", f"{read.measure.key} {words}")
        try:
            sketch = parse_sketch(kind, one.sketch or "")
        except BadInput as error:
            return self._refuse(index, "sketch", error.message)
        value = estimate(sketch) if kind is Sketch.DISTINCT else Decimal(count(sketch))
        text = one.text or format_value(value, read.measure.unit)
        return read._replace(value=value, text=text, external_id=one.external_id, sketch=sketch)

    def _refuse(self, index: int, field: str, words: str) -> Recordable | None:
        self.faults.append(Fault(index, field, BadInput.code, words))
        return None


def _words(values: Sequence[Any], of: Sequence[Any], texts: Sequence[str | None]) -> Sequence[str]:
    """The text of each value: as it was sent, or as it is written in its unit."""
    written: dict[tuple[int, int], str] = {}
    return [
        text or written.get(key := (id(value), id(one))) or written.setdefault(key, format_value(value, one.unit))
        for text, value, one in zip(texts, values, of, strict=True)
    ]


def _money(measure: Measured, currency: str) -> tuple[Unit, str | None]:
    """The unit that the value is in, and its currency where that is not the usual one."""
    if currency == measure.unit.currency:
        return measure.unit, None
    return replace(measure.unit, currency=currency), currency


def _period(text: str, terms: Terms) -> Period | UserError:
    if len(text) > LONGEST_TEXT:
        return BadInput(f"a period has at most {LONGEST_TEXT} characters")
    try:
        period = parse_period(text, terms.calendar)
    except BadInput as error:
        return error
    if period.start > terms.day:
        return BadInput(f"{text} has not begun: today is {terms.day}")
    closed = None if terms.restates else terms.closed_around(period)
    return period if closed is None else Forbidden(told_closed(period, closed))


def _segment(text: str, declared: Collection[str]) -> str | UserError:
    if len(text) > LONGEST_TEXT:
        return BadInput(f"a segment has at most {LONGEST_TEXT} characters")
    try:
        segment = read_segment(text)
    except BadInput as error:
        return error
    unknown = [key for key, _ in segment.pairs if key not in declared] if declared else []
    if unknown:
        words = f'"{unknown[0]}" is no segment key of the organization; its catalog declares'
        return BadInput(f"{words} {', '.join(sorted(declared))}")
    return str(segment)


def _is_plain(one: Sent, measure: Measured | UserError) -> bool:
    """Whether it is a number of usual size, in fit words if in any, of which nothing can be wrong: most are."""
    return (
        _is_usual(one.value)
        and one.currency is one.sketch is None
        and (one.text is None or unfit(one.text) is None)
        and (one.external_id is None or unfit(one.external_id) is None)
        and (one.kpi is None or one.measure is None)
        and isinstance(measure, Measured)
        and measure.is_numeric
    )


def _is_usual(value: Decimal | Unread | None) -> bool:
    """Whether it is a number that is stored as it is, however it is written."""
    return (
        isinstance(value, Decimal)
        and value.is_finite()
        and -6 <= value.adjusted() < _MOST_DECIMALS
        and len(str(value)) < _MOST_DECIMALS
    )


def _refusals(one: Sent, measure: Measured | UserError) -> Iterable[tuple[str, str]]:
    """What is wrong with a value in itself, by field."""
    if one.kpi is not None and one.measure is not None:
        yield "measure", "a value is of a KPI or of a measure: name one of the two"
    if isinstance(measure, Measured):
        yield from _misfits(one, measure)
    if isinstance(one.value, Unread):
        yield "value", one.value.words
    elif one.value is not None:
        yield from _unstorable(one.value)
    for field, text in (("text", one.text), ("externalId", one.external_id)):
        fault = None if text is None else unfit(text)
        if fault is not None:
            yield field, fault


def _misfits(one: Sent, measure: Measured) -> Iterable[tuple[str, str]]:
    """What does not fit what is measured."""
    if measure.unit.kind is UnitKind.TEXT:
        yield "kpi", f"{measure.key} is measured in words: it takes no recorded values"
    if measure.sketch is Sketch.HISTOGRAM and one.value is not None and one.sketch is None:
        yield "value", f"{measure.key} is recorded as a sketch of its values: send `sketch`"
    if one.currency is None:
        return
    if measure.unit.kind is not UnitKind.MONEY:
        yield "currency", f"{measure.key} is no money ({measure.unit}): send no currency"
    elif not is_currency(one.currency):
        yield "currency", f'"{one.currency}" is no currency: codes read like EUR'
    elif one.sketch is not None and one.currency != measure.unit.currency:
        yield "currency", f"a sketch of {measure.key} is of amounts in {measure.unit.currency}: it is not converted"
    elif not measure.takes_currencies and one.currency != measure.unit.currency:
        yield "currency", f"{measure.key} is in {measure.unit.currency}: its values are not converted"


def _unstorable(value: Decimal) -> Iterable[tuple[str, str]]:
    if not value.is_finite():
        yield "value", f"{value} is no number"
        return
    if value.adjusted() >= _MOST_DIGITS:
        yield "value", f"the number has more than {_MOST_DIGITS} digits before the point"
    if -int(value.as_tuple().exponent) > _MOST_DECIMALS:
        yield "value", f"the number has more than {_MOST_DECIMALS} decimals"


def _without_repetitions(good: Sequence[Recordable], faults: list[Fault]) -> list[Recordable]:
    """Those that are the first of their cell and of their external id."""
    if len({one.cell for one in good}) == len(good) and all(one.external_id is None for one in good):
        return list(good)
    cells: dict[tuple[str, str, str], int] = {}
    external: dict[str, int] = {}
    first: list[Recordable] = []
    for one in good:
        before = cells.setdefault(one.cell, one.place)
        if before != one.place:
            words = f"{one.measure.key} of {one.period}{f' in {one.segment}' if one.segment else ''}"
            faults.append(
                Fault(one.place, "period", Conflict.code, f"{words} is already observation {before} of this call")
            )
            continue
        named = one.place if one.external_id is None else external.setdefault(one.external_id, one.place)
        if named != one.place:
            words = f'"{one.external_id}" is already the id of observation {named} of this call'
            faults.append(Fault(one.place, "externalId", Conflict.code, words))
            continue
        first.append(one)
    return first
