"""The fields of a bakery's family, some of which take too many statements."""

import strawberry

from kpi_server.api.types.family_view import FamilyView, Info, PeriodArgument, Value, computed


async def _asked_thrice(info: Info) -> int:
    return sum([len(await info.context.fetch("select 1 as one")) for _ in range(3)])


@strawberry.type(description="One oven.")
class BakeryOven:
    name: str = strawberry.field(description="Which.")
    baked: Value = strawberry.field(description="What came out of it.")


@strawberry.type
class BakeryFields(FamilyView):
    """What a bakery's board is drawn from."""

    @computed("The ovens, read at once.")
    async def ovens(self, info: Info, period: PeriodArgument, by: str = "oven") -> list[BakeryOven] | None:
        found = await self.values_by_segment(info, ["baked"], recorded="baked", by=by, period=period)
        return [BakeryOven(name=name, baked=values["baked"]) for name, values in found]

    @computed("The ovens, one after the other.")
    async def one_by_one(self, info: Info, period: PeriodArgument, by: str = "oven") -> list[BakeryOven] | None:
        segments = await self.segments(info, "baked", by=by)
        found = [(one, await self.values(info, ["baked"], period=period, segment=one)) for one in segments]
        return [BakeryOven(name=name, baked=values["baked"]) for name, values in found]

    @computed("Too much is asked for it.", statements=2)
    async def greedy(self, info: Info) -> int | None:
        return await _asked_thrice(info)

    @computed("The same, declared.", statements=3)
    async def honest(self, info: Info) -> int | None:
        return await _asked_thrice(info)

    @computed("It raises.")
    async def broken(self) -> int | None:
        return int("none")
