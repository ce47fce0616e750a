"""Calculated values as they are kept: one statement for any number of cells."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.calculation import Calculated, Wanted
from kpi_server.domain.frame import Completeness
from kpi_server.domain.period import Grain
from kpi_server.registry import Registry
from kpi_server.store.reads import Fetch, Record
from kpi_server.store.sql import statement


async def kept_values(
    fetch: Fetch, registry: Registry, organization_id: int, wanted: Sequence[Wanted]
) -> dict[Wanted, Calculated]:
    """What is kept of these cells of KPIs at their own grains, by the formulas of today."""
    lines: defaultdict[tuple[str, str, str], dict[date, Wanted]] = defaultdict(dict)
    for one in wanted:
        lines[one.key, one.segment, one.period.grain.value][one.period.start] = one
    rows = await fetch(
        statement("kept_values"),
        organization_id,
        *(list(column) for column in zip(*lines, strict=True)),
        [min(cells) for cells in lines.values()],
        [max(cells) for cells in lines.values()],
    )
    found: dict[Wanted, Calculated] = {}
    by_line = list(lines.values())
    for row in rows:
        one = by_line[row["line"] - 1].get(row["period_start"])
        if (
            one is not None
            and one.period.text == row["period"]
            and _is_made(row, registry.calculators[one.key].version)
        ):
            found[one] = _calculated(row)
    return found


def _is_made(row: Record, version: int) -> bool:
    """Whether today's formula made it; in the past it was the formula of then."""
    return bool(row["is_past"] or row["version"] == version)


def _calculated(row: Record) -> Calculated:
    absence, value = row["absence"], row["value"]
    known = None if row["known"] is None else Completeness(row["known"], row["known_of"], Grain(row["known_grain"]))
    said = row["text"] if value is None else value
    outcome = said if absence is None else Absent(Absence(absence), row["reason"] or "")
    return Calculated(outcome, known, stale=row["stale"], pending=row["pending"], kept_in=row["batch_id"])
