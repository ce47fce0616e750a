"""Everything a plugin author imports: the hooks, Family, Measure, Metric, calculators and what they are made of.

A family is a distribution with one entry point in the group ``kpi_server``; the object it names (usually the package
itself) carries the hooks below, each marked with ``@hookimpl``. Hooks run once, when the server starts; the registry
made of their answers is then frozen, and no hook runs while a request is served.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, cast

import pluggy

from kpi_server.domain.absence import Absence
from kpi_server.domain.aggregate import Aggregate, Cell, Events, Movement, Sketched, Total
from kpi_server.domain.direction import Direction
from kpi_server.domain.expression.inputs import (
    Input,
    Missing,
    Rolling,
    Shift,
    ToDate,
    carried,
    of,
    optional,
    previous,
    rolling,
    to_date,
    year_before,
)
from kpi_server.domain.expression.tracing import (
    Condition,
    Symbol,
    absolute,
    choose,
    maximum,
    minimum,
    percentile,
)
from kpi_server.domain.expression.tree import Choice
from kpi_server.domain.measure import Across, Measure, OverTime
from kpi_server.domain.period import Grain, Period
from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.domain.unit import Unit, UnitKind, parse_unit
from kpi_server.domain.vector import Vector
from kpi_server.errors import BadInput

__all__ = [
    "API_VERSION",
    "PROJECT",
    "Absence",
    "Across",
    "Aggregate",
    "BadInput",
    "Cell",
    "Choice",
    "Condition",
    "Direction",
    "Events",
    "Family",
    "Grain",
    "Input",
    "Measure",
    "Metric",
    "Missing",
    "Movement",
    "OverTime",
    "Period",
    "Rolling",
    "Shift",
    "Sketch",
    "Sketched",
    "Symbol",
    "ToDate",
    "Total",
    "Unit",
    "UnitKind",
    "Vector",
    "absolute",
    "aggregate",
    "carried",
    "choose",
    "hookimpl",
    "hookspec",
    "kpi_aggregates",
    "kpi_family",
    "kpi_fields",
    "kpi_measures",
    "kpi_metrics",
    "kpi_vectors",
    "maximum",
    "metric",
    "minimum",
    "of",
    "optional",
    "parse_unit",
    "percentile",
    "previous",
    "rolling",
    "to_date",
    "year_before",
]

PROJECT: Final = "kpi_server"
"""The entry-point group that families use, and pluggy's name for this project."""

API_VERSION: Final = 1
"""Goes up when a plugin written for this module would have to change."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, kw_only=True)
class Family:
    """A plugin's set of metrics.

    Attributes:
        name: The key prefix and the name of its field on Organization: one lower-case word, the entry point's name.
        title: What people read ("Financial").
        description: One or two sentences; the GraphQL description of its field.
        api_version: The API_VERSION that the plugin was written for, as a number: never this module's constant, which
            would agree with every server.

    >>> Family(name="energy", title="Energy", description="What buildings use.", api_version=1).name
    'energy'
    """

    name: str
    title: str
    description: str
    api_version: int


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of a family: what it is, in which unit, which way is better, and where its definition is from.

    Attributes:
        key: Unique in its family, snake case ("net_revenue_retention"); with the family it makes the KPI's key.
        name: What people read ("Net revenue retention").
        unit: The kind of unit; money and scores leave currency and scale to the organization.
        direction: UP when more is better, DOWN when less is better, NONE when neither.
        description: One sentence, ending in a full stop.
        source: The book, standard or document line the definition is from ("003:102" is line 102 of document 003).
        aliases: Other names by which people ask for it ("NRR"); none may be a name of another metric.
        acceptable: Attainment from which a miss counts as acceptable (fraction, 1 = on target); None unless stated.
        calculator: The function that calculates it from its inputs, or None while it is only reported: see `metric`.
        inputs: What parameters of the calculator read that does not follow from their names.
        grains: The grains at which it may be calculated; none: any.
        alternative: The key of what to ask for where it cannot be calculated.
        version: Of the formula: goes up when it changes.
        fixed_unit_reason: Why the unit fixes a currency or scale, which otherwise only the organization may do.

    >>> uptime = Metric(
    ...     key="availability",
    ...     name="Availability",
    ...     unit=parse_unit("RATIO"),
    ...     direction=Direction.UP,
    ...     description="Share of a month in which the platform was operational and reachable.",
    ...     source="004:335",
    ...     aliases=("Platform Uptime",),
    ... )
    >>> uptime.calculator is None, str(uptime.unit)
    (True, 'RATIO')
    """

    key: str
    name: str
    unit: Unit
    direction: Direction
    description: str
    source: str
    aliases: Sequence[str] = ()
    acceptable: Decimal | None = None
    calculator: Callable[..., object] | None = None
    inputs: Mapping[str, Input] = field(default_factory=dict, hash=False)
    grains: Sequence[Grain] = ()
    alternative: str = ""
    version: int = 1
    fixed_unit_reason: str = ""


def metric(
    *,
    unit: Unit | str,
    direction: Direction,
    source: str,
    name: str = "",
    aliases: Sequence[str] = (),
    acceptable: Decimal | None = None,
    inputs: Mapping[str, Input] | None = None,
    grains: Sequence[Grain] = (),
    alternative: str = "",
    version: int = 1,
    fixed_unit_reason: str = "",
) -> Callable[[Callable[..., Symbol | Choice]], Metric]:
    """The decorator that makes a function the metric that it calculates.

    The function's name is the metric's key, its docstring's first line the description, its parameters are the inputs:
    each the measure or the metric of that key in the own family, unless `inputs` says otherwise. It is called once,
    with symbols, and what it does with them is the formula. Without a name, the key's words are the name.

    >>> @metric(unit="RATIO", direction=Direction.UP, source="003:102", inputs={"before": previous("mrr")})
    ... def revenue_growth(mrr: Symbol, before: Symbol) -> Symbol:
    ...     \"""Growth of recurring revenue over the period before.\"""
    ...     return (mrr - before) / before
    >>> revenue_growth.key, revenue_growth.name, revenue_growth.description
    ('revenue_growth', 'Revenue growth', 'Growth of recurring revenue over the period before.')
    """

    def declared(calculator: Callable[..., Symbol | Choice]) -> Metric:
        key = getattr(calculator, "__name__", "")
        return Metric(
            key=key,
            name=name or key.replace("_", " ").capitalize(),
            unit=_unit(unit),
            direction=direction,
            description=(calculator.__doc__ or "").strip().partition("\n")[0],
            source=source,
            aliases=aliases,
            acceptable=acceptable,
            calculator=calculator,
            inputs=dict(inputs or {}),
            grains=grains,
            alternative=alternative,
            version=version,
            fixed_unit_reason=fixed_unit_reason,
        )

    return declared


def aggregate(
    *,
    kind: str,
    outputs: Sequence[str],
    grain: Grain = Grain.DAY,
    amount: Unit | str | None = None,
    by: Sequence[str] = (),
    lasting: bool = False,
    version: int = 1,
) -> Callable[[Callable[[Events], Awaitable[Sequence[Cell]]]], Aggregate]:
    """The decorator that makes an async function the aggregate that it calculates.

    The function's name is the aggregate's key and its docstring's first line the description. It is called with the
    events of some periods, whenever events of them arrive, and answers the cells of its measures in all of them.

    >>> @aggregate(kind="session", outputs=("active_users",), by=("plan",))
    ... async def sessions(events: Events) -> list[Cell]:
    ...     \"""Different users with a session, by day.\"""
    ...     return [Cell("active_users", *found) for found in await events.distinct()]
    >>> sessions.key, sessions.grain.value, sessions.description
    ('sessions', 'DAY', 'Different users with a session, by day.')
    """

    def declared(function: Callable[[Events], Awaitable[Sequence[Cell]]]) -> Aggregate:
        return Aggregate(
            key=getattr(function, "__name__", ""),
            kind=kind,
            outputs=outputs,
            function=function,
            grain=grain,
            description=(function.__doc__ or "").strip().partition("\n")[0],
            amount=None if amount is None else _unit(amount),
            by=by,
            lasting=lasting,
            version=version,
        )

    return declared


def _unit(unit: Unit | str) -> Unit:
    """What cannot be read stays as it is: the registry's rules report it with all other problems."""
    try:
        return parse_unit(unit) if isinstance(unit, str) else unit
    except BadInput:
        return cast(Unit, unit)


@hookspec(firstresult=True)
def kpi_family() -> Family:  # type: ignore[empty-body]
    """The family this plugin supplies: exactly one."""


@hookspec(firstresult=True)
def kpi_metrics() -> Sequence[Metric]:  # type: ignore[empty-body]
    """The family's metrics, in the order in which people should read them: a tuple or a list, at least one."""


@hookspec(firstresult=True)
def kpi_measures() -> Sequence[Measure]:  # type: ignore[empty-body]
    """What is recorded for the family's metrics: a tuple or a list. A family without calculators needs none."""


@hookspec(firstresult=True)
def kpi_vectors() -> Sequence[Vector]:  # type: ignore[empty-body]
    """Golden vectors of the family's calculators: a tuple or a list, run by `kpi-server plugins verify`."""


@hookspec(firstresult=True)
def kpi_aggregates() -> Sequence[Aggregate]:  # type: ignore[empty-body]
    """How measures are made of events: a tuple or a list. A family that reads no events needs none."""


@hookspec(firstresult=True)
def kpi_fields() -> str:  # type: ignore[empty-body]
    """Where the family's own GraphQL fields are, as "package.module:Class".

    Named and not imported: commands that need no schema do not load it.
    """
