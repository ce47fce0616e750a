"""What an organization can record, and what of it is recorded."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.connections import After, Before, Connection, First, Last, PageArguments, connect_known
from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.value import Unit
from kpi_server.domain.measure import Across, OverTime, Sketch
from kpi_server.domain.measure import Measure as DeclaredMeasure
from kpi_server.domain.period import Grain
from kpi_server.domain.rollup import additivity_of
from kpi_server.domain.segment import read_segment
from kpi_server.domain.unit import fix
from kpi_server.registry import Registry
from kpi_server.store.reads import Record

describe(
    Across,
    "What the values of several segments make together.",
    {
        "SUM": "Their sum.",
        "MIN": "The smallest.",
        "MAX": "The largest.",
        "WEIGHTED": "Their mean, weighted by another measure.",
        "MERGE": "One sketch of all.",
        "NONE": "Nothing: it is refused.",
    },
)
describe(
    OverTime,
    "What the values of several periods make together.",
    {
        "SUM": "Their sum, of flows.",
        "LAST": "The last, of closing balances.",
        "FIRST": "The first, of opening balances.",
        "AVG": "Their mean.",
        "MIN": "The smallest.",
        "MAX": "The largest.",
        "MERGE": "One sketch of all.",
        "NONE": "Nothing: it is refused.",
    },
)
describe(
    Sketch,
    "What is recorded in place of a number that could not be rolled up.",
    {
        "DISTINCT": "How many different subjects there were.",
        "HISTOGRAM": "How values are distributed, for percentiles.",
    },
)


@strawberry.type(description="A quantity that can be recorded: what calculated KPIs stand on.")
class Measure:
    key: str = strawberry.field(description='Its key with that of its family: "financial.new_mrr".')
    name: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What it is.")
    family: str = strawberry.field(description="The family that defines it, by name.")
    aliases: list[str] = strawberry.field(description="Other names of it.")
    unit: Unit = strawberry.field(description="What its numbers are in.")
    across: Across = strawberry.field(description="How segments are rolled up.")
    over_time: OverTime = strawberry.field(description="How periods are rolled up.")
    weight: str | None = strawberry.field(description="The key of the measure that weights it.")
    sketch: Sketch | None = strawberry.field(description="What kind of sketch is recorded; null for a number.")
    alternative: str | None = strawberry.field(description="The key of what to ask for where a roll-up is refused.")
    used_by: list[str] = strawberry.field(description="The keys of the metrics that stand on it.")
    recorded: bool = strawberry.field(description="Whether anything is recorded of it.")
    grains: list[Grain] = strawberry.field(description="The grains in which it is recorded, the longest first.")
    segment_keys: list[str] = strawberry.field(description="The segment keys by which it is recorded, sorted.")
    first_day: date | None = strawberry.field(description="The first day of the earliest period that is recorded.")
    last_start: date | None = strawberry.field(description="The first day of the latest period that is recorded.")


@strawberry.type(description="What an organization records.")
class MeasureLists(Node):
    """The part of an organization that is about its measures."""

    @computed("What can be recorded: the measures of all installed families, by key.")
    async def measures(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        family: Annotated[str | None, strawberry.argument(description="Only this family's, by name.")] = None,
        recorded: Annotated[
            bool | None, strawberry.argument(description="Only those of which something, or nothing, is recorded.")
        ] = None,
    ) -> Connection[Measure]:
        registry = info.context.registry
        wanted = None if family is None else f"{checked(family, 'family')}."
        keys = sorted(key for key in registry.measures if wanted is None or key.startswith(wanted))
        organization_id = int(self.record["id"])
        known = await info.context.loaders.recorded_series.load_many([(organization_id, key) for key in keys])
        currency = self.record["currency"]
        users = _users(registry)
        entries = [
            (key, _measure(registry.measures[key], key, rows, users.get(key, []), currency))
            for key, rows in zip(keys, known, strict=True)
            if recorded is None or bool(rows) == recorded
        ]
        return connect_known("Measure", entries, PageArguments(first, after, last, before))


def _users(registry: Registry) -> Mapping[str, list[str]]:
    """By measure the metrics that stand on it."""
    users: dict[str, list[str]] = {}
    for key, calculator in sorted(registry.calculators.items()):
        for leaf in calculator.leaves:
            users.setdefault(leaf, []).append(key)
    return users


def _measure(declared: DeclaredMeasure, key: str, rows: Sequence[Record], users: list[str], currency: str) -> Measure:
    how = additivity_of(key, declared)
    in_use: Any = {row["grain"] for row in rows}
    return Measure(
        key=key,
        name=declared.name,
        description=declared.description,
        family=key.partition(".")[0],
        aliases=list(declared.aliases),
        unit=Unit.shown(fix(declared.unit, currency=currency)),
        across=declared.across,
        over_time=declared.over_time,
        weight=how.weight or None,
        sketch=declared.sketch,
        alternative=how.alternative or None,
        used_by=users,
        recorded=bool(rows),
        grains=[grain for grain in Grain if grain.value in in_use],
        segment_keys=sorted({name for row in rows for name, _ in read_segment(row["segment"]).pairs}),
        first_day=min((row["first_start"] for row in rows), default=None),
        last_start=max((row["last_start"] for row in rows), default=None),
    )
