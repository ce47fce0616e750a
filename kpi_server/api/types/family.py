"""The families of metrics that are installed."""

import strawberry

from kpi_server.api.types.enums import FamilyHealth
from kpi_server.api.types.value import Unit
from kpi_server.domain.direction import Direction
from kpi_server.plugin import Metric as DeclaredMetric
from kpi_server.registry import LoadedFamily, QuarantinedFamily, Registry


@strawberry.type(description="A metric that a family defines; an organization's KPI is one of these, managed.")
class Metric:
    key: str = strawberry.field(description='Its key with that of its family: "financial.mrr".')
    name: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What it is.")
    unit: Unit = strawberry.field(description="The kind of number; an organization fixes currency and scale.")
    direction: Direction = strawberry.field(description="Which way is better.")
    aliases: list[str] = strawberry.field(description="Other names by which it is found.")

    @classmethod
    def declared(cls, family: str, metric: DeclaredMetric) -> "Metric":
        return cls(
            key=f"{family}.{metric.key}",
            name=metric.name,
            description=metric.description,
            unit=Unit.shown(metric.unit),
            direction=metric.direction,
            aliases=list(metric.aliases),
        )


@strawberry.type(description="A plugin's set of metrics.")
class Family:
    name: str = strawberry.field(description="Its name: the first part of its KPIs' keys.")
    title: str = strawberry.field(description="Its name for reading.")
    description: str | None = strawberry.field(description="What it holds.")
    distribution: str | None = strawberry.field(description="The installed package it is from.")
    version: str | None = strawberry.field(description="That package's version.")
    health: FamilyHealth = strawberry.field(description="Whether it is served.")
    metrics: list[Metric] = strawberry.field(description="The metrics it defines.")


def served_families(registry: Registry) -> list[Family]:
    """Every installed family: those that are served, then those left out."""
    return [*map(_loaded, registry.families), *map(_quarantined, registry.quarantined)]


def family_named(registry: Registry, name: str) -> Family:
    """The family of a KPI; one that is not installed has a name and nothing else."""
    loaded = registry.family(name)
    if loaded is not None:
        return _loaded(loaded)
    left_out = next((family for family in registry.quarantined if family.name == name), None)
    if left_out is not None:
        return _quarantined(left_out)
    return Family(
        name=name,
        title=name,
        description=None,
        distribution=None,
        version=None,
        health=FamilyHealth.MISSING,
        metrics=[],
    )


def _loaded(loaded: LoadedFamily) -> Family:
    family = loaded.family
    return Family(
        name=family.name,
        title=family.title,
        description=family.description,
        distribution=loaded.distribution,
        version=loaded.version,
        health=FamilyHealth.LOADED,
        metrics=[Metric.declared(family.name, metric) for metric in loaded.metrics],
    )


def _quarantined(family: QuarantinedFamily) -> Family:
    return Family(
        name=family.name,
        title=family.name,
        description=None,
        distribution=family.distribution,
        version=family.version,
        health=FamilyHealth.QUARANTINED,
        metrics=[],
    )
