"""Series of KPIs: what was recorded of each period, else what is printed of it, on a spine without gaps."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpi_server.domain.calendar import parse_calendar
from kpi_server.domain.period import Grain, Period, parse_period
from kpi_server.domain.selection import FigureFact, Placement, select_figures
from kpi_server.domain.series import Extent, spine
from kpi_server.errors import TooMany, UserError
from kpi_server.services.standing import Paper, document_ranks
from kpi_server.store.reads import Fetch, Record
from kpi_server.store.reads.series import SeriesKey, series_rows

MOST_TOGETHER = 50_000
"""The most points of all series that one level of an operation asks for."""


@dataclass(frozen=True)
class SeriesPoints:
    """A series: its periods and, for each, the row that stands for it or None for a gap."""

    grain: Grain
    periods: Sequence[Period]
    rows: Sequence[Record | None]


async def read_series(fetch: Fetch, keys: Sequence[SeriesKey]) -> list[SeriesPoints | UserError | None]:
    """For each key its series, what keeps it from being shown, or None where no grain is given and nothing is known."""
    made: list[SeriesPoints | UserError | None] = [
        _series(key, rows) for key, rows in zip(keys, await series_rows(fetch, keys), strict=True)
    ]
    total = sum(len(series.periods) for series in made if isinstance(series, SeriesPoints))
    if total > MOST_TOGETHER:
        return [TooMany(f"The series have {total} points together; {MOST_TOGETHER} are allowed: ask for fewer.")] * len(
            keys
        )
    return made


def _series(key: SeriesKey, rows: Sequence[Record]) -> SeriesPoints | UserError | None:
    if not rows and key.grain is None:
        return None
    grain = Grain(str(rows[0]["grain"] if rows else key.grain))
    known = Extent(rows[0]["first_start"], rows[0]["last_start"]) if rows else None
    try:
        periods = spine(grain, key.window, known, key.calendar)
    except UserError as error:
        return error
    chosen = chosen_rows(rows)
    return SeriesPoints(grain, periods, [chosen.get(period.text) for period in periods])


def chosen_rows(rows: Sequence[Record]) -> Mapping[str, Record]:
    """By period the row that counts: what was recorded, else of the printed figures the one that would be current."""
    printed: defaultdict[str, list[Record]] = defaultdict(list)
    chosen: dict[str, Record] = {}
    for row in rows:
        if row["is_recorded"]:
            chosen[row["period"]] = row
        elif row["period"] is not None:
            printed[row["period"]].append(row)
    for period, figures in printed.items():
        if period not in chosen:
            chosen[period] = figures[0] if len(figures) == 1 else _binding(figures)
    return chosen


def _binding(figures: Sequence[Record]) -> Record:
    """A placeholder counts only while there is nothing else."""
    stated = [row for row in figures if row["absence"] is None] or figures
    papers = {row["document"]: _paper(row) for row in stated if row["document"] is not None}
    ranks = document_ranks(papers.values(), undated_first=stated[0]["undated_first"])
    facts = {
        str(row["id"]): FigureFact(
            id=str(row["id"]),
            period=parse_period(row["period"], parse_calendar(row["calendar"])),
            document_rank=(ranks.get(row["document"], -1),),
            placement=Placement(row["placement"]),
            segment="",
            ordinal=row["position"],
        )
        for row in stated
    }
    current = select_figures(facts.values()).current
    return next(row for row in stated if current is not None and str(row["id"]) == current.id)


def _paper(row: Record) -> Paper:
    calendar = parse_calendar(row["calendar"])
    texts = (row["document_period"], row["document_dated"])
    spans = [parse_period(text, calendar).end for text in texts if text is not None]
    return Paper(row["document"], next(iter([*spans, row["document_approved_on"]]), None), row["document_version"])
