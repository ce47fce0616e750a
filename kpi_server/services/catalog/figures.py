"""Rows that hold figures and targets of KPIs: KPI rows, figures, targets, revisions, observations, tiles, alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from kpi_server.domain.calendar import Calendar
from kpi_server.domain.period import parse_period
from kpi_server.domain.selection import Placement
from kpi_server.domain.target import Target
from kpi_server.domain.trend import Trend
from kpi_server.errors import BadInput, FigureError
from kpi_server.registry import fold_name
from kpi_server.services.catalog import readings
from kpi_server.services.catalog.draft import Draft, period_columns, plain_columns
from kpi_server.services.catalog.reading import Placed
from kpi_server.services.catalog.rows import Cell, Judgement, Verdict, Widget
from kpi_server.services.catalog.shapes import source
from kpi_server.store.catalog import Ref

_NO_TREND: Final = Trend("")
_JUDGEMENT: Final = frozenset({"status", "colour", "analysis", "trend", "arrow"})


@dataclass(frozen=True)
class Spot:
    """Where in a document a figure or target of a KPI stands."""

    kpi: str
    placement: Placement
    segment: str = ""

    def key(self, printed: Any) -> str:
        """The natural key: KPI, line, and what tells it from others on that line."""
        parts = [f"{self.kpi}@{printed.source}"]
        if self.placement is not Placement.KPI_ROW:
            parts.append(self.placement.value)
        return " ".join([*parts, self.segment] if self.segment else parts)

    @property
    def columns(self) -> dict[str, Any]:
        return {"kpi_id": Ref("kpis", self.kpi), "placement": self.placement.value, "segment": self.segment}


def printed_at(row: Any, cell: str | Cell | None) -> Any:
    """What knows the line of a cell: itself, or its row."""
    return cell if isinstance(cell, Cell) and cell.source is not None else row


def build_kpi_row(draft: Draft, placed: Placed) -> None:
    row = placed.row
    columns = plain_columns("kpi_rows", row, without=_JUDGEMENT | {"current", "target", "period"})
    kpi_row = draft.add("kpi_rows", f"{row.kpi}@{row.source}", row, columns)
    spot = Spot(row.kpi, Placement.KPI_ROW)
    add_figure(draft, placed, "current", spot, {"kpi_row_id": kpi_row})
    add_target(draft, placed, "target", spot, {"kpi_row_id": kpi_row})


def build_figure(draft: Draft, placed: Placed) -> None:
    row = placed.row
    spot = Spot(row.kpi, row.placement, draft.segment(placed))
    words = readings.Words(row.text, value=row.value)
    _store_figure(draft, placed, spot, _Read(words, "text", row, {"label": row.label}))


def add_figure(
    draft: Draft, placed: Placed, field: str, spot: Spot, links: Mapping[str, Any] | None = None
) -> Ref | None:
    """The figure of a row's cell; None if the cell is empty or cannot be read."""
    printed = getattr(placed.row, field)
    if printed is None:
        refuse_orphans(draft, placed, field)
        return None
    read = _Read(readings.words(printed), field, printed_at(placed.row, printed), links or {})
    return _store_figure(draft, placed, spot, read)


def refuse_orphans(draft: Draft, placed: Placed, field: str) -> None:
    """A trend or comment is stored with its figure: without one it would be lost."""
    if not isinstance(placed.row, Judgement):
        return
    kept = _JUDGEMENT - {"analysis"} if isinstance(placed.row, Widget) else set()
    for name in sorted(_JUDGEMENT - kept):
        if getattr(placed.row, name, None) is not None:
            draft.reading.report(placed.at(name), name, f"belongs to a figure: give {field} as well")


@dataclass(frozen=True)
class _Read:
    """Words to be read: the field they are in, what knows their line, and further columns."""

    words: readings.Words
    field: str
    printed: Any
    links: Mapping[str, Any]


def _store_figure(draft: Draft, placed: Placed, spot: Spot, read: _Read) -> Ref | None:
    row, meaning = placed.row, draft.meanings.get(spot.kpi)
    if meaning is None:
        return None
    figure = draft.attempt(placed, read.field, lambda: readings.figure(read.words, meaning))
    trend_text, arrow = getattr(row, "trend", None), getattr(row, "arrow", None)
    trend = draft.attempt(placed, "trend", lambda: readings.trend(trend_text, arrow, meaning.unit))
    own = draft.period(placed, "period", getattr(row, "period", None))
    if figure is None:
        return None
    columns = {
        **spot.columns,
        **period_columns(own or draft.period_of_document(source(read.printed)[0])),
        **readings.figure_columns(figure),
        **readings.trend_columns(trend or _NO_TREND),
        **_judgement(row),
        **read.links,
    }
    return draft.add("reported_figures", spot.key(read.printed), read.printed, columns)


def _judgement(row: Any) -> dict[str, str | None]:
    """What the row says of its figure; an alert's colour is the alert's own."""
    said = ("status", "colour", "analysis")
    return {name: getattr(row, name) if isinstance(row, Verdict) else None for name in said}


def build_target(draft: Draft, placed: Placed) -> None:
    row = placed.row
    spot = Spot(row.kpi, row.placement, draft.segment(placed))
    if row.placement is Placement.STAGE and row.stage is None:
        draft.reading.report(placed.place, "stage", "is required: placement STAGE is a stage's target")
    if row.placement is Placement.PROGRESSION and row.months is None:
        draft.reading.report(placed.place, "months", "is required: a step of a progression has its month")
    names = ("label", "under", "of", "stage", "due", "months", "rationale")
    columns = {name: value for name, value in plain_columns("targets", row).items() if name in _columns_of(names)}
    words = readings.Words(row.text, row.operator, row.value)
    due = {"due_on": _last_day(row.due, draft.calendar)}
    _store_target(draft, placed, spot, _Read(words, "text", row, columns | due))


def _columns_of(names: tuple[str, ...]) -> frozenset[str]:
    linked = {"under": "under_kpi_id", "of": "of_kpi_id", "stage": "stage_id"}
    return frozenset(linked.get(name, name) for name in names)


def _last_day(words: str | None, calendar: Calendar) -> date | None:
    """The deadline's date, where its words are a period's: a month's deadline is its last day."""
    try:
        return None if words is None else parse_period(words, calendar).end - timedelta(days=1)
    except BadInput:
        return None


def add_target(
    draft: Draft, placed: Placed, field: str, spot: Spot, links: Mapping[str, Any] | None = None
) -> Ref | None:
    """The target of a row's cell; None if the cell is empty or cannot be read."""
    printed = getattr(placed.row, field)
    if printed is None:
        return None
    read = _Read(readings.words(printed), field, printed_at(placed.row, printed), links or {})
    return _store_target(draft, placed, spot, read)


def _store_target(draft: Draft, placed: Placed, spot: Spot, read: _Read) -> Ref | None:
    row, meaning = placed.row, draft.meanings.get(spot.kpi)
    if meaning is None:
        return None
    named = getattr(row, "of", None)
    target = draft.attempt(
        placed, read.field, lambda: readings.target(read.words, meaning, is_multiple=named is not None)
    )
    # A figure's row is of its own period; a target is for every period unless it says otherwise.
    period = draft.period(placed, "period", row.period) if read.field == "text" else None
    if target is None:
        return None
    columns = {**spot.columns, **period_columns(period), **readings.target_columns(target), **read.links}
    columns["of_kpi_id"] = draft.attempt(placed, read.field, lambda: _relative_to(draft, target, named))
    return draft.add("targets", spot.key(read.printed), read.printed, columns)


def _relative_to(draft: Draft, target: Target, named: str | None) -> Ref | None:
    """The KPI that a target is a multiple of: the one named, else the one whose name the words say."""
    if target.multiple is None:
        if named is not None:
            raise FigureError(f'"{target.text}" is no multiple of {named}: write "> 3x …", or give value: the multiple')
        return None
    if named is not None:
        return Ref("kpis", named)
    wanted = fold_name(target.multiple_of or "")
    meant = [key for key, known in draft.meanings.items() if wanted in map(fold_name, known.names)]
    if not meant and draft.reading.is_partial:
        return None
    if len(meant) != 1:
        raise FigureError(f'"{target.text}" is a multiple of another KPI: name it with of: …')
    return Ref("kpis", meant[0])


def build_revision(draft: Draft, placed: Placed) -> None:
    row, meaning = placed.row, draft.meanings.get(placed.row.kpi)
    period = draft.period(placed, "period", row.period)
    if meaning is None:
        return
    before = draft.attempt(placed, "before", lambda: readings.target(readings.Words(row.before), meaning))
    after = draft.attempt(placed, "after", lambda: readings.target(readings.Words(row.after), meaning))
    if before is None or after is None or period is None:
        return
    columns = {
        **plain_columns("target_revisions", row, without={"before", "after"}),
        **period_columns(period),
        "before_text": row.before,
        "before_value": before.value,
        "after_text": row.after,
        "after_value": after.value,
    }
    draft.add("target_revisions", f"{row.kpi}@{row.source}", row, columns)


def build_observation(draft: Draft, placed: Placed) -> None:
    row, meaning = placed.row, draft.meanings.get(placed.row.kpi)
    period, segment = draft.period(placed, "period", row.period), draft.segment(placed)
    if meaning is None or period is None:
        return
    read = draft.attempt(placed, "value", lambda: readings.figure(readings.Words(row.value), meaning))
    if read is None:
        return
    if read.value is None:
        draft.reading.report(placed.at("value"), "value", f'"{row.value}": an observation is one number')
        return
    columns = {
        "measure_id": Ref("kpis", row.kpi),  # the measure has its KPI's id
        "segment": segment,
        "grain": period.grain.value,
        **period_columns(period),
        "value": read.value,
        "text": row.value,
    }
    document, _ = source(row)
    draft.add("observations", " ".join(filter(None, [row.kpi, period.text, segment, document])), row, columns)
