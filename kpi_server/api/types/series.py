"""Series as the schema shows them: points, and columns for those who draw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.restating import is_restated
from kpi_server.api.scalars import Period
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import Unit, absence_of, number
from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.calculation import Calculated
from kpi_server.domain.expression.decimals import Outcome
from kpi_server.domain.period import Grain
from kpi_server.domain.period import Period as Days
from kpi_server.domain.precision import trimmed
from kpi_server.domain.selection import ValueBasis
from kpi_server.domain.trend import change
from kpi_server.domain.unit import parse_unit
from kpi_server.services.series import SeriesPoints
from kpi_server.store.reads import Key


@strawberry.type(description="A value beside an earlier one, and by what it changed.")
class PointComparison:
    period: Period | None = strawberry.field(description="The earlier period; null for one without a partner.")
    value: float | None = strawberry.field(description="Its number, for charts.")
    exact: Decimal | None = strawberry.field(description="Its number, exactly.")
    change: Decimal | None = strawberry.field(description="By how much the number changed, in its own unit.")
    change_ratio: float | None = strawberry.field(
        description="The change as a fraction of the earlier number; null from zero, and of ratios and points."
    )
    change_points: Decimal | None = strawberry.field(description="The change of ratios and points, in points.")


@strawberry.type(description="The value of a KPI for one period: recorded, else printed, or computed.")
class Point:
    period: Period = strawberry.field(description="The period.")
    value: float | None = strawberry.field(description="The number, for charts.")
    exact: Decimal | None = strawberry.field(description="The number, exactly; ratios are fractions.")
    text: str | None = strawberry.field(description="Its words, as printed or recorded.")
    absence: Absence | None = strawberry.field(description="Why there is no number: NO_DATA for a gap.")
    source: Source | None = strawberry.field(description="Where it is from; null for a gap and where it is computed.")
    reason: str | None = strawberry.field(default=None, description="In words why a computed number is absent.")
    complete: bool | None = strawberry.field(
        default=None, description="Whether everything is known that a computed value is made of."
    )
    completeness: str | None = strawberry.field(
        default=None, description='How much is known of what is known least: "24 of 31 days".'
    )
    stale: bool = strawberry.field(
        default=False, description="Whether an earlier period's value stands in for an input that is missing."
    )
    pending: bool = strawberry.field(
        default=False, description="Whether something it stands on was recorded since it was computed."
    )
    unfinished: bool = strawberry.field(default=False, description="Whether the period has not ended.")
    comparison: PointComparison | None = strawberry.field(
        default=None, description="The earlier value that is asked for by `comparison`, and the change."
    )
    kept_in: strawberry.Private[Key | None] = None

    @computed("Whether it was recorded, or computed as another, after its period was closed.")
    async def restated(self, info: Info) -> bool:
        recorded_in = None if self.source is None else self.source.recorded_in
        return await is_restated(info, self.kept_in or recorded_in, self.period)


@dataclass(frozen=True)
class ComputedPoints:
    """A series that is computed: its periods and what each is."""

    grain: Grain
    periods: Sequence[Days]
    values: Sequence[Calculated]


@dataclass(frozen=True)
class Compared:
    """The earlier periods of a series, and their numbers."""

    periods: Sequence[Days | None]
    values: Sequence[Decimal | None]


def number_of(outcome: Outcome) -> Decimal | None:
    """The number that came of a formula, if one did."""
    return None if isinstance(outcome, Absent | str) else trimmed(outcome)


@strawberry.type(description="The values of one KPI over consecutive periods, without gaps: one entry for each period.")
class Series:
    grain: Grain = strawberry.field(description="The length of its periods.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    unit: Unit = strawberry.field(description="What its numbers are in.")
    found: strawberry.Private[SeriesPoints | ComputedPoints]
    compared: strawberry.Private[Compared | None] = None
    today: strawberry.Private[date] = date.min
    organization_id: strawberry.Private[int] = 0
    groups: list["Series"] = strawberry.field(
        default_factory=list, description="With `by`: one series for each segment of these keys, in their order."
    )

    @computed("Whether its values are stated by somebody or computed.")
    def basis(self) -> ValueBasis:
        return self.value_basis

    @computed("The values one by one, the earliest first.")
    def points(self) -> list[Point]:
        found, compared = self.found, self.compared
        made = self._computed_points(found) if isinstance(found, ComputedPoints) else self._stated_points(found)
        if compared is None:
            return made
        return [
            replace(point, comparison=comparison_of(period, earlier, point.exact, self.unit.notation))
            for point, period, earlier in zip(made, compared.periods, compared.values, strict=True)
        ]

    @computed("Its periods, as a column.")
    def periods(self) -> list[Period]:
        return self.column

    @computed("Its numbers for charts, as a column; null for a gap.")
    def values(self) -> list[float | None]:
        return [number(one) for one in self.numbers]

    @computed("Its exact numbers, as a column; null for a gap.")
    def exact(self) -> list[Decimal | None]:
        return self.numbers

    @computed("With `comparison`: the earlier numbers for charts, as a column; null for a gap.")
    def compared_values(self) -> list[float | None]:
        return [] if self.compared is None else [number(one) for one in self.compared.values]

    @property
    def value_basis(self) -> ValueBasis:
        """Whether somebody states it or it is computed."""
        return ValueBasis.COMPUTED if isinstance(self.found, ComputedPoints) else ValueBasis.REPORTED

    @property
    def column(self) -> list[Period]:
        """The names of its periods."""
        return [Period(period.text) for period in self.found.periods]

    @property
    def numbers(self) -> list[Decimal | None]:
        """Its exact numbers."""
        if isinstance(self.found, ComputedPoints):
            return [number_of(value.outcome) for value in self.found.values]
        return [None if row is None else row["value"] for row in self.found.rows]

    def _stated_points(self, found: SeriesPoints) -> list[Point]:
        return [
            Point(
                period=Period(period.text),
                value=None if row is None else number(row["value"]),
                exact=None if row is None else row["value"],
                text=None if row is None else row["text"],
                absence=Absence.NO_DATA
                if row is None
                else absence_of(row["value"], row["low"], row["id"], row["absence"], self.unit.notation),
                source=None if row is None else source_of(row),
                unfinished=period.end > self.today,
            )
            for period, row in zip(found.periods, found.rows, strict=True)
        ]

    def _computed_points(self, found: ComputedPoints) -> list[Point]:
        return [
            computed_point(self.organization_id, period, value, unfinished=period.end > self.today)
            for period, value in zip(found.periods, found.values, strict=True)
        ]


def computed_point(organization_id: int, period: Days, value: Calculated, *, unfinished: bool) -> Point:
    """A computed value as a point."""
    exact, completeness = number_of(value.outcome), value.completeness
    absent = value.outcome if isinstance(value.outcome, Absent) else None
    return Point(
        period=Period(period.text),
        value=number(exact),
        exact=exact,
        text=value.outcome if isinstance(value.outcome, str) else None,
        absence=None if absent is None else absent.absence,
        source=None,
        reason=None if absent is None else absent.reason or None,
        complete=None if completeness is None else completeness.complete,
        completeness=None if completeness is None else str(completeness),
        stale=value.stale,
        pending=value.pending,
        kept_in=None if value.kept_in is None else (organization_id, value.kept_in),
        unfinished=unfinished,
    )


def comparison_of(period: Days | None, earlier: Decimal | None, exact: Decimal | None, unit: str) -> PointComparison:
    """A number beside an earlier one."""
    moved = None if exact is None or earlier is None else change(exact, earlier, parse_unit(unit))
    return PointComparison(
        period=None if period is None else Period(period.text),
        value=number(earlier),
        exact=earlier,
        change=None if moved is None else trimmed(moved.amount),
        change_ratio=None if moved is None else number(moved.ratio),
        change_points=None if moved is None or moved.points is None else trimmed(moved.points),
    )
