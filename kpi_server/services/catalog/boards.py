"""Rows that show or watch figures: widgets of dashboards, alert rules, alerts that stand open."""

from decimal import Decimal
from typing import Any, Final

from kpi_server.domain.figure import parse_figure
from kpi_server.domain.selection import Placement
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.services.catalog import readings
from kpi_server.services.catalog.draft import Draft, plain_columns
from kpi_server.services.catalog.figures import Spot, add_figure, add_target, refuse_orphans
from kpi_server.services.catalog.reading import Placed

_OF_VALUES: Final = frozenset({"VALUE", "MILESTONE"})  # what stands beside other rules is a change, no figure


def build_widget(draft: Draft, placed: Placed) -> None:
    row = placed.row
    figure = target = None
    if row.kpi is not None:
        spot = Spot(row.kpi, Placement.TILE, draft.segment(placed))
        figure = add_figure(draft, placed, "current", spot, {"label": row.title})
        target = add_target(draft, placed, "target", spot, {"label": row.title})
    else:
        refuse_orphans(draft, placed, "kpi and current")
    columns = {
        **plain_columns("widgets", row, without={"current", "target", "segment", "analysis"}),
        **printed_texts(row),
        "figure_id": figure,
        "target_id": target,
    }
    draft.add("widgets", f"{row.dashboard}@{row.source}", row, columns)


def printed_texts(row: Any) -> dict[str, str | None]:
    """Current figure and target as words alone."""
    texts = {name: getattr(row, name) for name in ("current", "target") if hasattr(row, name)}
    return {f"{name}_text": cell and readings.words(cell).text for name, cell in texts.items()}


def build_alert(draft: Draft, placed: Placed) -> None:
    row = placed.row
    if row.kpi is not None:
        spot = Spot(row.kpi, Placement.ALERT)
        add_figure(draft, placed, "current", spot, {"label": row.name})
        add_target(draft, placed, "target", spot, {"label": row.name})
    columns = {**plain_columns("alerts", row, without={"current", "target"}), **printed_texts(row)}
    draft.add("alerts", " ".join([f"alert@{row.source}", row.kpi or ""]).strip(), row, columns)


def build_alert_rule(draft: Draft, placed: Placed) -> None:
    row = placed.row
    if row.kpi is not None and row.transform in _OF_VALUES:
        add_figure(draft, placed, "current", Spot(row.kpi, Placement.SIGNAL), {"label": row.name})
    columns = {
        **plain_columns("alert_rules", row, without={"current", "threshold"}),
        **printed_texts(row),
        "operator": row.operator and row.operator.value,
        "threshold_text": row.threshold,
        "threshold": draft.attempt(placed, "threshold", lambda: _threshold(draft, row)),
    }
    draft.add("alert_rules", row.key, row, columns)


def _threshold(draft: Draft, row: Any) -> Decimal | None:
    """The number of a rule's threshold: in the KPI's unit, or a fraction where it compares shares or no KPI."""
    meaning = draft.meanings.get(row.kpi)
    if row.threshold is None:
        return None
    is_percentage = "%" in row.threshold
    if row.transform == "SHARE_OF_TARGET" or (is_percentage and (row.transform == "CHANGE" or meaning is None)):
        return parse_figure(row.threshold, Unit(UnitKind.RATIO)).value
    return None if meaning is None else parse_figure(row.threshold, meaning.unit, names=meaning.names).value
