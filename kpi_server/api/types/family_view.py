"""A family's part of an organization: what every family shows, and what its own fields are written with."""

from asyncio import gather
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import strawberry

from kpi_server.api.arguments import segment_text, series_window
from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.scalars import Period
from kpi_server.api.types.calculated_kpi import FromArgument, GrainArgument, SegmentArgument, ToArgument
from kpi_server.api.types.family import Family, family_named
from kpi_server.api.types.kpis import kpis_field
from kpi_server.api.types.period_value import KpiPlace, computed_values
from kpi_server.api.types.value import Value
from kpi_server.domain.calculation import Calculated, Wanted
from kpi_server.domain.calendar import parse_calendar
from kpi_server.domain.period import Grain, parse_period
from kpi_server.domain.segment import read_segment
from kpi_server.domain.series import spine
from kpi_server.domain.unit import Unit, fix
from kpi_server.errors import BadInput, TooMany

__all__ = [
    "FamilyView",
    "FirstRows",
    "FromArgument",
    "Grain",
    "GrainArgument",
    "Info",
    "Period",
    "PeriodArgument",
    "SegmentArgument",
    "ToArgument",
    "Value",
    "computed",
    "largest_rows",
]

PeriodArgument: TypeAlias = Annotated[Period, strawberry.argument(description="The period.")]

MOST_PERIODS: Final = 100
"""How many periods one field shows: a list without pages may be no longer than a page."""

_MOST_ROWS: Final = 100

FirstRows: TypeAlias = Annotated[int, strawberry.argument(description=f"The most rows, from 1 to {_MOST_ROWS}.")]

_Row = TypeVar("_Row")


_NO_KPI: Final = 0
"""What is only computed need not be managed as a KPI."""


def largest_rows(rows: Iterable[_Row], first: int, of: Callable[[_Row], tuple[Value, str]]) -> list[_Row]:
    """So many rows of a table, the largest first by the value and name `of` a row: unknown ones last, equals by name.

    Raises:
        BadInput: it is not from 1 to 100.
    """
    if not 1 <= first <= _MOST_ROWS:
        raise BadInput(f"`first` is between 1 and {_MOST_ROWS}, not {first}")
    return sorted(rows, key=lambda row: _place(*of(row)))[:first]


def _place(value: Value, name: str) -> tuple[bool, float, str]:
    return value.value is None, -(value.value or 0), name


@strawberry.type(description="A family's KPIs in an organization.")
class FamilyView:
    """What every family's type has. A family's own fields stand in a class made from this one."""

    organization_id: strawberry.Private[int]
    organization: strawberry.Private[Mapping[str, Any]]
    family_name: strawberry.Private[str]

    kpis = kpis_field("The family's KPIs that the organization manages.", family_of=attrgetter("family_name"))

    @computed("The family itself: where it is from and all that it defines.")
    def family(self, info: Info) -> Family:
        return family_named(info.context.registry, self.family_name)

    async def values_by_period(
        self, info: Info, keys: Sequence[str], *, first: str, last: str, grain: Grain, segment: str | None
    ) -> list[tuple[Period, dict[str, Value]]]:
        """For each period the computed values of metrics and measures of the family, by their keys.

        All of them take one statement, together with what other fields compute.

        Raises:
            BadInput: there are no such periods, or no such segment.
            TooMany: there are more than 100 periods.
        """
        wanted = segment_text(segment)
        places = self._places(info, keys)
        calendar = places[0].calendar
        periods = spine(grain, series_window(first, last, None, calendar), None, calendar)
        if len(periods) > MOST_PERIODS:
            raise TooMany(f"{len(periods)} periods are asked for; {MOST_PERIODS} are allowed: ask for a longer grain.")
        cells = [(place, period) for period in periods for place in places]
        values = iter(await computed_values(info.context, cells, wanted))
        return [(Period(period.text), {key: next(values) for key in keys}) for period in periods]

    async def values(
        self, info: Info, keys: Sequence[str], *, period: str, segment: str | None = None
    ) -> dict[str, Value]:
        """The computed values of metrics and measures of the family in one period, by their keys.

        Raises:
            BadInput: there is no such period, or no such segment.
        """
        cells = [(place, parse_period(period, place.calendar)) for place in self._places(info, keys)]
        return dict(zip(keys, await computed_values(info.context, cells, segment_text(segment)), strict=True))

    async def calculated(
        self, info: Info, keys: Sequence[str], *, period: str, segment: str | None = None
    ) -> list[Calculated]:
        """What these values are made of, to go on calculating with: the numbers, and how much is known of them.

        Raises:
            BadInput: there is no such period, or no such segment.
        """
        wanted = segment_text(segment)
        cells = [
            (place.books(info.context.now), Wanted(place.key, wanted, parse_period(period, place.calendar)))
            for place in self._places(info, keys)
        ]
        return await info.context.loaders.calculated.load_many(cells)

    async def segments(self, info: Info, measure: str, *, by: str) -> Sequence[str]:
        """The segments of one key in which a measure of the family is recorded: "feature=api" by "feature"."""
        recorded = await info.context.loaders.segments_of.load((self.organization_id, f"{self.family_name}.{measure}"))
        return [segment for segment in recorded if [key for key, _ in read_segment(segment).pairs] == [by]]

    async def values_by_segment(
        self, info: Info, keys: Sequence[str], *, recorded: str, by: str, period: str
    ) -> list[tuple[str, dict[str, Value]]]:
        """The same for each segment of one key in which a measure is recorded, with what the key is in it: "api".

        Raises:
            BadInput: there is no such period.
        """
        segments = await self.segments(info, recorded, by=by)
        found = await gather(*(self.values(info, keys, period=period, segment=segment) for segment in segments))
        return [(segment.partition("=")[2], values) for segment, values in zip(segments, found, strict=True)]

    def _places(self, info: Info, keys: Sequence[str]) -> list[KpiPlace]:
        calendar = parse_calendar(self.organization["calendar"], self.organization["time_zone"])
        return [
            KpiPlace(self.organization_id, _NO_KPI, key, _unit(info, key, self.organization["currency"]), calendar)
            for key in (f"{self.family_name}.{name}" for name in keys)
        ]


def _unit(info: Info, key: str, currency: str) -> Unit:
    """The unit that a family declares, in the organization's currency."""
    registry = info.context.registry
    declared = registry.metric(key) or registry.measures[key]
    return fix(declared.unit, currency=currency)
