"""Why a KPI stands where it stands: which figure counts, which target judges it, and by which rule."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.standing import Measure, Standing
from kpi_server.api.types.calculation import Calculation
from kpi_server.api.types.enums import describe
from kpi_server.api.types.target import Target
from kpi_server.api.types.value import ReportedFigure, number
from kpi_server.domain import target as targets
from kpi_server.domain.explanation import status_rule
from kpi_server.domain.selection import FigureReason, TargetReason
from kpi_server.domain.status import Near, NearKind, Status, default_near
from kpi_server.domain.target import Operator
from kpi_server.services.standing import reasons
from kpi_server.store.reads import Key, Record

describe(
    FigureReason,
    "Why a figure is current: the first point in which it is ahead of the next best of its segment.",
    {
        "NO_FIGURE": "None is stated.",
        "ONLY_FIGURE": "It is the only one; placeholders do not count beside it.",
        "LATEST_PERIOD": "Its period ends last.",
        "LATEST_DOCUMENT": "Its document is the newest.",
        "MOST_BINDING": "It stands in the most binding place: a KPI's row before a tile, an alert or a headline.",
        "PRINTED_LAST": "Of several equally binding ones it is printed last.",
        "RECORDED": "No figure is: a system recorded the value, of the latest period.",
        "COMPUTED": "No figure is: the organization lets the computed value be current, of the latest ended period.",
    },
)
describe(
    TargetReason,
    "Why a target judges: the first point in which it is ahead of the next best of its segment.",
    {
        "NO_TARGET": "None is stated.",
        "NONE_ACTIVE": "There are targets, all for other periods.",
        "ONLY_TARGET": "It is the only one for the figure's period.",
        "LASTING": "The others are steps of a progression or of a stage.",
        "NEWEST_DOCUMENT": "Its document is the newest.",
        "OWN_SECTION": "It stands in the KPI's own section, the others in another's.",
        "MOST_BINDING": "It stands in the most binding place: a KPI's row before a tile, an alert or a stage.",
        "NEAREST_DEADLINE": "Its deadline is the nearest that has not passed.",
        "PRINTED_LAST": "Of several equally binding ones it is printed last.",
        "NEXT_STEP": "There are only steps of a progression, and it is the next of them.",
    },
)
describe(
    NearKind,
    "How it is said how close counts as near.",
    {
        "SHARE": "From this share of the target on.",
        "DISTANCE": "At most so far from the bound, in the KPI's unit.",
        "ERROR_BUDGET": "At most this share more than the target allows to fail.",
    },
)


@strawberry.type(description="How close to its target a miss is near.")
class Tolerance:
    kind: NearKind = strawberry.field(description="How it is said.")
    amount: float = strawberry.field(description="How much, for charts; shares are fractions.")
    exact: Decimal = strawberry.field(description="How much, exactly.")
    stated: bool = strawberry.field(description="Whether the KPI states it; else it is the server's own.")


@strawberry.type(description="Why a KPI stands where it stands in a segment. Every figure and target says its line.")
class Explanation:
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    figure: ReportedFigure | None = strawberry.field(
        description="The figure that is current; null for a recorded value."
    )
    figure_reason: FigureReason = strawberry.field(description="Why it is.")
    other_figures: list[ReportedFigure] = strawberry.field(description="The other figures, in the documents' order.")
    previous: ReportedFigure | None = strawberry.field(description="The figure that counted before.")
    target: Target | None = strawberry.field(description="The target that judges.")
    target_reason: TargetReason = strawberry.field(description="Why it does.")
    other_targets: list[Target] = strawberry.field(description="The other targets, in the documents' order.")
    attainment: float | None = strawberry.field(description="How far the target is attained, 1 = 100 %.")
    acceptable: float | None = strawberry.field(description="From which attainment on the KPI accepts a miss.")
    near: Tolerance | None = strawberry.field(description="How close a miss is near; null without a target.")
    status: Status = strawberry.field(description="The status that follows.")
    rule: str = strawberry.field(description="The rule that gave the status, with the numbers it compared.")
    made: strawberry.Private[Callable[[], Awaitable[Calculation | None]]]

    @computed(
        "How the value is computed for the period that is asked for, else for the current value's; null where it is "
        "not calculated."
    )
    async def calculation(self) -> Calculation | None:
        return await self.made()


async def explanation(
    info: Info, kpi: Key, standing: Standing, measure: Measure, made: Callable[[], Awaitable[Calculation | None]]
) -> Explanation:
    """Why a KPI stands like this in the standing's segment."""
    loaders = info.context.loaders
    why = reasons(await loaders.facts_of_kpis.load(kpi), segment=standing.segment)
    figures = _others(await loaders.children("reported_figures", "kpi_id").load(kpi), standing, standing.figure)
    aims = _others(await loaders.children("targets", "kpi_id").load(kpi), standing, standing.target)
    near = _near(standing, measure)
    attained = standing.column("attainment")
    return Explanation(
        segment=standing.segment,
        figure=None if standing.figure is None else ReportedFigure.of(standing.figure),
        figure_reason=why.figure,
        other_figures=[ReportedFigure.of(row) for row in figures],
        previous=None if standing.previous is None else ReportedFigure.of(standing.previous),
        target=None if standing.target is None else Target.of(standing.target),
        target_reason=why.target,
        other_targets=[Target.of(row) for row in aims],
        attainment=number(attained),
        acceptable=number(measure.acceptable),
        near=None if near is None else _tolerance(near, measure),
        status=standing.status,
        rule=status_rule(
            standing.status, attained=attained, near=near, acceptable=measure.acceptable, unit=measure.unit
        ),
        made=made,
    )


def _others(rows: list[Record], standing: Standing, chosen: Record | None) -> list[Record]:
    taken = None if chosen is None else chosen["id"]
    return [row for row in rows if row["segment"] == standing.segment and row["id"] != taken]


def _near(standing: Standing, measure: Measure) -> Near | None:
    """The tolerance that was applied: the KPI's own, else the one that fits the target."""
    row = standing.target
    if row is None:
        return None
    aim = targets.Target(
        text=row["text"],
        operator=Operator(row["operator"]),
        value=standing.column("target_value"),
        low=row["low"],
        high=row["high"],
        multiple=row["multiple"],
    )
    return measure.near or default_near(aim, measure.unit)


def _tolerance(near: Near, measure: Measure) -> Tolerance:
    return Tolerance(kind=near.kind, amount=float(near.amount), exact=near.amount, stated=measure.near is not None)
