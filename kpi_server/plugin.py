"""Everything a plugin author imports: the hooks, Family, Metric, units and directions.

A family is a distribution with one entry point in the group ``kpi_server``; the object it names (usually the package
itself) carries the hooks below, each marked with ``@hookimpl``. Hooks run once, when the server starts; the registry
made of their answers is then frozen, and no hook runs while a request is served.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import pluggy

from kpi_server.domain.direction import Direction
from kpi_server.domain.unit import Unit, UnitKind, parse_unit

__all__ = [
    "API_VERSION",
    "PROJECT",
    "Direction",
    "Family",
    "Metric",
    "Unit",
    "UnitKind",
    "hookimpl",
    "hookspec",
    "kpi_family",
    "kpi_metrics",
    "parse_unit",
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
        calculator: The function that calculates it from its inputs, or None while it is only reported.
        identity: What it is of other metrics, as a formula ("clv / cac"): keys of this family alone, of others with
            their family ("customer.churn"), numbers, + - * / and brackets. It calculates nothing yet: printed figures
            are checked against it.
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
    fixed_unit_reason: str = ""
    identity: str = ""


@hookspec(firstresult=True)
def kpi_family() -> Family:  # type: ignore[empty-body]
    """The family this plugin supplies: exactly one."""


@hookspec(firstresult=True)
def kpi_metrics() -> Sequence[Metric]:  # type: ignore[empty-body]
    """The family's metrics, in the order in which people should read them: a tuple or a list, at least one."""
