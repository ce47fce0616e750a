"""Measures: the quantities that are recorded, and how each is rolled up. There is no default for how."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.domain.unit import Unit

__all__ = ["Across", "Measure", "OverTime", "Sketch"]


class Across(StrEnum):
    """How the values of several segments make the value of all of them.

    WEIGHTED is the mean by another measure; MERGE is for sketches; NONE refuses.
    """

    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    WEIGHTED = "WEIGHTED"
    MERGE = "MERGE"
    NONE = "NONE"


class OverTime(StrEnum):
    """How the values of several periods make the value of the longer period that they fill.

    SUM is for flows, LAST for closing and FIRST for opening balances; MERGE is for sketches; NONE refuses.
    """

    SUM = "SUM"
    LAST = "LAST"
    FIRST = "FIRST"
    AVG = "AVG"
    MIN = "MIN"
    MAX = "MAX"
    MERGE = "MERGE"
    NONE = "NONE"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An input: a quantity that is recorded. A formula reads it; a metric is what comes of the formula.

    Attributes:
        key: Snake case, unique among the measures and the metrics of its family ("new_customers").
        name: What people read ("New customers").
        unit: What it counts; money leaves the currency to the organization.
        across: How segments are rolled up.
        over_time: How periods are rolled up.
        description: One sentence, ending in a full stop.
        source: The document line or book it comes from.
        weight: For WEIGHTED, the key of the measure that weights: one of the family that is summed across segments.
        sketch: What kind of sketch is recorded, exactly when both axes are MERGE. A formula reads DISTINCT as the
            number of subjects, HISTOGRAM only by its percentiles.
        alternative: The key of what to ask for when a roll-up is refused.
        aliases: Other names of it.

    >>> from kpi_server.domain.unit import parse_unit
    >>> won = Measure(
    ...     key="customers_won",
    ...     name="Customers won",
    ...     unit=parse_unit("COUNT(customer)"),
    ...     across=Across.SUM,
    ...     over_time=OverTime.SUM,
    ...     description="Customers whose first contract began in the period.",
    ...     source="001:48",
    ... )
    >>> won.sketch is None, won.weight
    (True, '')
    """

    key: str
    name: str
    unit: Unit
    across: Across
    over_time: OverTime
    description: str
    source: str
    weight: str = ""
    sketch: Sketch | None = None
    alternative: str = ""
    aliases: Sequence[str] = ()
