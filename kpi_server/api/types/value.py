"""Numbers as the schema shows them: units, values, trends, and what a document states."""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Final

import strawberry

from kpi_server.api.execution.obtaining import OBTAINED, Column, One, Part, Rule
from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.restating import is_restated
from kpi_server.api.scalars import Period
from kpi_server.api.standing import Measure, Standing
from kpi_server.api.types.enums import TrendUnit
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import SOURCE_COLUMNS, Source, source_of
from kpi_server.domain import trend as trends
from kpi_server.domain import unit as units
from kpi_server.domain.absence import Absence
from kpi_server.domain.figure import format_value
from kpi_server.domain.selection import Placement, ValueBasis
from kpi_server.domain.status import Colour
from kpi_server.domain.trend import Arrow, Basis
from kpi_server.domain.unit import UnitKind
from kpi_server.store.reads import Key, Record


@strawberry.type(description="What a KPI's numbers are in.")
class Unit:
    kind: UnitKind = strawberry.field(description="The kind of number.")
    notation: str = strawberry.field(description='The unit written out: "MONEY(EUR)/month".')
    of: str | None = strawberry.field(description="What is counted.")
    currency: str | None = strawberry.field(description="The ISO 4217 code of money.")
    low: Decimal | None = strawberry.field(description="The lowest score.")
    high: Decimal | None = strawberry.field(description="The highest score.")
    per: str | None = strawberry.field(description="What it is reported per: month, week, 100 customers.")

    @classmethod
    def shown(cls, unit: units.Unit) -> "Unit":
        return cls(
            kind=unit.kind,
            notation=str(unit),
            of=unit.of,
            currency=unit.currency,
            low=unit.low,
            high=unit.high,
            per=unit.per,
        )


@cache
def unit_of(notation: str) -> Unit:
    """The unit of a notation."""
    return Unit.shown(units.parse_unit(notation))


@strawberry.type(description="A movement: as the current figure's source prints it, or derived from two values.")
class Trend:
    text: str | None = strawberry.field(description="The words as printed; null when derived.")
    arrow: Arrow | None = strawberry.field(description="The way it moved.")
    amount: float | None = strawberry.field(description="The signed amount, for charts.")
    exact: Decimal | None = strawberry.field(description="The signed amount, exactly.")
    unit: TrendUnit | None = strawberry.field(description="What the amount is in.")
    basis: Basis = strawberry.field(description="What it is measured against.")
    previous: Decimal | None = strawberry.field(description="The earlier value, where it is known.")
    words: str | None = strawberry.field(description="What the text says beyond the amount.")
    improving: bool | None = strawberry.field(
        description="Whether it is the wanted movement: churn going down improves. Null where neither way is better."
    )
    derived: bool = strawberry.field(description="Whether it is derived from the current and the previous value.")

    @classmethod
    def shown(cls, trend: trends.Trend, measure: Measure, *, derived: bool) -> "Trend":
        return cls(
            text=None if derived else trend.text,
            arrow=trend.arrow,
            amount=number(trend.amount),
            exact=trend.amount,
            unit=None if trend.unit is None else TrendUnit(trend.unit),
            basis=trend.basis,
            previous=trend.previous,
            words=trend.words,
            improving=trends.improving(trend, measure.direction),
            derived=derived,
        )


def printed_trend(figure: Record, measure: Measure) -> Trend | None:
    """The trend printed beside a figure, or None."""
    arrow = figure["trend_arrow"]
    if figure["trend"] is None and arrow is None:
        return None
    trend = trends.Trend(
        text=figure["trend"] or "",
        arrow=None if arrow is None else Arrow(arrow),
        amount=figure["trend_amount"],
        unit=figure["trend_unit"],
        basis=Basis(figure["trend_basis"] or Basis.UNSPECIFIED),
        previous=figure["trend_previous"],
        words=figure["trend_words"],
    )
    return Trend.shown(trends.completed(trend, figure["value"], measure.unit), measure, derived=False)


def derived_trend(current: Decimal | None, previous: Decimal | None, measure: Measure) -> Trend | None:
    """The change between two values; None without both, or where it has no measure."""
    if current is None or previous is None:
        return None
    change = trends.change(current, previous, measure.unit)
    amount, unit = (change.ratio, trends.PERCENT) if change.points is None else (change.points, TrendUnit.POINTS.value)
    if amount is None:
        return None
    arrow = Arrow.FLAT if not amount else Arrow.UP if amount > 0 else Arrow.DOWN
    return Trend.shown(trends.Trend("", arrow, amount, unit, previous=previous), measure, derived=True)


def number(exact: Decimal | None) -> float | None:
    """The nearest floating-point number, for charts."""
    return None if exact is None else float(exact)


@strawberry.type(description="A figure as a document or a person states it: word for word, and what was read from it.")
class ReportedFigure(Node):
    text: str = strawberry.field(description="The words as printed.")
    low: Decimal | None = strawberry.field(description="The lower end of a range.")
    high: Decimal | None = strawberry.field(description="The upper end of a range.")
    at_least: bool = strawberry.field(description='Whether it is open upwards ("75+").')
    absence: Absence | None = strawberry.field(description="Why there is no number.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    period: Period | None = strawberry.field(description="The period it is of; null for an undated document's figure.")
    placement: Placement = strawberry.field(description="Where in the document it stands.")
    label: str | None = strawberry.field(description="What it is called there.")
    status: str | None = strawberry.field(description="Status words as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")
    analysis: str | None = strawberry.field(description="The document's comment.")

    @computed("The number, for charts; null for ranges and words.", obtained=Column("value"))
    def value(self) -> float | None:
        return number(self.record["value"])

    @computed("The number, exactly.", obtained=Column("value"))
    def exact(self) -> Decimal | None:
        exact: Decimal | None = self.record["value"]
        return exact

    @computed("What the number is in.", obtained=Rule(unit_of, ("kpi.unit",)))
    async def unit(self, info: Info) -> Unit | None:
        measure = await self._measure(info)
        return None if measure is None else Unit.shown(measure.unit)

    @computed("The trend as printed beside it.")
    async def trend(self, info: Info) -> Trend | None:
        measure = await self._measure(info)
        return None if measure is None else printed_trend(self.record, measure)

    @computed("The KPI it is a figure of.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _measure(self, info: Info) -> Measure | None:
        record = await info.context.loaders.kpis.load((self.organization_id, self.record["kpi_id"]))
        return None if record is None else Measure.of(record["kpi"])


def formatted(exact: Decimal | None, low: Decimal | None, high: Decimal | None, unit: units.Unit) -> str | None:
    """A number or a range for reading."""
    if exact is not None:
        return format_value(exact, unit)
    if low is None or high is None:
        return None
    return f"{format_value(low, unit)} – {format_value(high, unit)}"


def formatted_in(exact: Decimal | None, low: Decimal | None, high: Decimal | None, unit: str) -> str | None:
    """As `formatted`, the unit by its notation."""
    return formatted(exact, low, high, units.parse_unit(unit))


def absence_of(
    exact: Decimal | None, low: Decimal | None, figure: int | None, absence: str | None, unit: str
) -> Absence | None:
    """Why there is no number: no figure, what the figure says, or words in a unit of numbers."""
    if exact is not None or low is not None:
        return None
    if figure is None:
        return Absence.NO_DATA
    if absence is not None:
        return Absence(absence)
    return None if units.parse_unit(unit).kind is UnitKind.TEXT else Absence.NO_DATA


def basis_of(figure: int | None, origin: str | None, period: str | None) -> ValueBasis:
    """Whether a value that is current is computed: of a period, and stated by nobody."""
    is_computed = figure is None and origin is None and period is not None
    return ValueBasis.COMPUTED if is_computed else ValueBasis.REPORTED


_UNSAID: Final = Rule(lambda: None, ())
"""What is said of computed values alone."""


@strawberry.type(description="A value of a KPI: a number, a range or words, or the reason why there is none.")
class Value:
    value: float | None = strawberry.field(description="The number, for charts.", metadata={OBTAINED: Column("exact")})
    exact: Decimal | None = strawberry.field(description="The number, exactly; ratios are fractions.")
    low: Decimal | None = strawberry.field(description="The lower end of a range.")
    high: Decimal | None = strawberry.field(description="The upper end of a range.")
    at_least: bool = strawberry.field(
        description='Whether it is open upwards ("75+").', metadata={OBTAINED: Rule(bool, ("at_least",))}
    )
    text: str | None = strawberry.field(description="The words as printed.")
    formatted: str | None = strawberry.field(
        description='For reading: "3.2 %", "€1,200,000".',
        metadata={OBTAINED: Rule(formatted_in, ("exact", "low", "high", "unit"))},
    )
    unit: Unit = strawberry.field(description="What the number is in.", metadata={OBTAINED: Rule(unit_of, ("unit",))})
    period: Period | None = strawberry.field(description="The period it is of.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    absence: Absence | None = strawberry.field(
        description="Why there is no number; null when there is one.",
        metadata={OBTAINED: Rule(absence_of, ("exact", "low", "figure_id", "figure_absence", "unit"))},
    )
    figure: ReportedFigure | None = strawberry.field(
        description="The reported figure it is; null for a recorded value.", metadata={OBTAINED: One("figure")}
    )
    source: Source | None = strawberry.field(
        description="Where it is from; null where it is computed.", metadata={OBTAINED: Part(present=("origin",))}
    )
    basis: ValueBasis = strawberry.field(
        default=ValueBasis.REPORTED,
        description="Whether somebody states it or it is computed.",
        metadata={OBTAINED: Rule(basis_of, ("figure_id", "origin", "period"))},
    )
    reason: str | None = strawberry.field(
        default=None,
        description="In words why a computed number is absent, and what to ask for instead.",
        metadata={OBTAINED: _UNSAID},
    )
    complete: bool | None = strawberry.field(
        default=None,
        description="Whether everything is known that a computed value is made of; null where it is reported.",
        metadata={OBTAINED: _UNSAID},
    )
    completeness: str | None = strawberry.field(
        default=None,
        description='How much is known of what is known least: "24 of 31 days".',
        metadata={OBTAINED: _UNSAID},
    )
    stale: bool = strawberry.field(
        default=False,
        description="Whether an earlier period's value stands in for an input that is missing.",
        metadata={OBTAINED: Rule(lambda: False, ())},
    )
    pending: bool = strawberry.field(
        default=False,
        description="Whether something it stands on was recorded since it was computed; it is computed again soon.",
        metadata={OBTAINED: Rule(lambda: False, ())},
    )
    unfinished: bool | None = strawberry.field(
        default=None,
        description="Whether the period of a computed value has not ended; null where it is reported.",
        metadata={OBTAINED: _UNSAID},
    )
    kept_in: strawberry.Private[Key | None] = None

    @computed("Whether it was recorded, or computed as another, after its period was closed.")
    async def restated(self, info: Info) -> bool:
        recorded_in = None if self.source is None else self.source.recorded_in
        return await is_restated(info, self.kept_in or recorded_in, self.period)


def current_value(standing: Standing, measure: Measure) -> Value:
    """The value that counts, with the reason where there is none."""
    return _kept(standing.figure, standing, measure, "")


def figure_value(figure: Record, measure: Measure) -> Value:
    """What a reported figure says."""
    return _value(figure, figure["value"], segment=figure["segment"], measure=measure)


def previous_value(standing: Standing, measure: Measure) -> Value | None:
    """The value that counted before; None where there was none."""
    if standing.previous is None and standing.column("previous_value") is None:
        return None
    return _kept(standing.previous, standing, measure, "previous_")


def _kept(figure: Record | None, standing: Standing, measure: Measure, which: str) -> Value:
    """As kpi_current keeps it, which may be without a figure."""
    value = _value(figure, standing.column(f"{which}value"), segment=standing.segment, measure=measure)
    origin, period = standing.column(f"{which}origin"), standing.column(f"{which}period")
    if figure is not None or period is None:
        return value
    if origin is None:
        return replace(value, period=period, basis=ValueBasis.COMPUTED)
    source = {name: standing.column(f"{which}{name}") for name in SOURCE_COLUMNS}
    return replace(
        value,
        text=standing.column(f"{which}text"),
        period=period,
        source=source_of({**source, "organization_id": standing.column("organization_id")}),
    )


def _value(figure: Record | None, exact: Decimal | None, *, segment: str, measure: Measure) -> Value:
    low, high = (None, None) if figure is None else (figure["low"], figure["high"])
    return Value(
        value=number(exact),
        exact=exact,
        low=low,
        high=high,
        at_least=figure is not None and figure["at_least"],
        text=None if figure is None else figure["text"],
        formatted=formatted(exact, low, high, measure.unit),
        unit=Unit.shown(measure.unit),
        period=None if figure is None else figure["period"],
        segment=segment,
        absence=absence_of(
            exact,
            low,
            None if figure is None else figure["id"],
            None if figure is None else figure["absence"],
            str(measure.unit),
        ),
        figure=None if figure is None else ReportedFigure.of(figure),
        source=None if figure is None else source_of(figure),
    )
