"""What fields of families' own take is counted on made-up rows, and who takes too many is named with the counts."""

import pytest

from kpi_server.api.schema import build_schema
from kpi_server.api.statement_budget import budget_checks
from kpi_server.domain.conformance.check import Rule
from kpi_server.plugin import Across, Direction, Family, Measure, Metric, OverTime, Sketch, hookimpl, parse_unit
from kpi_server.registry import Candidate, build

COUNTED = {"description": "It is counted.", "source": "menu:1"}


class Wasteful:
    @hookimpl
    def kpi_family(self):
        return Family(name="bakery", title="Bakery", description="What is baked.", api_version=1)

    @hookimpl
    def kpi_metrics(self):
        unit = parse_unit("RATIO")
        return [Metric(key="waste", name="Waste", unit=unit, direction=Direction.DOWN, **COUNTED)]

    @hookimpl
    def kpi_measures(self):
        loaves, guests = parse_unit("COUNT(loaf)"), parse_unit("COUNT(guest)")
        sums = {"across": Across.SUM, "over_time": OverTime.SUM}
        merged = {"across": Across.MERGE, "over_time": OverTime.MERGE, "sketch": Sketch.DISTINCT}
        return [
            Measure(key="baked", name="Baked", unit=loaves, **sums, **COUNTED),
            Measure(key="guests", name="Guests", unit=guests, **merged, **COUNTED),
        ]

    @hookimpl
    def kpi_fields(self):
        return "tests.integration.api.wasteful:BakeryFields"


async def test_who_takes_more_statements_than_declared_or_one_a_row_is_named(database):
    registry = build([Candidate("bakery", "kpi-server-bakery", "1.0.0", __file__, Wasteful())])
    (loaded,) = registry.families
    checks = await budget_checks(build_schema(registry), registry, loaded, database)
    assert {check.rule for check in checks} == {Rule.STATEMENTS}
    problems = {check.subject: check.problem for check in checks}
    # One statement tells the ovens, and each value takes as many as the others together do.
    few = int(problems["bakery.oneByOne"].split()[1])
    many = 6 * (few - 1) + 1
    assert problems == {
        "bakery.ovens": "",
        "bakery.oneByOne": f"takes {few} statements for 2 rows and {many} for 12: ask for all rows at once",
        "bakery.greedy": "takes 3 statements, and declares 2",
        "bakery.honest": "",
        "bakery.broken": "fails: invalid literal for int() with base 10: 'none'",
    }


@pytest.mark.families
async def test_the_families_that_come_with_the_server_ask_for_all_rows_at_once(registry, database):
    schema = build_schema(registry)
    checks = [
        check for loaded in registry.families for check in await budget_checks(schema, registry, loaded, database)
    ]
    assert [check.problem for check in checks if check.problem] == []
    assert {check.subject for check in checks} >= {
        "course.courseFunnel", "customer.signupFunnel", "financial.mrrBridge", "market.shareByRegion",
        "people.headcountBridge", "product.adoptionByFeature", "technical.errorBudget",
    }  # fmt: skip
