"""Conformance finds a roll-up in which it matters how many steps are taken, or that is taken where it is refused."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import product

import pytest

from kpi_server.domain.conformance.check import Check, Rule
from kpi_server.domain.conformance.rollups import rollup_checks
from kpi_server.domain.frame import Frame
from kpi_server.domain.measure import Across, Measure, OverTime
from kpi_server.domain.rollup import Additivity, Recorded, Rolled
from kpi_server.domain.segment import Segment
from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.domain.unit import parse_unit


def measure(across: Across, over_time: OverTime, sketch: Sketch | None = None) -> Measure:
    return Measure(
        key="m",
        name="M",
        unit=parse_unit("COUNT"),
        across=across,
        over_time=over_time,
        description="It is recorded.",
        source="Ledger",
        weight="weight" if across is Across.WEIGHTED else "",
        sketch=sketch,
    )


PLAIN = [
    measure(across, over_time)
    for across, over_time in product(Across, OverTime)
    if Across.MERGE is not across and OverTime.MERGE is not over_time
]
SKETCHES = [measure(Across.MERGE, OverTime.MERGE, kind) for kind in Sketch]


@pytest.mark.parametrize("tried", [*PLAIN, *SKETCHES], ids=lambda one: f"{one.across}-{one.over_time}-{one.sketch}")
def test_steps_do_not_matter_for_any_way_of_adding_up(tried: Measure) -> None:
    assert rollup_checks({"shop.m": tried}) == [Check(Rule.ROLL_UP, "shop.m")]


def mean_of_everything(recorded: Sequence[Recorded], segment: Segment, frame: Frame, how: Additivity) -> Rolled:
    values = [
        one.value
        for one in recorded
        if set(segment.pairs) <= set(one.segment.pairs) and frame.start <= one.period.start < frame.end
    ]
    return Rolled(sum(values, Decimal(0)) / len(values)) if values else Rolled()


def test_a_mean_of_means_is_found() -> None:
    [check] = rollup_checks({"shop.m": measure(Across.SUM, OverTime.SUM)}, mean_of_everything)
    plan_by_plan, month_by_month = check.problem.split("; ")
    assert plan_by_plan.startswith("rolled up plan by plan gives ")
    assert month_by_month.startswith("rolled up month by month gives ")


def test_a_roll_up_that_is_refused_and_taken_all_the_same_is_found() -> None:
    [check] = rollup_checks({"shop.m": measure(Across.NONE, OverTime.NONE)}, mean_of_everything)
    assert [one.partition(" where ")[2] for one in check.problem.split("; ")] == ["it must not be rolled up"] * 2
