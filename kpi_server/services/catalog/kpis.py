"""The KPIs themselves: their own rows, completed by what documents say of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from kpi_server.domain.calendar import Calendar
from kpi_server.domain.period import parse_period
from kpi_server.errors import BadInput
from kpi_server.services.catalog.draft import Draft, plain_columns
from kpi_server.services.catalog.reading import Placed
from kpi_server.services.catalog.shapes import TABLES, references, source
from kpi_server.services.standing import Paper, document_ranks
from kpi_server.store.catalog import Ref


def build_kpis(draft: Draft) -> None:
    """Every KPI; owner, category and department are by default those of its newest row that names one.

    In one document the last row counts, as with figures, so that value and owner are of one row.
    """
    rows = _rows_newest_first(draft)
    definitions = _definitions(draft)
    for placed in draft.reading.rows["kpis"]:
        row, meaning = placed.row, draft.meanings.get(placed.row.key)
        if meaning is None:
            continue
        columns = {
            **plain_columns("kpis", row, without={"unit", "scale", "aliases"}),
            "family": row.key.partition(".")[0],
            "unit": str(meaning.unit),
            "direction": meaning.direction.value,
            "definition": definitions.get(row.key),
            "acceptable": meaning.acceptable,
            "near": meaning.near,
        }
        draft.add("kpis", row.key, row, columns | _defaults(columns, rows[row.key]))


def _defaults(columns: Mapping[str, Any], rows: Sequence[Any]) -> dict[str, Ref]:
    """What the newest row names, for each column that the KPI leaves open."""
    known = references("kpi_rows")
    found = {}
    for field in ("owner", "category", "department"):
        key = next((getattr(row, field) for row in rows if getattr(row, field) is not None), None)
        if columns[known[field].column] is None and key is not None:
            found[known[field].column] = Ref(TABLES[known[field].kind], key)
    return found


def _rows_newest_first(draft: Draft) -> Mapping[str, Sequence[Any]]:
    documents = [placed.row for placed in draft.reading.rows["documents"]]
    first = draft.reading.organizations[0].row.undated_first if draft.reading.organizations else False
    ranks = document_ranks([_paper(row, draft.calendar) for row in documents], undated_first=first)
    rows: defaultdict[str, list[Any]] = defaultdict(list)
    for placed in draft.reading.rows["kpi_rows"]:
        rows[placed.row.kpi].append(placed.row)
    for listed in rows.values():
        listed.sort(key=lambda row: (ranks.get(source(row)[0], -1), source(row)[1]), reverse=True)
    return rows


def _paper(document: Any, calendar: Calendar) -> Paper:
    """A document as far as its order matters; a period that cannot be read has been reported."""
    try:
        period = parse_period(document.period, calendar) if document.period else None
        dated = parse_period(document.dated, calendar) if document.dated else None
    except BadInput:
        period = dated = None
    dates = [period and period.end, dated and dated.end, document.approved_on]
    return Paper(document.key, next(filter(None, dates), None), document.version)


def _definitions(draft: Draft) -> Mapping[str, str]:
    """The first definition of each KPI, in the order of documents and lines."""
    printed: list[tuple[tuple[str, int], Placed, str]] = []
    for kind, field in (("kpi_rows", "definition"), ("definitions", "text")):
        for placed in draft.reading.rows[kind]:
            text = getattr(placed.row, field)
            if text is not None:
                printed.append((source(placed.row), placed, text))
    first: dict[str, str] = {}
    for _, placed, text in sorted(printed, key=lambda entry: entry[0]):
        first.setdefault(placed.row.kpi, text)
    return first
