"""What the technical family shows beside its metrics: the error budget of an availability objective."""

from asyncio import gather
from decimal import Decimal
from typing import Annotated

import strawberry

from kpi_server.api.types.family_view import FamilyView, Info, Period, PeriodArgument, SegmentArgument, Value, computed
from kpi_server.domain.precision import trimmed
from kpi_server.plugin import BadInput
from kpi_server_technical.error_budget import ErrorBudget, error_budget, to_the_end

Objective = Annotated[
    Decimal, strawberry.argument(description="The availability to be reached, as a share: 99.9 % unless stated.")
]


@strawberry.type(description="What an availability objective allows to fail in a period. Times are in seconds.")
class TechnicalErrorBudget:
    period: Period = strawberry.field(description="The period.")
    objective: Decimal = strawberry.field(description="The availability to be reached, as a share.")
    availability: Value = strawberry.field(
        description="The availability so far; where there is none, nothing is known of the budget either."
    )
    budget: strawberry.Private[ErrorBudget | None]

    @computed("What may fail in the whole period; for days without a service time it is taken to be as on the others.")
    def allowed(self) -> Decimal | None:
        return None if self.budget is None else trimmed(self.budget.allowed)

    @computed("What has failed so far.")
    def used(self) -> Decimal | None:
        return None if self.budget is None else trimmed(self.budget.used)

    @computed("What may still fail; negative when more has failed than was allowed.")
    def left(self) -> Decimal | None:
        return None if self.budget is None else trimmed(self.budget.left)

    @computed("The share of the allowed that is used, 1 = all of it; null where nothing is allowed.")
    def used_share(self) -> float | None:
        share = None if self.budget is None else self.budget.used_share
        return None if share is None else float(share)

    @computed("How fast it is used: at 1 it lasts exactly to the period's end, at 2 half as long; null as above.")
    def burn_rate(self) -> float | None:
        rate = None if self.budget is None else self.budget.burn_rate
        return None if rate is None else float(rate)


@strawberry.type
class TechnicalFields(FamilyView):
    """What a board of a service level is drawn from."""

    @computed("What an availability objective allows to fail in a period, and how much of that is used up.")
    async def error_budget(
        self,
        info: Info,
        period: PeriodArgument,
        objective: Objective = Decimal("0.999"),
        segment: SegmentArgument = None,
    ) -> TechnicalErrorBudget | None:
        if not 0 < objective <= 1:
            raise BadInput(f'`objective` is a share above 0 and up to 1, such as "0.999", not {objective}')
        (service, failed), shown = await gather(
            self.calculated(info, ("service_time", "downtime"), period=period, segment=segment),
            self.values(info, ("availability",), period=period, segment=segment),
        )
        elapsed, downtime, budget = service.outcome, failed.outcome, None
        if isinstance(elapsed, Decimal) and isinstance(downtime, Decimal):
            planned = to_the_end(elapsed, service.completeness)
            budget = error_budget(objective=objective, planned=planned, elapsed=elapsed, downtime=downtime)
        return TechnicalErrorBudget(
            period=period, objective=objective, availability=shown["availability"], budget=budget
        )
