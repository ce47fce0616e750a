"""The fields of the financial family beside its metrics."""

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

PARTS = ("opening", "new", "expansion", "contraction", "churned", "closing")


@strawberry.type(description="How monthly recurring revenue came from the opening of a period to its closing.")
class FinancialMrrBridge:
    period: Period = strawberry.field(description="The period.")
    opening: Value = strawberry.field(description="With what it began.")
    new: Value = strawberry.field(description="What customers won in it brought.")
    expansion: Value = strawberry.field(description="What customers added.")
    contraction: Value = strawberry.field(description="What customers who stayed gave up, as a positive amount.")
    churned: Value = strawberry.field(description="What was lost with customers who left, as a positive amount.")
    closing: Value = strawberry.field(description="With what it ended: the opening and the movements.")


@strawberry.type
class FinancialFields(FamilyView):
    """What a chart of recurring revenue is drawn from."""

    @computed("How monthly recurring revenue moved from period to period: at most 100, computed from what is recorded.")
    async def mrr_bridge(
        self,
        info: Info,
        from_: FromArgument,
        to: ToArgument,
        grain: GrainArgument = Grain.MONTH,
        segment: SegmentArgument = None,
    ) -> list[FinancialMrrBridge] | None:
        keys = [f"{part}_mrr" for part in PARTS]
        rows = await self.values_by_period(info, keys, first=from_, last=to, grain=grain, segment=segment)
        return [
            FinancialMrrBridge(period=period, **{part: values[f"{part}_mrr"] for part in PARTS})
            for period, values in rows
        ]
