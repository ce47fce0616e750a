"""Where each KPI stands: its current figure, the active target, and what the one is worth against the other."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from kpi_server.domain.calendar import parse_calendar
from kpi_server.domain.period import Period, parse_period
from kpi_server.domain.selection import (
    FigureFact,
    FigureReason,
    Placement,
    TargetFact,
    TargetReason,
    figure_reason,
    select_figures,
    select_target,
    target_reason,
)
from kpi_server.domain.status import Near, NearKind, Status, status
from kpi_server.domain.target import Attainment, Operator, Target, attainment, resolve, share_of_target
from kpi_server.domain.unit import Unit, UnitKind, parse_unit
from kpi_server.store.database import Write
from kpi_server.store.standing import Fact, StandingRow, read_facts, write_standings

FIGURE: Final = "FIGURE"
TARGET: Final = "TARGET"
OBSERVATION: Final = "OBSERVATION"
COMPUTED: Final = "COMPUTED"
REPORTED: Final = "REPORTED"
_REASONS: Final = {OBSERVATION: FigureReason.RECORDED, COMPUTED: FigureReason.COMPUTED}
_AFTER_DOCUMENTS: Final = 1 << 62  # the rank of what a system recorded, beside documents on the same period


@dataclass(frozen=True)
class Paper:
    """A document as far as the order of figures needs it: `end` is the end of its period, or its date."""

    key: str
    end: date | None
    version: str | None


@dataclass(frozen=True)
class Reasons:
    """Why a KPI stands where it stands: why that figure, and why that target."""

    figure: FigureReason
    target: TargetReason


def document_ranks(papers: Iterable[Paper], *, undated_first: bool) -> Mapping[str, int]:
    """The place of each document, later is greater: by date, undated ones by version among themselves.

    >>> papers = [Paper("b", date(2025, 4, 1), None), Paper("a", None, "1.10"), Paper("c", None, "1.9")]
    >>> document_ranks(papers, undated_first=True)
    {'c': 0, 'a': 1, 'b': 2}
    >>> document_ranks(papers, undated_first=False)
    {'b': 0, 'c': 1, 'a': 2}
    """

    def age(paper: Paper) -> tuple[object, ...]:
        dated = paper.end is not None
        return (dated if undated_first else not dated, paper.end or date.min, _version(paper.version), paper.key)

    return {paper.key: rank for rank, paper in enumerate(sorted(papers, key=age))}


def _version(words: str | None) -> tuple[tuple[bool, int, str], ...]:
    """Numbers compare as numbers: 1.10 is after 1.9."""
    parts = re.findall(r"[0-9]+|[A-Za-z]+", words or "")
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)


async def judge(write: Write, touched: Collection[int] | None = None, *, has_grown: bool = False) -> None:
    """Bring kpi_current up to date after these KPIs' facts changed; without `touched`, that of all KPIs.

    Whoever takes a fact from one KPI to another touches both. `has_grown` says that facts were only added or recorded
    anew, and none was taken away: fewer need to be read then.
    """
    await write_standings(write, standings(await read_facts(write, touched, has_grown=has_grown)))


def standings(facts: Sequence[Fact]) -> list[StandingRow]:
    """One row for each judged KPI and segment with a figure or target, and one for the whole of every judged KPI."""
    ranks = _ranks(facts)
    by_kpi: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_kpi[fact.kpi_id].append(fact)
    chosen = {kpi_id: _Chosen(of_kpi, ranks) for kpi_id, of_kpi in by_kpi.items()}
    wholes = {kpi_id: choice.value("") for kpi_id, choice in chosen.items()}
    judged = [choice for choice in chosen.values() if choice.kpi.is_judged]
    return [choice.row(segment, wholes) for choice in judged for segment in choice.segments]


def standings_by_document(facts: Sequence[Fact], *, segment: str = "") -> list[tuple[str, StandingRow]]:
    """Where one KPI stands by each document alone, the oldest document first.

    Multiples of another KPI have no value here: one document seldom states both.
    """
    ranks = _ranks(facts)
    said = {fact.document for fact in facts if fact.segment == segment}
    reported = [fact._replace(basis=REPORTED) for fact in facts]
    return [
        (document, _Chosen([fact for fact in reported if fact.document == document], ranks).row(segment, {}))
        for document in sorted(ranks, key=ranks.__getitem__)
        if document in said
    ]


def reasons(facts: Sequence[Fact], *, segment: str = "") -> Reasons:
    """Why one KPI stands where it stands; `facts` are all that is known of it."""
    return _Chosen(facts, _ranks(facts)).reasons(segment)


def _ranks(facts: Sequence[Fact]) -> Mapping[str, int]:
    papers = {fact.document: _paper(fact) for fact in facts if fact.document is not None}
    return document_ranks(papers.values(), undated_first=bool(facts) and facts[0].undated_first)


def _paper(fact: Fact) -> Paper:
    calendar = parse_calendar(fact.calendar)
    texts = (fact.document_period, fact.document_dated)
    spans = [parse_period(text, calendar).end for text in texts if text is not None]
    return Paper(fact.document or "", next(iter([*spans, fact.document_approved_on]), None), fact.document_version)


class _Chosen:
    """The facts of one KPI, and which of them count."""

    def __init__(self, facts: Sequence[Fact], ranks: Mapping[str, int]) -> None:
        self.kpi = facts[0]
        self.unit: Unit = parse_unit(self.kpi.unit)
        self._ranks = ranks
        self._facts = {str(fact.id): fact for fact in facts if fact.kind is not None}
        self._selected: dict[str, tuple[Fact | None, Fact | None]] = {}
        self.segments = sorted({"", *(fact.segment or "" for fact in self._facts.values())})

    def _figures(self, segment: str) -> tuple[Fact | None, Fact | None]:
        """The current figure and the one before; a placeholder counts only while there is nothing else."""
        if segment not in self._selected:
            found = select_figures(self._stated(segment), segment=segment, undated_last=not self.kpi.undated_first)
            self._selected[segment] = self._fact(found.current), self._fact(found.previous)
        return self._selected[segment]

    def _stated(self, segment: str) -> list[FigureFact]:
        """What was recorded for a period stands for it, whatever documents print of that period.

        Where an organization has switched a KPI to what is computed, nothing else is.
        """
        known = [fact for fact in self._facts.values() if fact.kind != TARGET and fact.segment == segment]
        if self.kpi.basis == COMPUTED:
            return [self._figure(fact) for fact in known if fact.kind == COMPUTED]
        recorded = {fact.period for fact in known if fact.kind == OBSERVATION}
        figures = [fact for fact in known if fact.kind == OBSERVATION or fact.period not in recorded]
        stated = [fact for fact in figures if fact.absence is None] or figures
        return [self._figure(fact) for fact in stated]

    def reasons(self, segment: str) -> Reasons:
        current, _ = self._figures(segment)
        figure = figure_reason(self._stated(segment), segment=segment, undated_last=not self.kpi.undated_first)
        return Reasons(
            figure=_REASONS.get(current.kind or "", figure) if current else figure,
            target=target_reason(self._aims(), period=_period(current), segment=segment),
        )

    def _fact(self, selected: FigureFact | TargetFact | None) -> Fact | None:
        return None if selected is None else self._facts[selected.id]

    def value(self, segment: str) -> Decimal | None:
        current, _ = self._figures(segment)
        return current.value if current else None

    def row(self, segment: str, wholes: Mapping[int, Decimal | None]) -> StandingRow:
        current, previous = self._figures(segment)
        aim = self._target(segment, current)
        value = current.value if current else None
        target = resolve(_target(aim), wholes.get(aim.of_kpi_id or 0)) if aim else None
        attained = attainment(target, value) if target else Attainment()
        return StandingRow(
            kpi_id=self.kpi.kpi_id,
            segment=segment,
            figure_id=_id(current, FIGURE),
            previous_figure_id=_id(previous, FIGURE),
            target_id=aim.id if aim else None,
            value=value,
            text=current.text if current else None,
            period=current.period if current else None,
            previous_value=previous.value if previous else None,
            previous_text=previous.text if previous else None,
            previous_period=previous.period if previous else None,
            target_value=target.value if target else None,
            target_text=aim.text if aim else None,
            attainment=attained.ratio,
            attainment_flag=attained.flag.value if attained.flag else None,
            share_of_target=share_of_target(target, value) if target else None,
            status=self._status(target, current).value,
            due_on=aim.due_on if aim else None,
            document=current.printed_in if current else None,
            line=current.line if current else None,
            origin=current.origin if current else None,
            batch_id=current.batch_id if current else None,
            previous_document=previous.printed_in if previous else None,
            previous_line=previous.line if previous else None,
            previous_origin=previous.origin if previous else None,
            previous_batch_id=previous.batch_id if previous else None,
        )

    def _status(self, target: Target | None, current: Fact | None) -> Status:
        return status(
            target,
            current.value if current else None,
            unit=self.unit,
            text=current.text if current and self.unit.kind is UnitKind.TEXT and current.absence is None else None,
            near=None if self.kpi.near is None else Near(NearKind.SHARE, self.kpi.near),
            acceptable=self.kpi.acceptable,
        )

    def _target(self, segment: str, current: Fact | None) -> Fact | None:
        return self._fact(select_target(self._aims(), period=_period(current), segment=segment))

    def _aims(self) -> list[TargetFact]:
        return [self._aim(fact) for fact in self._facts.values() if fact.kind == TARGET]

    def _figure(self, fact: Fact) -> FigureFact:
        return FigureFact(
            id=str(fact.id),
            period=_period(fact),
            document_rank=(_AFTER_DOCUMENTS,) if fact.kind == OBSERVATION else self._rank(fact),
            placement=Placement(fact.placement or ""),
            segment=fact.segment or "",
            ordinal=fact.position or 0,
        )

    def _aim(self, fact: Fact) -> TargetFact:
        return TargetFact(
            id=str(fact.id),
            period=_period(fact),
            document_rank=self._rank(fact),
            placement=Placement(fact.placement or ""),
            segment=fact.segment or "",
            ordinal=fact.position or 0,
            due=fact.due_on,
            milestone=fact.milestone,
            is_aside=bool(fact.is_aside),
        )

    def _rank(self, fact: Fact) -> tuple[int, ...]:
        return (self._ranks.get(fact.document or "", -1),)


def _period(fact: Fact | None) -> Period | None:
    return parse_period(fact.period, parse_calendar(fact.calendar)) if fact and fact.period else None


def _id(fact: Fact | None, kind: str) -> int | None:
    return fact.id if fact is not None and fact.kind == kind else None


def _target(fact: Fact) -> Target:
    return Target(
        text=fact.text or "",
        operator=Operator(fact.operator or ""),
        value=fact.value,
        low=fact.low,
        high=fact.high,
        multiple=fact.multiple,
    )
