"""A family of a bakery, whose values are easily worked out by hand, and an organization that manages most of them."""

from datetime import UTC, datetime
from decimal import Decimal

from kpi_server.domain.recording import Sent
from kpi_server.plugin import (
    Across,
    Direction,
    Family,
    Measure,
    Metric,
    OverTime,
    carried,
    hookimpl,
    metric,
    parse_unit,
    previous,
    rolling,
)
from kpi_server.registry import Candidate, Registry, build
from kpi_server.services.catalog.loading import seed
from kpi_server.services.marking import mark
from kpi_server.services.recording import Call, Receipt, Sender, record
from kpi_server.store.database import Database
from kpi_server.store.organizations import id_of
from kpi_server.store.settling import settle, withdraw

HERE = id_of("bakery")
NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)
CATALOG = """\
organization: {slug: bakery, source: "menu:1", name: Corner Bakery, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu}
kpis:
  - {key: bakery.waste, source: "menu:2", name: Waste}
  - {key: bakery.change_of_waste, source: "menu:3", name: Change of waste}
  - {key: bakery.lately, source: "menu:4", name: Lately}
  - {key: bakery.per_oven, source: "menu:5", name: Per oven}
  - {key: bakery.turnover, source: "menu:6", name: Turnover}
"""


def _measure(key: str, over_time: OverTime = OverTime.SUM, unit: str = "COUNT(loaf)") -> Measure:
    return Measure(
        key=key, name=key.title(), unit=parse_unit(unit), across=Across.SUM, over_time=over_time,
        description="It is counted.", source="menu:9",
    )  # fmt: skip


def _metric(unit="RATIO", **declared):
    return metric(unit=unit, direction=Direction.DOWN, source="menu:9", **declared)


@_metric()
def waste(lost, baked):
    """Share of the loaves that is lost."""
    return lost / baked


@_metric(inputs={"before": previous("waste")})
def change_of_waste(waste, before):
    """By how much the share grew."""
    return waste - before


@_metric("COUNT(loaf)", inputs={"baked": rolling("baked", 3)})
def lately(baked):
    """Loaves of three months."""
    return baked + 0 * baked


@_metric(inputs={"ovens": carried("ovens", 1)})
def per_oven(baked, ovens):
    """Loaves an oven."""
    return baked / ovens


@_metric("MONEY")
def turnover(takings):
    """What is taken in."""
    return takings + 0 * takings


@_metric()
def unmanaged(lost, baked):
    """Of a metric that is no KPI of the organization."""
    return baked / lost


class Bakery:
    """The plugin."""

    @hookimpl
    def kpi_family(self) -> Family:
        return Family(name="bakery", title="Bakery", description="What is baked.", api_version=1)

    @hookimpl
    def kpi_metrics(self) -> list[Metric]:
        return [waste, change_of_waste, lately, per_oven, turnover, unmanaged]

    @hookimpl
    def kpi_measures(self) -> list[Measure]:
        return [
            _measure("lost"),
            _measure("baked"),
            _measure("ovens", OverTime.LAST),
            _measure("takings", unit="MONEY"),
        ]


def family() -> Registry:
    """A registry of this family alone."""
    return build([Candidate("bakery", "kpi-server-bakery", "1.0", plugin=Bakery())])


async def load(database: Database, registry: Registry, folder, more: str = "") -> None:
    """Let the organization manage its KPIs, and have what more its catalog says."""
    (folder / "a.yaml").write_text(CATALOG + more, encoding="utf-8")
    (receipt,) = await seed(database, registry, [folder])
    assert receipt.problems == ()


async def tell(database: Database, registry: Registry, *stated, source="till", currency=None) -> Receipt:
    """Record what is stated: measure, period, segment and value."""
    sent = [
        Sent(None, period, Decimal(value), segment, measure=f"bakery.{key}", currency=currency)
        for key, period, segment, value in stated
    ]
    receipt = await record(database, registry, Sender(HERE, 1, source, source), Call(sent, True, None, NOW))
    assert receipt.faults == ()
    return receipt


async def retract(database: Database, registry: Registry, measure: str, period: str, source: str) -> None:
    """Take back what a source stated of a measure and period, in whatever segment."""
    async with database.write(HERE, action="retract", actor=source) as write:
        await write.wait_for_others()
        rows = await (await write.driver()).fetch(
            "select distinct on (segment) stated.* from observations as stated join measures as measure "
            "on measure.id = measure_id where measure.key = $1 and period = $2 and source = $3 and not withdrawn",
            measure,
            period,
            source,
        )
        if rows:
            await withdraw(write, rows)
            await settle(write, rows)
            await mark(write, registry, NOW, [measure], rows)
            write.append()
