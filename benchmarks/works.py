"""A works whose numbers are generated: a family of simple formulas, catalogs that manage it, and files of values."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from kpi_server.plugin import (
    Across,
    Direction,
    Family,
    Grain,
    Measure,
    Metric,
    OverTime,
    Symbol,
    hookimpl,
    metric,
    of,
    parse_unit,
)
from kpi_server.registry import Candidate, Registry, build

FAMILY: Final = "works"
MONTHLY: Final = 10
"""Metrics of two measures each, calculated by month of values recorded by day."""
MONTHLY_MEASURES: Final = 2 * MONTHLY
DAILY: Final = 200
"""Metrics that are calculated by day, of two measures each, which others read as well."""
DAILY_MEASURES: Final = 100
DAYS: Final = 365


def growth(now: Symbol, before: Symbol) -> Symbol:
    """By what share one is more than the other."""
    return (now - before) / before


def monthly_measure(number: int) -> str:
    """The key of a measure of which a file has values.

    >>> monthly_measure(3)
    'output_03'
    """
    return f"output_{number:02}"


def daily_measure(number: int) -> str:
    """The key of a measure that daily metrics read.

    >>> daily_measure(7)
    'run_007'
    """
    return f"run_{number:03}"


def daily_inputs(number: int) -> tuple[str, str]:
    """What a daily metric reads: no two read the same.

    >>> daily_inputs(0), daily_inputs(199)
    (('run_000', 'run_001'), ('run_099', 'run_001'))
    """
    first = number % DAILY_MEASURES
    return daily_measure(first), daily_measure((first + 1 + number // DAILY_MEASURES) % DAILY_MEASURES)


def monthly_key(number: int) -> str:
    """The key of a monthly metric's KPI."""
    return f"{FAMILY}.monthly_{number:02}"


def daily_key(number: int) -> str:
    """The key of a daily metric's KPI."""
    return f"{FAMILY}.daily_{number:03}"


class Works:
    """The plugin."""

    @hookimpl
    def kpi_family(self) -> Family:
        return Family(name=FAMILY, title="Works", description="Generated for measurements.", api_version=1)

    @hookimpl
    def kpi_metrics(self) -> list[Metric]:
        read = [(monthly_measure(2 * number), monthly_measure(2 * number + 1)) for number in range(MONTHLY)]
        return [
            *(_metric(monthly_key(number), Grain.MONTH, inputs) for number, inputs in enumerate(read)),
            *(_metric(daily_key(number), Grain.DAY, daily_inputs(number)) for number in range(DAILY)),
        ]

    @hookimpl
    def kpi_measures(self) -> list[Measure]:
        monthly = [monthly_measure(number) for number in range(MONTHLY_MEASURES)]
        return [_measure(key) for key in [*monthly, *map(daily_measure, range(DAILY_MEASURES))]]


def _metric(key: str, grain: Grain, inputs: tuple[str, str]) -> Metric:
    def formula(now: Symbol, before: Symbol) -> Symbol:
        """By what share one is more than the other."""
        return growth(now, before)

    formula.__name__ = key.partition(".")[2]
    declared = metric(
        unit="RATIO", direction=Direction.UP, source="bench:1", grains=(grain,),
        inputs={"now": of(inputs[0]), "before": of(inputs[1])},
    )  # fmt: skip
    made: Metric = declared(formula)
    return made


def _measure(key: str) -> Measure:
    return Measure(
        key=key, name=key, unit=parse_unit("COUNT(piece)"), across=Across.SUM, over_time=OverTime.SUM,
        description="It is counted.", source="bench:1",
    )  # fmt: skip


def registry() -> Registry:
    """A registry of this family alone."""
    return build([Candidate(FAMILY, "kpi-server-works", "1.0", plugin=Works())])


def write_catalog(folder: Path, slug: str, keys: list[str]) -> None:
    """Write the catalog of an organization with these KPIs into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {
        "organization": {"slug": slug, "source": "bench:1", "name": slug.title(), "currency": "EUR"},
        "documents": [{"key": "bench", "source": "bench:1", "title": "Generated"}],
        "kpis": [{"key": key, "source": f"bench:{line}", "name": key} for line, key in enumerate(keys, 2)],
    }
    (folder / "works.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def file_of(year: int, rows: int) -> Iterator[bytes]:
    """A CSV file of so many rows, at most: a year of days of every monthly measure, in as many segments as it takes."""
    yield b"measure,period,segment,value\n"
    segments = max(1, rows // (MONTHLY_MEASURES * DAYS))
    for day in range(DAYS):
        text = str(date(year, 1, 1) + timedelta(days=day))
        for number in range(MONTHLY_MEASURES):
            key = f"{FAMILY}.{monthly_measure(number)},{text}"
            value = 100 + (day * 7 + number * 3) % 50
            yield "".join([f"{key},shop=n{one:05},{value + one % 9}.25\n" for one in range(segments)]).encode()


def days_of(year: int) -> Iterator[bytes]:
    """A CSV file of a year of days of every daily measure, as a whole."""
    yield b"measure,period,value\n"
    for day in range(DAYS):
        text = str(date(year, 1, 1) + timedelta(days=day))
        lines = [
            f"{FAMILY}.{daily_measure(number)},{text},{100 + (day * 7 + number) % 50}.25\n"
            for number in range(DAILY_MEASURES)
        ]
        yield "".join(lines).encode()
