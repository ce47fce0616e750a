"""Cohort tables: rows of cells by age, a computed last column, and what a column should reach."""

from typing import Any

from kpi_server.domain.direction import Direction
from kpi_server.domain.figure import Figure, parse_figure
from kpi_server.domain.target import parse_target
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput
from kpi_server.services.catalog.draft import Draft, plain_columns
from kpi_server.services.catalog.reading import Placed
from kpi_server.store.catalog import Ref


def build_cohort_table(draft: Draft, placed: Placed) -> None:
    row = placed.row
    if len(set(row.columns)) < len(row.columns):
        draft.reading.report(placed.at("columns"), "columns", "each age is one column")
    unit = draft.attempt(placed, "unit", lambda: draft.fixed(row.unit))
    columns = {**plain_columns("cohort_tables", row), "unit": str(unit)}
    draft.add("cohort_tables", row.key, row, columns)


def _table(draft: Draft, key: str) -> Any:
    """The table's row; None while that is refused itself."""
    return next((placed.row for placed in draft.reading.rows["cohort_tables"] if placed.row.key == key), None)


def build_cohort_row(draft: Draft, placed: Placed) -> None:
    row, table = placed.row, _table(draft, placed.row.table)
    draft.period(placed, "period", row.period)
    if table is None:
        return
    if len(row.cells) != len(table.columns):
        message = f"{table.key} has {len(table.columns)} columns, here are cells for {len(row.cells)}"
        draft.reading.report(placed.at("cells"), "cells", message)
        return
    columns = {
        **plain_columns("cohort_rows", row, without={"cells", "total"}),
        "total_text": row.total,
        "total": _total(draft, placed, table),
    }
    key = f"{row.table}@{row.source}"
    cohort = draft.add("cohort_rows", key, row, columns)
    for column, text in zip(table.columns, row.cells, strict=True):
        read = _read(draft, placed, "cells", text, table)
        cell = {"cohort_row_id": cohort, "column": column, "text": text, "value": read and read.value}
        draft.add("cohort_cells", f"{cohort.key} {column}", row, cell)


def _total(draft: Draft, placed: Placed, table: Any) -> Any:
    text = placed.row.total
    if text is None:
        return None
    if table.total_label is None:
        draft.reading.report(placed.at("total"), "total", f"cohort table {table.key} has no total_label")
        return None
    read = _read(draft, placed, "total", text, table)
    return read and read.value


def _read(draft: Draft, placed: Placed, field: str, text: str, table: Any) -> Figure | None:
    unit = _known_unit(draft, table, text, computed=field == "total")
    return None if unit is None else draft.attempt(placed, field, lambda: parse_figure(text, unit))


def _known_unit(draft: Draft, table: Any, text: str, *, computed: bool) -> Unit | None:
    """The table's unit, or a ratio where the computed column prints percent; None while the table's is refused."""
    if computed and text.rstrip().endswith("%"):
        return Unit(UnitKind.RATIO)
    try:
        return draft.fixed(table.unit)
    except BadInput:
        return None


def build_cohort_target(draft: Draft, placed: Placed) -> None:
    row, table = placed.row, _table(draft, placed.row.table)
    if table is None:
        return
    if row.column not in table.columns:
        known = ", ".join(map(str, table.columns))
        draft.reading.report(placed.at("column"), "column", f"{table.key} has no column {row.column}; it has {known}")
    if row.of_total and table.total_label is None:
        draft.reading.report(placed.at("of_total"), "of_total", f"cohort table {table.key} has no total_label")
    unit = _known_unit(draft, table, row.text, computed=row.of_total)
    if unit is None:
        return
    target = draft.attempt(placed, "text", lambda: parse_target(row.text, unit, Direction.UP))
    columns = {**plain_columns("cohort_targets", row), "value": target and target.value}
    columns["cohort_table_id"] = Ref("cohort_tables", row.table)
    draft.add("cohort_targets", f"{row.table}@{row.source}", row, columns)
