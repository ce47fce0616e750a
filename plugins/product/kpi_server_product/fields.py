"""What the product family shows beside its metrics: which features are used by how many."""

from asyncio import gather
from typing import Annotated

import strawberry

from kpi_server.api.types.family_view import FamilyView, Info, PeriodArgument, Value, computed
from kpi_server.plugin import BadInput

_MOST = 100

First = Annotated[int, strawberry.argument(description=f"The most rows, from 1 to {_MOST}.")]
By = Annotated[str, strawberry.argument(description='The segment key whose values are the rows: "feature".')]


@strawberry.type(description="How many of those who may use a feature do.")
class ProductFeatureUse:
    feature: str = strawberry.field(description='The feature, or whatever the rows are by: "ai-processing".')
    users: Value = strawberry.field(description="Different users who used it.")
    eligible: Value = strawberry.field(description="Users who may use it.")
    adoption: Value = strawberry.field(description="The share of the eligible users who used it.")


@strawberry.type
class ProductFields(FamilyView):
    """What a table of features is drawn from."""

    @computed("The features and how many use them in a period, the most adopted first.")
    async def adoption_by_feature(
        self, info: Info, period: PeriodArgument, by: By = "feature", first: First = 20
    ) -> list[ProductFeatureUse] | None:
        if not 1 <= first <= _MOST:
            raise BadInput(f"`first` is between 1 and {_MOST}, not {first}")
        segments = await self.segments(info, "feature_users", by=by)
        uses = await gather(*(self._use(info, period, segment) for segment in segments))
        return sorted(uses, key=_most_adopted)[:first]

    async def _use(self, info: Info, period: str, segment: str) -> ProductFeatureUse:
        keys = ("feature_users", "eligible_users", "feature_adoption")
        found = await self.values(info, keys, period=period, segment=segment)
        return ProductFeatureUse(
            feature=segment.partition("=")[2],
            users=found["feature_users"],
            eligible=found["eligible_users"],
            adoption=found["feature_adoption"],
        )


def _most_adopted(use: ProductFeatureUse) -> tuple[bool, float, str]:
    """Those whose adoption is unknown come last, equals by name."""
    adoption = use.adoption.value
    return adoption is None, -(adoption or 0), use.feature
