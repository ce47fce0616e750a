"""Cohorts: those who joined together, followed by age."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from kpi_server.domain.direction import Direction
from kpi_server.domain.precision import divide, precise
from kpi_server.domain.target import Target, parse_target
from kpi_server.domain.unit import Unit, UnitKind


class CohortKind(StrEnum):
    """What the cells of a cohort table hold."""

    RETENTION = "RETENTION"
    REVENUE = "REVENUE"
    ADOPTION = "ADOPTION"


class AgeUnit(StrEnum):
    """What the age of a cohort is counted in."""

    MONTH = "MONTH"
    WEEK = "WEEK"


Cells: TypeAlias = Mapping[int, Decimal | None]
"""The values of one cohort by age; an age that is empty has none."""


def net_revenue_retention(cells: Cells, *, age: int | None = None) -> Decimal | None:
    """The revenue at the latest filled age, or at one age, over that at age 0.

    None for a cohort that has only age 0: nothing is known yet of what is kept, so it is not 100 %. None too without
    age 0, where age 0 is zero, and where the wanted age is empty.

    >>> net_revenue_retention({0: Decimal(1250), 1: Decimal(1280), 12: Decimal(1750)})
    Decimal('1.4')
    >>> net_revenue_retention({0: Decimal(1350), 1: None}) is None
    True
    """
    first = cells.get(0)
    filled = [filled_age for filled_age, value in cells.items() if filled_age > 0 and value is not None]
    if first is None or not filled:
        return None
    latest = cells.get(max(filled) if age is None else age)
    return None if latest is None or age == 0 else divide(latest, first)


def average(values: Iterable[Decimal | None]) -> Decimal | None:
    """The mean over the cohorts that have an age; those too young for it do not count. None when none has it.

    >>> average([Decimal("0.65"), Decimal("0.68"), None])
    Decimal('0.665')
    """
    known = [value for value in values if value is not None]
    with precise():
        return divide(sum(known, Decimal(0)), Decimal(len(known)))


def column_target(text: str, unit: Unit, *, of_total: bool = False) -> Target:
    """What a column should reach: in the table's unit, or a ratio where it is for a computed column in percent.

    Raises:
        FigureError: the text states no such number.

    >>> from kpi_server.domain.unit import parse_unit
    >>> column_target("115%", parse_unit("MONEY(USD)/month"), of_total=True).value
    Decimal('1.15')
    """
    in_percent = of_total and text.rstrip().endswith("%")
    return parse_target(text, Unit(UnitKind.RATIO) if in_percent else unit, Direction.UP)
