"""Retracting: which of the values that a system takes back it may have stated, and what is wrong with the others."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from kpi_server.domain.checking import Checker
from kpi_server.domain.period import Period
from kpi_server.domain.recording import Fault, Measured, Name, Sent, Terms
from kpi_server.errors import BadInput, Conflict, NotFound, UserError


class Retraction(NamedTuple):
    """A value that is taken back: what it is of, or the id under which its source recorded it."""

    kpi: str | None = None
    measure: str | None = None
    period: str | None = None
    segment: str | None = None
    external_id: str | None = None

    @property
    def name(self) -> Name:
        return ("kpi", self.kpi or "") if self.measure is None else ("measure", self.measure)


class Stated(NamedTuple):
    """A cell of which a value is taken back, with its place among those that were sent."""

    place: int
    measure_id: int
    key: str
    segment: str
    period: Period

    @property
    def words(self) -> str:
        return f"{self.key} of {self.period}{f' in {self.segment}' if self.segment else ''}"


Meant = tuple[int, tuple[str, str, str]]
"""What a source means by an id of its own: the measure's id, and its key with segment and period."""


def check_retractions(
    sent: Iterable[tuple[int, Retraction]],
    named: Mapping[Name, Measured | UserError],
    meant: Mapping[str, Meant],
    terms: Terms,
    *,
    told: str = "observation {} of this call",
) -> tuple[list[Stated], list[Fault]]:
    """The cells that are meant, each once, and everything that is wrong with the others, by their places.

    `named` has the measure, or the reason why there is none, for the name of every value that bears no id; `meant` has
    the ids that the source has used. `told` is how a place is called.
    """
    checker = _Checker(named, meant, terms)
    read = [cell for index, one in sent if (cell := checker.read_back(index, one)) is not None]
    first: dict[tuple[int, str, Period], Stated] = {}
    for cell in read:
        before = first.setdefault((cell.measure_id, cell.segment, cell.period), cell)
        if before is not cell:
            words = f"{cell.words} is already {told.format(before.place)}"
            checker.faults.append(Fault(cell.place, "period", Conflict.code, words))
    return list(first.values()), sorted(checker.faults, key=lambda fault: fault.index)


def taken_back(one: Sent) -> Retraction:
    """What a row of a file takes back: the value it is of, else the one that its id names.

    >>> taken_back(Sent("ARR", "2026-01", None, external_id="a-1")).external_id is None
    True
    >>> taken_back(Sent(None, "", None, external_id="a-1")).external_id
    'a-1'
    """
    if one.kpi is None and one.measure is None and one.external_id is not None:
        return Retraction(external_id=one.external_id)
    return Retraction(one.kpi, one.measure, one.period or None, one.segment)


class _Checker(Checker):
    def __init__(self, named: Mapping[Name, Measured | UserError], meant: Mapping[str, Meant], terms: Terms) -> None:
        super().__init__(named, replace(terms, segment_keys=()))  # what was recorded before keys were declared may go
        self._meant = meant

    def read_back(self, index: int, one: Retraction) -> Stated | None:
        """The cell that is meant, or nothing and why in `faults`."""
        wrong = _unclear(one)
        self.faults += [Fault(index, field, BadInput.code, words) for field, words in wrong]
        if wrong:
            return None
        return self._by_cell(index, one) if one.external_id is None else self._by_id(index, one.external_id)

    def _by_cell(self, index: int, one: Retraction) -> Stated | None:
        found = self.cell(index, one.name, one.period or "", one.segment)
        if found is None:
            return None
        measure, period, segment = found
        if measure.id is None:
            self.faults.append(Fault(index, one.name[0], NotFound.code, f"nothing is recorded of {measure.key}"))
            return None
        return Stated(index, measure.id, measure.key, segment, period)

    def _by_id(self, index: int, external_id: str) -> Stated | None:
        known = self._meant.get(external_id)
        if known is None:
            words = f'nothing was recorded by this source under "{external_id[:40]}"'
            self.faults.append(Fault(index, "externalId", NotFound.code, words))
            return None
        measure_id, (key, segment, text) = known
        period = self.period(index, "externalId", text)
        return None if period is None else Stated(index, measure_id, key, segment, period)


def _unclear(one: Retraction) -> list[tuple[str, str]]:
    """Why it cannot be told which value is meant."""
    names = [field for field in ("kpi", "measure", "period", "segment") if getattr(one, field) is not None]
    if one.external_id is not None:
        return [("externalId", f"it says which value is meant: leave out {', '.join(names)}")] if names else []
    return [
        *([("measure", "name the KPI or the measure, not both")] if {"kpi", "measure"} <= set(names) else []),
        *([("period", "say of which period, or name the value by externalId")] if one.period is None else []),
    ]
