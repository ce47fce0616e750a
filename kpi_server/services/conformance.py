"""Conformance of the installed families: what each promises, checked, with a database where there is one."""

from collections.abc import Mapping, Sequence

from kpi_server.domain.conformance.calculators import by_metric, cases, checks, fold_checks
from kpi_server.domain.conformance.check import Check, Rule
from kpi_server.domain.conformance.rollups import rollup_checks
from kpi_server.domain.expression.calculator import Calculator
from kpi_server.domain.vector import Vector
from kpi_server.errors import NotFound
from kpi_server.registry import LoadedFamily, Registry
from kpi_server.store.database import Database
from kpi_server.store.formulas import folded


def conformance(registry: Registry, family: str) -> list[Check]:
    """What can be checked of a family without a database.

    Raises:
        NotFound: no such family is installed.
    """
    for left_out in registry.quarantined:
        if left_out.name == family:
            return [Check(Rule.LOADED, family, problem) for problem in left_out.problems]
    loaded = registry.family(family)
    if loaded is None:
        raise NotFound(f"no family {family!r} is installed; there are {', '.join(names(registry)) or 'none'}")
    return [
        Check(Rule.LOADED, family),
        *checks(_calculators(registry, loaded), _vectors(loaded)),
        *rollup_checks({f"{family}.{measure.key}": measure for measure in loaded.measures}),
    ]


async def agreement(registry: Registry, family: str, database: Database) -> list[Check]:
    """Whether PostgreSQL gives what a family's calculators give: for the vectors, and with inputs missing or zero."""
    loaded = registry.family(family)
    if loaded is None:
        return []
    vectors = _vectors(loaded)
    found = []
    for key, calculator in _calculators(registry, loaded).items():
        tried = cases(calculator, vectors.get(key, ()))
        found += fold_checks(calculator, tried, await folded(database, calculator, tried))
    return found


def names(registry: Registry) -> list[str]:
    """The installed families, loaded or not."""
    return sorted([*(f.family.name for f in registry.families), *(left.name for left in registry.quarantined)])


def _calculators(registry: Registry, loaded: LoadedFamily) -> Mapping[str, Calculator]:
    prefix = f"{loaded.family.name}."
    return {key: calculator for key, calculator in registry.calculators.items() if key.startswith(prefix)}


def _vectors(loaded: LoadedFamily) -> Mapping[str, Sequence[Vector]]:
    return by_metric(loaded.family.name, loaded.vectors)
