"""A tiny invented company, written as a catalog, and what reading it gives."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_server.errors import CatalogError
from kpi_server.plugin import Direction, Family, Metric, parse_unit
from kpi_server.registry import LoadedFamily, Registry
from kpi_server.services.catalog.building import Content, build
from kpi_server.services.catalog.reading import read_folder

BASE = """\
organization: {slug: bakery, source: "menu:1", name: Corner Bakery, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2024-Q1"}
owners:
  - {key: baker, source: "menu:2", title: Baker}
categories:
  - {key: shop, source: "menu:3", name: Shop}
segments:
  - {dimension: plan, value: daily, source: "menu:4", name: Daily}
kpis:
  - {key: custom.loaves, source: "menu:5", name: Loaves, unit: COUNT(loaf), direction: UP}
  - {key: custom.waste, source: "menu:6", name: Waste, unit: RATIO, direction: DOWN}
  - {key: custom.cost, source: "menu:7", name: Cost, unit: MONEY, direction: DOWN}
  - {key: custom.mood, source: "menu:8", name: Mood, unit: TEXT, direction: NONE}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a catalog: the company itself and what a test adds, each text a file of its own."""

    def files(*added: str, base: str = BASE) -> Path:
        folder = tmp_path / "bakery"
        folder.mkdir()
        for name, text in zip("abcdef", (base, *added), strict=False):
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        return folder

    return files


@pytest.fixture(scope="session")
def energy() -> Registry:
    """A registry of one invented family."""
    family = Family(name="energy", title="Energy", description="What ovens use.", api_version=1)
    metrics = (
        Metric(
            key="use",
            name="Energy use",
            unit=parse_unit("MONEY/month"),
            direction=Direction.DOWN,
            description="What the energy of a month costs.",
            source="an invented handbook",
            aliases=("Power bill",),
        ),
        Metric(
            key="comfort",
            name="Comfort",
            unit=parse_unit("SCORE"),
            direction=Direction.UP,
            description="How warm the shop feels.",
            source="an invented handbook",
        ),
    )
    return Registry((LoadedFamily(family, metrics, "kpi-server-energy", "1.0", "energy.py"),), (), "")


@pytest.fixture
def content(write: Callable[..., Path], energy: Registry) -> Callable[..., Content]:
    """What a catalog becomes."""
    return lambda *added, base=BASE: build(read_folder(write(*added, base=base)), energy)


@pytest.fixture
def problems(content: Callable[..., Content]) -> Callable[..., list[str]]:
    """Everything that is wrong with a catalog."""

    def found(*added: str, base: str = BASE) -> list[str]:
        with pytest.raises(CatalogError) as caught:
            content(*added, base=base)
        return [str(problem) for problem in caught.value.problems]

    return found
