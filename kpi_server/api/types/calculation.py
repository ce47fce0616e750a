"""How a computed value came about: the formula, its inputs, their observations, and whose code it was."""

from datetime import date
from decimal import Decimal
from typing import Final

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.scalars import Period
from kpi_server.api.types.observation import Observation
from kpi_server.api.types.value import Unit, formatted, number
from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.calculation import Calculated, Taken, Wanted, inputs_of
from kpi_server.domain.expression.calculator import Reading
from kpi_server.domain.expression.decimals import DECIMALS
from kpi_server.domain.period import Grain
from kpi_server.domain.precision import trimmed
from kpi_server.registry import Registry
from kpi_server.services.calculation.calculating import Books
from kpi_server.store.reads.rollup import MeasureCell

_ROUNDING: Final = f"to {DECIMALS} decimals, half to even"


@strawberry.type(description="How a metric is calculated.")
class Calculator:
    formula: str = strawberry.field(description='The formula for reading: "(opening MRR − churned MRR) ÷ opening MRR".')
    version: int = strawberry.field(description="The formula's version; it grows when the formula changes.")
    distribution: str | None = strawberry.field(description="The installed package that it is from.")
    distribution_version: str | None = strawberry.field(description="That package's version.")
    measures: list[str] = strawberry.field(description="The keys of all measures it stands on.")
    grains: list[Grain] = strawberry.field(description="The grains at which it may be calculated; none: any.")
    alternative: str | None = strawberry.field(description="The key of what to ask for where it cannot be calculated.")
    lacking: list[str] = strawberry.field(description="The families that it needs and that are not installed.")


def calculator_of(registry: Registry, key: str) -> Calculator | None:
    """How the metric of a key is calculated; None where it is only reported."""
    found = registry.calculators.get(key)
    if found is None:
        return None
    loaded = registry.family(key.partition(".")[0])
    return Calculator(
        formula=found.formula,
        version=found.version,
        distribution=None if loaded is None else loaded.distribution,
        distribution_version=None if loaded is None else loaded.version,
        measures=list(found.leaves),
        grains=list(found.grains),
        alternative=found.alternative or None,
        lacking=list(found.lacking),
    )


@strawberry.type(description="What a formula read of one input.")
class CalculationInput:
    key: str = strawberry.field(description='The measure or metric: "financial.opening_mrr".')
    name: str = strawberry.field(description="What the formula calls it.")
    period: Period | None = strawberry.field(description="The period it is of; null where there is no such period.")
    first_day: date | None = strawberry.field(description="The first day of what it is rolled up from.")
    last_day: date | None = strawberry.field(description="The last day of that.")
    exact: Decimal | None = strawberry.field(description="The number, exactly.")
    formatted: str | None = strawberry.field(description="The number for reading.")
    unit: Unit | None = strawberry.field(description="What the number is in.")
    absence: Absence | None = strawberry.field(description="Why there is no number; null when there is one.")
    reason: str | None = strawberry.field(description="The absence in words.")
    completeness: str | None = strawberry.field(description='How much of it is known: "24 of 31 days".')
    carried: bool = strawberry.field(description="Whether an earlier period's value stands in.")
    calculation: "Calculation | None" = strawberry.field(
        description="How it was calculated itself; null for a measure, which is recorded."
    )
    cell: strawberry.Private[tuple[Books, MeasureCell] | None]

    @computed("The number, for charts.")
    def value(self) -> float | None:
        return number(self.exact)

    @computed("How many observations it is rolled up from; 0 for a metric.")
    async def observation_count(self, info: Info) -> int:
        found = [] if self.cell is None else await info.context.loaders.observed.load(self.cell)
        return int(found[0]["count"]) if found else 0

    @computed("The first 100 of these observations, by period and segment, with their sources.")
    async def observations(self, info: Info) -> list[Observation]:
        found = [] if self.cell is None else await info.context.loaders.observed.load(self.cell)
        return [Observation.counted(row) for row in found]


@strawberry.type(description="How a value was calculated.")
class Calculation:
    key: str = strawberry.field(description="The metric that was calculated.")
    period: Period = strawberry.field(description="The period it was calculated for.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    calculator: Calculator = strawberry.field(description="The formula, and whose it is.")
    inputs: list[CalculationInput] = strawberry.field(description="What it read, in the order of the formula.")
    exact: Decimal | None = strawberry.field(description="What came of it.")
    text: str | None = strawberry.field(description="The word that came of it, of a metric of words.")
    absence: Absence | None = strawberry.field(description="Why no number came of it.")
    reason: str | None = strawberry.field(description="The absence in words, and what to ask for instead.")
    completeness: str | None = strawberry.field(description="How much is known of what is known least.")
    stale: bool = strawberry.field(description="Whether an earlier period's value stands in for a missing input.")
    rounding: str = strawberry.field(description="How the result was rounded; nothing is rounded before.")


def calculation_of(registry: Registry, books: Books, wanted: Wanted, value: Calculated) -> Calculation | None:
    """How a value came about; None where nothing calculates it."""
    calculator = calculator_of(registry, wanted.key)
    if calculator is None:
        return None
    outcome = value.outcome
    absent = outcome if isinstance(outcome, Absent) else None
    return Calculation(
        key=wanted.key,
        period=Period(wanted.period.text),
        segment=wanted.segment,
        calculator=calculator,
        inputs=[_input(registry, books, wanted, *read) for read in inputs_of(value, registry.calculators[wanted.key])],
        exact=None if isinstance(outcome, Absent | str) else trimmed(outcome),
        text=outcome if isinstance(outcome, str) else None,
        absence=None if absent is None else absent.absence,
        reason=None if absent is None else absent.reason or None,
        completeness=None if value.completeness is None else str(value.completeness),
        stale=value.stale,
        rounding=_ROUNDING,
    )


def _input(registry: Registry, books: Books, wanted: Wanted, reading: Reading, taken: Taken) -> CalculationInput:
    frame = taken.frame
    absent = taken.amount if isinstance(taken.amount, Absent) else None
    exact = None if isinstance(taken.amount, Absent) else trimmed(taken.amount)
    unit = registry.unit_of(reading.key)
    cell, inner = None, None
    if frame is not None:
        cell = books, MeasureCell(wanted.segment, frame, registry.definitions.measures[reading.key])
    if taken.calculated is not None and taken.period is not None:
        inner = calculation_of(registry, books, Wanted(reading.key, wanted.segment, taken.period), taken.calculated)
    return CalculationInput(
        key=reading.key,
        name=reading.name,
        period=None if taken.period is None else Period(taken.period.text),
        first_day=None if frame is None else frame.start,
        last_day=None if frame is None else frame.last_day,
        exact=exact,
        formatted=None if unit is None else formatted(exact, None, None, unit),
        unit=None if unit is None else Unit.shown(unit),
        absence=None if absent is None else absent.absence,
        reason=None if absent is None else absent.reason or None,
        completeness=None if taken.completeness is None else str(taken.completeness),
        carried=taken.carried,
        calculation=inner,
        cell=cell,
    )
