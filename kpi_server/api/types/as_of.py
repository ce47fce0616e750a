"""Moments of the past as callers write them."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry


@strawberry.input(description="A moment of an organization: one of these.", one_of=True)
class AsOf:
    version: int | None = strawberry.field(
        default=strawberry.UNSET, description="After the write of this number: see Organization.version."
    )
    time: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="After all writes up to this moment."
    )


AsOfArgument: TypeAlias = Annotated[
    AsOf | None,
    strawberry.argument(
        name="asOf",
        description="As it was then, with everything below it. Such an operation asks for this organization alone.",
    ),
]
