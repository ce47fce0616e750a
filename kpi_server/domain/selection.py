"""Selection: which reported figure is current, which one was before it, and which target judges it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kpi_server.domain.period import Period, contains


class Placement(StrEnum):
    """Where in a document a figure or target stands, the most binding place first."""

    KPI_ROW = "KPI_ROW"
    HEADLINE = "HEADLINE"
    TILE = "TILE"
    ALERT = "ALERT"
    SIGNAL = "SIGNAL"
    MATRIX = "MATRIX"
    STAGE = "STAGE"
    COHORT = "COHORT"
    DECISION = "DECISION"
    PROGRESSION = "PROGRESSION"
    NARRATIVE = "NARRATIVE"

    @property
    def rank(self) -> int:
        """The place in the order, 0 for the most binding.

        >>> Placement.KPI_ROW.rank < Placement.TILE.rank < Placement.NARRATIVE.rank
        True
        """
        return _RANKS[self]


_RANKS: Final = {placement: rank for rank, placement in enumerate(Placement)}


class ValueBasis(StrEnum):
    """Whether somebody states a value, or it is computed from recorded measures."""

    REPORTED = "REPORTED"
    COMPUTED = "COMPUTED"


class FigureReason(StrEnum):
    """Why a figure is current: the first point in which it is ahead of the next best of its segment."""

    NO_FIGURE = "NO_FIGURE"
    ONLY_FIGURE = "ONLY_FIGURE"
    LATEST_PERIOD = "LATEST_PERIOD"
    LATEST_DOCUMENT = "LATEST_DOCUMENT"
    MOST_BINDING = "MOST_BINDING"
    PRINTED_LAST = "PRINTED_LAST"
    RECORDED = "RECORDED"
    COMPUTED = "COMPUTED"


class TargetReason(StrEnum):
    """Why a target judges: the first point in which it is ahead of the next best of its segment."""

    NO_TARGET = "NO_TARGET"
    NONE_ACTIVE = "NONE_ACTIVE"
    ONLY_TARGET = "ONLY_TARGET"
    LASTING = "LASTING"
    NEWEST_DOCUMENT = "NEWEST_DOCUMENT"
    OWN_SECTION = "OWN_SECTION"
    MOST_BINDING = "MOST_BINDING"
    NEAREST_DEADLINE = "NEAREST_DEADLINE"
    PRINTED_LAST = "PRINTED_LAST"
    NEXT_STEP = "NEXT_STEP"


@dataclass(frozen=True)
class FigureFact:
    """What selection needs to know of one reported figure of a KPI.

    `document_rank` orders the organization's documents (date or version, later is greater); `ordinal` orders what
    one document states, or what was recorded.
    """

    id: str
    period: Period | None
    document_rank: tuple[int, ...]
    placement: Placement
    segment: str
    ordinal: int


@dataclass(frozen=True)
class TargetFact:
    """What selection needs to know of one target of a KPI.

    `period` is the window it is meant for (None: open), `valid_from` and `valid_to` (half-open) when it is in force,
    `due` its deadline, `milestone` the step of a progression it belongs to; `is_aside` when it is printed in the
    section of another KPI.
    """

    id: str
    period: Period | None
    document_rank: tuple[int, ...]
    placement: Placement
    segment: str
    ordinal: int
    valid_from: date | None = None
    valid_to: date | None = None
    due: date | None = None
    milestone: str | None = None
    is_aside: bool = False


@dataclass(frozen=True)
class Selection:
    """The figure that counts, and the one that counted before it."""

    current: FigureFact | None = None
    previous: FigureFact | None = None


def select_figures(figures: Iterable[FigureFact], *, segment: str = "", undated_last: bool = False) -> Selection:
    """The current and the previous figure of a segment ("" = whole).

    The latest is current: by the end of its period, then by document. Within one document and period the KPI's own
    row wins over tiles, alerts and headlines, then the later one. Previous is the winner of the next older
    document or period, never a second mention of the same figure. Figures without a period are older than all
    others, unless the organization says `undated_last`.

    >>> row = FigureFact("row", None, (1,), Placement.KPI_ROW, "", 1)
    >>> tile = FigureFact("tile", None, (1,), Placement.TILE, "", 2)
    >>> later = FigureFact("later", None, (2,), Placement.KPI_ROW, "", 1)
    >>> selected = select_figures([tile, row, later])
    >>> selected.current.id, selected.previous.id
    ('later', 'row')
    """
    known = [figure for figure in figures if figure.segment == segment]
    if not known:
        return Selection()
    current = max(known, key=lambda figure: (_age(figure, undated_last=undated_last), *_weight(figure)))
    age = _age(current, undated_last=undated_last)
    older = [figure for figure in known if _age(figure, undated_last=undated_last) < age]
    previous = max(older, key=lambda figure: (_age(figure, undated_last=undated_last), *_weight(figure)), default=None)
    return Selection(current, previous)


def figure_reason(figures: Iterable[FigureFact], *, segment: str = "", undated_last: bool = False) -> FigureReason:
    """Why `select_figures` takes the figure it takes.

    >>> row = FigureFact("row", None, (1,), Placement.KPI_ROW, "", 1)
    >>> tile = FigureFact("tile", None, (1,), Placement.TILE, "", 2)
    >>> figure_reason([tile, row]).value, figure_reason([row]).value
    ('MOST_BINDING', 'ONLY_FIGURE')
    """

    def standing(figure: FigureFact) -> tuple[tuple[bool, date, tuple[int, ...]], tuple[int, int, str]]:
        return _age(figure, undated_last=undated_last), _weight(figure)

    ranked = sorted((standing(figure) for figure in figures if figure.segment == segment), reverse=True)
    if len(ranked) < 2:
        return FigureReason.ONLY_FIGURE if ranked else FigureReason.NO_FIGURE
    (age, weight), (older, lighter) = ranked[:2]
    if age[:2] != older[:2]:
        return FigureReason.LATEST_PERIOD
    if age != older:
        return FigureReason.LATEST_DOCUMENT
    return FigureReason.MOST_BINDING if weight[0] != lighter[0] else FigureReason.PRINTED_LAST


def _age(figure: FigureFact, *, undated_last: bool) -> tuple[bool, date, tuple[int, ...]]:
    """Greater is later."""
    end = date.min if figure.period is None else figure.period.end
    return ((figure.period is not None) != undated_last, end, figure.document_rank)


def _weight(figure: FigureFact) -> tuple[int, int, str]:
    """Among equally old figures; the id decides at last, so that the answer never depends on the order of rows."""
    return (-figure.placement.rank, figure.ordinal, figure.id)


def select_target(
    targets: Iterable[TargetFact], *, period: Period | None = None, segment: str = ""
) -> TargetFact | None:
    """The target that judges a figure of this period and segment; None if none is active.

    Active is a target in force whose window contains the period, or is open; a figure without a period is judged by
    open windows only. Of several: no step of a progression while there is another, then the newest document, the
    KPI's own section before another's, the binding place, a deadline that has not passed, the one printed last, as
    with figures. Of steps alone: the nearest one still due, or the last one passed.

    >>> row = TargetFact("row", None, (1,), Placement.KPI_ROW, "", 1)
    >>> step = TargetFact("step", None, (2,), Placement.PROGRESSION, "", 1, milestone="Month 12")
    >>> select_target([step, row]).id
    'row'
    """
    active = [target for target in targets if target.segment == segment and _is_active(target, period)]
    lasting = [target for target in active if target.milestone is None] or active
    if not lasting:
        return None
    newest = max(target.document_rank for target in lasting)
    return min(
        (target for target in lasting if target.document_rank == newest),
        key=lambda target: _precedence(target, period),
    )


def target_reason(targets: Iterable[TargetFact], *, period: Period | None = None, segment: str = "") -> TargetReason:
    """Why `select_target` takes the target it takes, or none.

    >>> row = TargetFact("row", None, (1,), Placement.KPI_ROW, "", 1)
    >>> step = TargetFact("step", None, (2,), Placement.PROGRESSION, "", 1, milestone="Month 12")
    >>> target_reason([step, row]).value, target_reason([]).value
    ('LASTING', 'NO_TARGET')
    """
    known = [target for target in targets if target.segment == segment]
    active = [target for target in known if _is_active(target, period)]
    if len(active) < 2:
        return TargetReason.ONLY_TARGET if active else TargetReason.NONE_ACTIVE if known else TargetReason.NO_TARGET
    lasting = [target for target in active if target.milestone is None] or active
    newest = max(target.document_rank for target in lasting)
    ranked = sorted(_precedence(target, period) for target in lasting if target.document_rank == newest)
    if len(ranked) == 1:
        return TargetReason.LASTING if len(lasting) == 1 else TargetReason.NEWEST_DOCUMENT
    ahead = next(place for place, (mine, other) in enumerate(zip(*ranked[:2], strict=True)) if mine != other)
    if lasting[0].milestone is not None and ahead > 0:
        return TargetReason.NEXT_STEP
    return _AHEAD[ahead]


def _is_active(target: TargetFact, period: Period | None) -> bool:
    """In force where the period ends, so that a target revised within a period already judges it."""
    if period is None:
        return target.period is None and target.valid_to is None
    if target.period is not None and not contains(target.period, period):
        return False
    begun = target.valid_from is None or target.valid_from < period.end
    return begun and (target.valid_to is None or period.end <= target.valid_to)


# What each place of a precedence means.
_AHEAD: Final = (
    TargetReason.OWN_SECTION,
    TargetReason.MOST_BINDING,
    TargetReason.NEAREST_DEADLINE,
    TargetReason.NEAREST_DEADLINE,
    TargetReason.PRINTED_LAST,
    TargetReason.PRINTED_LAST,
)


def _precedence(target: TargetFact, period: Period | None) -> tuple[bool, int, bool, int, int, str]:
    """Smaller wins; a step of a progression is chosen by its deadline, or else by its place in the progression."""
    is_step = target.milestone is not None
    place = 0 if is_step else target.placement.rank
    order = target.ordinal if is_step else -target.ordinal
    due = (target.due or date.max).toordinal()
    passed = period is not None and due < period.start.toordinal()
    return (target.is_aside, place, passed, -due if passed else due, order, target.id)
