"""What the people family shows beside its metrics: how the number of employees moves."""

import strawberry

from kpi_server.api.types.family_view import (
    FamilyView,
    FromArgument,
    Grain,
    GrainArgument,
    Info,
    Period,
    SegmentArgument,
    ToArgument,
    Value,
    computed,
)

PARTS = {
    "opening": "employees_at_start",
    "joined": "employees_joined",
    "left": "employees_left",
    "closing": "employees",
}


@strawberry.type(description="How the number of employees came from the opening of a period to its closing.")
class PeopleHeadcountBridge:
    period: Period = strawberry.field(description="The period.")
    opening: Value = strawberry.field(description="Employees with whom it began.")
    joined: Value = strawberry.field(description="Those who came in it, worked out from the others.")
    left: Value = strawberry.field(description="Those who left in it.")
    closing: Value = strawberry.field(description="Employees with whom it ended.")


@strawberry.type
class PeopleFields(FamilyView):
    """What a chart of the headcount is drawn from."""

    @computed("How the headcount moved from period to period: at most 100, computed from what is recorded.")
    async def headcount_bridge(
        self,
        info: Info,
        from_: FromArgument,
        to: ToArgument,
        grain: GrainArgument = Grain.MONTH,
        segment: SegmentArgument = None,
    ) -> list[PeopleHeadcountBridge] | None:
        keys = [*PARTS.values()]
        rows = await self.values_by_period(info, keys, first=from_, last=to, grain=grain, segment=segment)
        return [
            PeopleHeadcountBridge(period=period, **{part: values[key] for part, key in PARTS.items()})
            for period, values in rows
        ]
