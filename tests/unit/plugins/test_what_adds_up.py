"""What adds up in four families, and what is refused, from recorded values on.

Each case records measures as a system would, by day or month and by segment, and asks for a metric in a longer period
or over all segments.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pytest

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.calculation import Calculation, Definitions, Line
from kpi_server.domain.expression.decimals import Outcome
from kpi_server.domain.period import parse_period
from kpi_server.domain.rollup import Additivity, Recorded, roll_up
from kpi_server.domain.segment import read_segment
from kpi_server.domain.sketch.distinct import distinct, estimate
from kpi_server.domain.sketch.histogram import count, histogram
from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.plugin import Measure
from kpi_server.registry import Registry

LATER = date(2027, 1, 1)


class Row(NamedTuple):
    """One recorded value: of a segment and a period a number, the subjects that were counted, or the times measured."""

    period: str
    value: int | str | list[str] | list[Decimal]
    segment: str = ""
    weight: int | None = None


Rows = Mapping[str, Sequence[Row]]


def _recorded(row: Row) -> Recorded:
    segment, period = read_segment(row.segment), parse_period(row.period)
    if not isinstance(row.value, list):
        weight = None if row.weight is None else Decimal(row.weight)
        return Recorded(segment, period, Decimal(row.value), weight)
    if isinstance(row.value[0], str):
        sketch = distinct(map(str, row.value))
        return Recorded(segment, period, estimate(sketch), sketch=sketch)
    sketch = histogram(map(Decimal, row.value))
    return Recorded(segment, period, Decimal(count(sketch)), sketch=sketch)


def _additivity(key: str, measure: Measure) -> Additivity:
    return Additivity(key, measure.across, measure.over_time, measure.sketch, measure.alternative)


def outcome(registry: Registry, key: str, period: str, rows: Rows, segment: str = "") -> Outcome:
    """What a metric is in a cell of these recorded values."""
    family = key.partition(".")[0]
    recorded = {f"{family}.{measure}": [_recorded(row) for row in given] for measure, given in rows.items()}
    definitions = Definitions(registry.calculators, {k: _additivity(k, m) for k, m in registry.measures.items()})
    calculation = Calculation(definitions, LATER)
    line = Line(key, segment, (parse_period(period),))
    calculation.rolled = {
        (measure, own): {
            frame: roll_up(recorded.get(measure, ()), read_segment(own), frame, definitions.measures[measure])
            for frame in frames
        }
        for (measure, own), frames in calculation.leaves([line]).items()
    }
    (value,) = calculation.values(line)
    return value.outcome


USERS: Rows = {
    "active_users": [
        Row("2026-03-30", ["ann", "bob"], "plan=pro"),
        Row("2026-03-30", ["cyd"], "plan=free"),
        Row("2026-03-31", ["bob", "cyd"], "plan=pro"),
        Row("2026-04-01", ["ann", "bob", "dan", "eve"], "plan=pro"),
        Row("2026-04-01", ["fay"], "plan=free"),
    ],
    "average_daily_users": [Row("2026-03-30", 3), Row("2026-03-31", 2), Row("2026-04-01", 5)],
}
CUSTOMERS: Rows = {
    "opening_customers": [Row("2026-01", 300, "plan=pro"), Row("2026-01", 100, "plan=free"), Row("2026-02", 390)],
    "customers": [Row("2026-01", 390), Row("2026-02", 300, "plan=pro"), Row("2026-02", 120, "plan=free")],
    "customers_lost": [Row("2026-01", 16, "plan=pro"), Row("2026-01", 4, "plan=free"), Row("2026-02", 13)],
    "monthly_customers": [Row("2026-01", 380), Row("2026-02", 400), Row("2026-03", 420)],
}
SYSTEMS: Rows = {
    "service_time": [Row("2026-01", 2678400), Row("2026-02", 2419200)],
    "downtime": [Row("2026-01", 26784), Row("2026-02", 0)],
    "response_total": [Row("2026-01-01", 30, "region=eu"), Row("2026-01-01", 10, "region=us"), Row("2026-01-02", 60)],
    "requests": [Row("2026-01-01", 100, "region=eu"), Row("2026-01-01", 300, "region=us"), Row("2026-01-02", 100)],
    "peak_sessions": [Row("2026-01-01", 70), Row("2026-01-02", 90), Row("2026-01-03", 80)],
    "average_sessions": [Row("2026-01-01", 30, "region=eu"), Row("2026-01-01", 20, "region=us")],
    "code_rating": [Row("2026-01", 9, "team=a", 100), Row("2026-01", 6, "team=b", 200)],
    "deployments": [Row("2026-Q1", 23)],
    "delivery_weeks": [Row("2026-Q1", 13)],
}
COURSES: Rows = {
    "course_participants": [Row("2026-01", 150), Row("2026-02", 50)],
    "course_finishers": [Row("2026-01", 117), Row("2026-02", 19)],
    "alumni": [Row("2026-01", 120), Row("2026-02", 150)],
}


@pytest.mark.parametrize(
    ("key", "period", "rows", "expected"),
    [
        ("product.dau", "2026-04-01", USERS, "5"),
        ("product.mau", "2026-03", USERS, "3"),  # ann, bob and cyd, not the 3 + 2 of its days
        ("product.mau", "2026-04", USERS, "5"),
        ("product.month_1_retention", "2026-04", USERS, "1.666666666667"),  # 5 ÷ 3, whoever they are
        ("product.mau_retention", "2026-04", USERS, "0.666666666667"),  # ann and bob of ann, bob and cyd
        ("product.daily_stickiness", "2026-03-31", USERS, "0.666666666667"),  # 2 of the 3 of 30 days
        ("product.dau_mau", "2026-03", USERS, "0.833333333333"),  # (3 + 2) ÷ 2 of 3
        ("customer.churn", "2026-01", CUSTOMERS, "0.05"),  # 20 ÷ 400, not the mean of 16 ÷ 300 and 4 ÷ 100
        ("customer.retention", "2026-Q1", CUSTOMERS, "0.9175"),  # 33 of the 400 that opened the quarter
        ("customer.annual_churn", "2026", CUSTOMERS, "0.0825"),  # 33 ÷ the mean of 380, 400 and 420
        ("customer.total_customers", "2026-Q1", CUSTOMERS, "420"),  # the last month's, over all segments
        ("technical.availability", "2026-Q1", SYSTEMS, "0.994745762712"),  # 26,784 of 5,097,600 seconds
        ("technical.api_response_time", "2026-01", SYSTEMS, "0.2"),  # 100 ÷ 500; the mean of days' means is 0.35
        ("technical.concurrent_users", "2026-01", SYSTEMS, "90"),
        ("technical.average_concurrent_users", "2026-01", SYSTEMS, "50"),
        ("technical.code_quality", "2026-01", SYSTEMS, "7"),  # (9 × 100 + 6 × 200) ÷ 300
        ("technical.deployment_frequency", "2026-Q1", SYSTEMS, "1.769230769231"),
        ("course.completion", "2026-Q1", COURSES, "0.68"),  # 136 of 200, not the mean of 0.78 and 0.38
        ("course.alumni_network", "2026-Q1", COURSES, "150"),
    ],
)
def test_a_metric_of_a_longer_period_stands_on_what_was_rolled_up(
    registry: Registry, key: str, period: str, rows: Rows, expected: str
) -> None:
    assert outcome(registry, key, period, rows) == Decimal(expected)


@pytest.mark.parametrize(
    ("key", "period", "rows", "named"),
    [
        ("product.mau", "2026-Q1", USERS, "product.active_users"),
        ("product.dau", "2026-03", USERS, "product.average_daily_users"),
        ("customer.churn", "2026", CUSTOMERS, "customer.annual_churn"),
        ("customer.annual_churn", "2026-01", CUSTOMERS, "customer.churn"),
        ("technical.data_volume", "2026-01", {"data_processed": [Row("2026-01", 9)]}, "technical.monthly_data_volume"),
        (
            "technical.concurrent_users",
            "2026-01",
            {"peak_sessions": [Row("2026-01", 70, "region=eu"), Row("2026-01", 60, "region=us")]},
            "average_sessions",
        ),
        (
            "product.feature_adoption",
            "2026-01",
            {
                "feature_users": [Row("2026-01", ["ann"], "feature=ai"), Row("2026-01", ["ann"], "feature=api")],
                "eligible_users": [Row("2026-01", 5, "feature=ai"), Row("2026-01", 5, "feature=api")],
            },
            "core_feature_adoption",
        ),
    ],
)
def test_what_does_not_add_up_is_refused_with_what_to_ask_for_instead(
    registry: Registry, key: str, period: str, rows: Rows, named: str
) -> None:
    refused = outcome(registry, key, period, rows)
    assert isinstance(refused, Absent)
    assert refused.absence is Absence.NON_ADDITIVE
    assert named in refused.reason


def test_a_feature_has_its_own_adoption(registry: Registry) -> None:
    rows: Rows = {
        "feature_users": [Row("2026-01", ["ann", "bob"], "feature=ai"), Row("2026-01", ["ann"], "feature=api")],
        "eligible_users": [Row("2026-01", 5, "feature=ai"), Row("2026-01", 4, "feature=api")],
    }
    assert outcome(registry, "product.feature_adoption", "2026-01", rows, "feature=api") == Decimal("0.25")


def test_the_percentile_of_a_week_is_that_of_its_requests(registry: Registry) -> None:
    """Of 110 requests 100 took 0.1 s and 10 took 1 s; the mean of the two days' percentiles would be 0.55 s."""
    rows: Rows = {
        "response_times": [Row("2026-01-05", [Decimal("0.1")] * 100), Row("2026-01-06", [Decimal(1)] * 10)],
    }
    assert registry.measures["technical.response_times"].sketch is Sketch.HISTOGRAM
    for key, expected in (("api_response_time_p95", Decimal(1)), ("api_response_time_p99", Decimal(1))):
        found = outcome(registry, f"technical.{key}", "2026-W02", rows)
        assert isinstance(found, Decimal)
        assert abs(found - expected) <= expected / 50
