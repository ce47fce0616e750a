"""What the figures of each KPI mean: unit, direction and names, from its family or from the catalog itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kpi_server.domain.direction import Direction
from kpi_server.domain.selection import ValueBasis
from kpi_server.domain.unit import Unit, UnitKind, fix, parse_unit, same_kind
from kpi_server.errors import BadInput
from kpi_server.plugin import Metric
from kpi_server.registry import Registry
from kpi_server.services.catalog.faults import unknown
from kpi_server.services.catalog.reading import Reading
from kpi_server.services.catalog.rows import Kpi

CUSTOM: Final = "custom"
"""The family of a company's own KPIs, which no plugin defines."""


@dataclass(frozen=True)
class Meaning:
    """With what a KPI's figures, targets and trends are read."""

    unit: Unit
    direction: Direction
    names: tuple[str, ...]
    acceptable: Decimal | None
    near: Decimal | None


def meanings(reading: Reading, registry: Registry, *, currency: str | None) -> Mapping[str, Meaning]:
    """The meaning of every declared KPI that has one; what is wrong with the others is reported."""
    found = {}
    measured = _measured(reading)
    for placed in reading.rows["kpis"]:
        wrong = [*_wrong(placed.row, registry, is_measured=placed.row.key in measured)]
        for field, message in wrong:
            reading.report(placed.at(field), field, message)
        if not wrong:
            meaning = _meaning(placed.row, registry.metric(placed.row.key), currency)
            if meaning is not None:
                found[placed.row.key] = meaning
    return found


def _measured(reading: Reading) -> set[str]:
    """The KPIs for which a figure or target is printed."""
    printing = ("current", "target", "text", "value", "after")
    kinds = ("kpi_rows", "figures", "targets", "target_revisions", "observations", "widgets", "alerts", "alert_rules")
    rows = [placed.row for kind in kinds for placed in reading.rows[kind]]
    return {row.kpi for row in rows if any(getattr(row, name, None) is not None for name in printing)}


def _wrong(row: Kpi, registry: Registry, *, is_measured: bool) -> Iterator[tuple[str, str]]:
    family, _, _ = row.key.partition(".")
    metric = registry.metric(row.key)
    if family == CUSTOM:
        missing = [name for name, value in (("unit", row.unit), ("direction", row.direction)) if value is None]
        yield from ((name, f"is required: no family defines {row.key}") for name in missing)
    elif registry.family(family) is None:
        names = ", ".join([loaded.family.name for loaded in registry.families] + [CUSTOM])
        yield "key", f'family "{family}" is not loaded (loaded: {names}); install its plugin, or write {CUSTOM}.…'
        return
    elif metric is None:
        known = [key for key in registry.metrics if key.startswith(f"{family}.")]
        yield "key", f"{unknown('KPI', row.key, known)} (a KPI of your own is {CUSTOM}.…)"
        return
    if row.basis is ValueBasis.COMPUTED and not _is_computable(row, registry):
        yield "basis", f"{row.key} has no formula that gives a number: only what is reported of it can be current"
    yield from _wrong_unit(row, metric, is_measured=is_measured)
    if metric and row.direction and metric.direction not in {row.direction, Direction.NONE}:
        yield "direction", f"{row.key} is {metric.direction} in its family, not {row.direction}"


def _is_computable(row: Kpi, registry: Registry) -> bool:
    metric = registry.metric(row.key)
    return row.key in registry.calculators and metric is not None and metric.unit.kind is not UnitKind.TEXT


def _wrong_unit(row: Kpi, metric: Metric | None, *, is_measured: bool) -> Iterator[tuple[str, str]]:
    try:
        own = parse_unit(row.unit) if row.unit is not None else None
    except BadInput as error:
        yield "unit", error.message
        return
    unit = own or (metric.unit if metric else None)
    if own and metric and not same_kind(own, metric.unit):
        yield "unit", f"{row.key} is of unit {metric.unit} in its family, not {own}"
    elif row.scale and (row.scale[0] >= row.scale[1] or (unit and unit.kind is not UnitKind.SCORE)):
        yield "scale", "is a lower and a higher number, for a SCORE alone"
    elif unit and unit.kind is UnitKind.SCORE and unit.low is None and row.scale is None and is_measured:
        yield "scale", f"is required: {row.key} is a SCORE, and only you know its lowest and highest ([0, 5])"


def _meaning(row: Kpi, metric: Metric | None, currency: str | None) -> Meaning | None:
    """None only for money while the organization's currency is not known."""
    unit = parse_unit(row.unit) if row.unit else metric.unit if metric else None
    direction = row.direction or (metric.direction if metric else None)
    if unit is None or direction is None or (unit.kind is UnitKind.MONEY and currency is None):
        return None
    scale = (Decimal(row.scale[0]), Decimal(row.scale[1])) if row.scale else None
    names = (row.name, *row.aliases, *((metric.name, *metric.aliases) if metric else ()))
    acceptable = Decimal(row.acceptable) if row.acceptable else metric.acceptable if metric else None
    near = Decimal(row.near) if row.near else None
    return Meaning(fix(unit, currency=currency or "", scale=scale), direction, names, acceptable, near)
