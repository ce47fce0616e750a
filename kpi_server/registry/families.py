"""The registry of families, an immutable value: it keeps the plugins' answers, not the plugins."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from kpi_server.domain.aggregate import Aggregate
from kpi_server.domain.calculation import Definitions
from kpi_server.domain.downstream import Readers
from kpi_server.domain.event import EventKind
from kpi_server.domain.expression.calculator import Calculator
from kpi_server.domain.reconciliation.formulas import Formulas
from kpi_server.domain.rollup import additivities_of
from kpi_server.domain.unit import Unit
from kpi_server.plugin import Family, Measure, Metric, Vector
from kpi_server.registry.naming import fold_name


class Policy(StrEnum):
    """What a problem does: STRICT refuses to start, QUARANTINE serves the families without one."""

    STRICT = "strict"
    QUARANTINE = "quarantine"


@dataclass(frozen=True)
class LoadedFamily:
    """A family that is served, and where it came from (`location`: the file that was imported).

    `fields` names the class of its own GraphQL fields ("package.module:Class"), if it has any.
    """

    family: Family
    metrics: tuple[Metric, ...]
    distribution: str
    version: str
    location: str
    measures: tuple[Measure, ...] = ()
    vectors: tuple[Vector, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    fields: str = ""


@dataclass(frozen=True)
class QuarantinedFamily:
    """A family that is installed but not served, with every problem it has a part in."""

    name: str
    distribution: str
    version: str
    problems: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All of them in one line."""
        return "; ".join(self.problems)


@dataclass(frozen=True)
class Registry:
    """The families in the order of their names; `digest` changes when a definition or a version does.

    `calculators` has every metric that is calculated, by its KPI key: first those that read only measures, then each
    after the metrics it reads.
    """

    families: tuple[LoadedFamily, ...]
    quarantined: tuple[QuarantinedFamily, ...]
    digest: str
    calculators: Mapping[str, Calculator] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """Every metric by its KPI key ("financial.mrr"), family by family; cannot be changed."""
        return MappingProxyType({f"{f.family.name}.{m.key}": m for f in self.families for m in f.metrics})

    @cached_property
    def measures(self) -> Mapping[str, Measure]:
        """Every measure by its key ("financial.refunds"), family by family; cannot be changed."""
        return MappingProxyType({f"{f.family.name}.{m.key}": m for f in self.families for m in f.measures})

    @cached_property
    def definitions(self) -> Definitions:
        """What is calculated and what is recorded, as calculation needs it."""
        return Definitions(self.calculators, additivities_of(self.measures))

    @cached_property
    def aggregates(self) -> Mapping[str, Aggregate]:
        """Every aggregate by its key ("product.sessions"), family by family; cannot be changed."""
        return MappingProxyType({f"{f.family.name}.{a.key}": a for f in self.families for a in f.aggregates})

    @cached_property
    def event_kinds(self) -> Mapping[str, EventKind]:
        """The kinds of events that are read."""
        return MappingProxyType({a.kind: EventKind(a.kind, a.amount) for a in self.aggregates.values()})

    @cached_property
    def readers(self) -> Readers:
        """Which metrics read what, for whoever records."""
        return Readers(self.definitions)

    @cached_property
    def formulas(self) -> Formulas:
        """The calculators, for figures that documents print."""
        return Formulas(self.calculators)

    def unit_of(self, key: str) -> Unit | None:
        """What the numbers of a metric or measure are in, or None when no loaded family has the key."""
        known = self.measures.get(key) or self.metrics.get(key)
        return None if known is None else known.unit

    def metric(self, key: str) -> Metric | None:
        """The metric of a KPI key ("financial.mrr"), or None when no loaded family defines it."""
        return self.metrics.get(key)

    def family(self, name: str) -> LoadedFamily | None:
        """The family of that name, or None when it is not served."""
        return next((loaded for loaded in self.families if loaded.family.name == name), None)

    def resolve(self, name_or_alias: str) -> tuple[str, ...]:
        """Every KPI key that a text may mean, however it is capitalized and punctuated; empty when there is none.

        A KPI key wins over a name or alias, and that over a key without its family; only the last can mean several.
        """
        return self._meanings.get(fold_name(name_or_alias), ())

    def resolve_measure(self, name_or_alias: str) -> tuple[str, ...]:
        """Every measure's key that a text may mean, by the same rule; two measures may share a name."""
        return self._measure_meanings.get(fold_name(name_or_alias), ())

    @cached_property
    def _meanings(self) -> Mapping[str, tuple[str, ...]]:
        return _meanings(self.metrics)

    @cached_property
    def _measure_meanings(self) -> Mapping[str, tuple[str, ...]]:
        return _meanings(self.measures)


def _meanings(declared: Mapping[str, Metric] | Mapping[str, Measure]) -> Mapping[str, tuple[str, ...]]:
    """What each folded text means: a whole key, else a name or alias, else a key without its family."""
    bare: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    spoken: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for key, one in declared.items():
        bare[fold_name(one.key)] += (key,)
        for text in {fold_name(text) for text in (one.name, *one.aliases)}:
            spoken[text] += (key,)
    return MappingProxyType({**bare, **spoken, **{fold_name(key): (key,) for key in declared}})
