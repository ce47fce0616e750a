"""Series as the schema shows them: points, and columns for those who draw."""

from decimal import Decimal

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.scalars import Period
from kpi_server.api.standing import Measure
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import Unit, absence_of, number
from kpi_server.domain.absence import Absence
from kpi_server.domain.period import Grain
from kpi_server.services.series import SeriesPoints


@strawberry.type(description="The value of a KPI for one period: what was recorded, else what is printed of it.")
class Point:
    period: Period = strawberry.field(description="The period.")
    value: float | None = strawberry.field(description="The number, for charts.")
    exact: Decimal | None = strawberry.field(description="The number, exactly; ratios are fractions.")
    text: str | None = strawberry.field(description="Its words, as printed or recorded.")
    absence: Absence | None = strawberry.field(description="Why there is no number: NO_DATA for a gap.")
    source: Source | None = strawberry.field(description="Where it is from; null for a gap.")


@strawberry.type(description="The values of one KPI over consecutive periods, without gaps: one entry for each period.")
class Series:
    grain: Grain = strawberry.field(description="The length of its periods.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    unit: Unit = strawberry.field(description="What its numbers are in.")
    found: strawberry.Private[SeriesPoints]

    @classmethod
    def shown(cls, found: SeriesPoints, *, segment: str, measure: Measure) -> "Series":
        return cls(grain=found.grain, segment=segment, unit=Unit.shown(measure.unit), found=found)

    @computed("The values one by one, the earliest first.")
    def points(self) -> list[Point]:
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
            )
            for period, row in zip(self.found.periods, self.found.rows, strict=True)
        ]

    @computed("Its periods, as a column.")
    def periods(self) -> list[Period]:
        return [Period(period.text) for period in self.found.periods]

    @computed("Its numbers for charts, as a column; null for a gap.")
    def values(self) -> list[float | None]:
        return [None if row is None else number(row["value"]) for row in self.found.rows]

    @computed("Its exact numbers, as a column; null for a gap.")
    def exact(self) -> list[Decimal | None]:
        return [None if row is None else row["value"] for row in self.found.rows]
