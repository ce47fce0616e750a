"""What the product family shows beside its metrics: which features are used by how many."""

from typing import Annotated

import strawberry

from kpi_server.api.types.family_view import (
    FamilyView,
    FirstRows,
    Info,
    PeriodArgument,
    Value,
    computed,
    largest_rows,
)

By = Annotated[str, strawberry.argument(description='The segment key whose values are the rows: "feature".')]
PARTS = {"users": "feature_users", "eligible": "eligible_users", "adoption": "feature_adoption"}


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
        self, info: Info, period: PeriodArgument, by: By = "feature", first: FirstRows = 20
    ) -> list[ProductFeatureUse] | None:
        found = await self.values_by_segment(info, [*PARTS.values()], recorded="feature_users", by=by, period=period)
        uses = [
            ProductFeatureUse(feature=feature, **{part: values[key] for part, key in PARTS.items()})
            for feature, values in found
        ]
        return largest_rows(uses, first, of=lambda use: (use.adoption, use.feature))
