"""The generated organizations: KPIs with four figures, a target and an owner each, as catalogs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.recording import key_of

KPIS: Final = 200
OWNERS: Final = 12
PERIODS: Final = ("2024-12", "2024-11", "2024-10", "2024-09")
KINDS: Final = (
    ("RATIO", "UP", "{}.5%", "80%"),
    ("COUNT", "UP", "{},250", "70,000"),
    ("MONEY", "UP", "€{},400", "€60,000"),
    ("DURATION", "DOWN", "{} days", "45 days"),
)
"""Unit, better way, how a figure is printed, and the target; with the figures below every status occurs."""


def write_catalog(folder: Path, slug: str, kpis: int = KPIS) -> None:
    """Write the catalog of a generated organization into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    content = yaml.safe_dump(catalog(slug, kpis), allow_unicode=True, sort_keys=False)
    (folder / "benchmark.yaml").write_text(content, encoding="utf-8")


def catalog(slug: str, kpis: int = KPIS) -> dict[str, Any]:
    """The rows of a catalog by kind; the same on every call."""
    return {
        "organization": {
            "slug": slug,
            "source": "bench:1",
            "name": "Benchmark",
            "currency": "EUR",
            "time_zone": "UTC",
        },
        "documents": [{"key": "bench", "source": "bench:1", "title": "Generated figures", "kind": "REPORT"}],
        "owners": [
            {"key": f"owner-{number}", "source": f"bench:{10 + number}", "title": f"Owner {number}"}
            for number in range(OWNERS)
        ],
        "kpis": [_kpi(number) for number in range(kpis)],
        "kpi_rows": [_kpi_row(number) for number in range(kpis)],
        "figures": [row for number in range(kpis) for row in _earlier(number)],
    }


def _kpi(number: int) -> dict[str, Any]:
    unit, direction, _, _ = KINDS[number % len(KINDS)]
    source = f"bench:{1_000 + number}"
    return {"key": key_of(number), "source": source, "name": f"Measure {number}", "unit": unit, "direction": direction}


def _kpi_row(number: int) -> dict[str, Any]:
    return {
        "kpi": key_of(number),
        "source": f"bench:{2_000 + number}",
        "name": f"Measure {number}",
        "owner": f"owner-{number % OWNERS}",
        "current": _printed(number, 0),
        "period": PERIODS[0],
        "target": KINDS[number % len(KINDS)][3],
    }


def _earlier(number: int) -> Iterator[dict[str, Any]]:
    earlier: Sequence[str] = PERIODS[1:]
    for age, period in enumerate(earlier, start=1):
        source = f"bench:{10_000 * age + number}"
        printed = _printed(number, age)
        yield {"kpi": key_of(number), "source": source, "text": printed, "placement": "KPI_ROW", "period": period}


def _printed(number: int, age: int) -> str:
    return KINDS[number % len(KINDS)][2].format(40 + (number * 7 + age * 3) % 50)
