"""Computed series, by segment, compared and aligned; the numbers are worked out by hand from measured.py."""

from datetime import UTC, datetime

import pytest

pytestmark = pytest.mark.families


@pytest.fixture
def series(ask_measured):
    """Asks for a series of one of Auterity's KPIs."""

    async def asking(key, arguments, selection, statements=None, **options):
        document = (
            f'{{ organization(slug: "auterity") {{ kpi(key: "{key}") {{ series({arguments}) {{ {selection} }} }} }} }}'
        )
        answer = await ask_measured(document, **options)
        if statements is not None:
            assert answer.statements <= statements
        return answer.errors or answer.data["organization"]["kpi"]["series"]

    return asking


async def test_a_series_is_computed_where_nothing_is_stated(series):
    found = await series(
        "customer.churn",
        'grain: MONTH, from: "2025-11", to: "2026-02"',
        "basis grain periods exact values points { absence reason complete unfinished }",
        statements=6,
    )
    # nothing; 5 of 250; 13 of 300; 16 of 350
    assert (found["basis"], found["periods"]) == ("COMPUTED", ["2025-11", "2025-12", "2026-01", "2026-02"])
    assert found["exact"] == [None, "0.02", "0.043333333333", "0.045714285714"]
    assert found["values"] == [None, 0.02, 0.043333333333, 0.045714285714]
    assert found["points"][0] == {
        "absence": "NO_DATA", "complete": None, "unfinished": False,
        "reason": "nothing is recorded of customer.customers_lost; nothing is recorded of customer.opening_customers",
    }  # fmt: skip


async def test_an_open_series_reaches_over_all_that_is_recorded(series):
    found = await series("customer.churn", "grain: MONTH, last: 3", "periods")
    assert found == {"periods": ["2025-12", "2026-01", "2026-02"]}
    whole = await series("customer.churn", "grain: MONTH", "periods")
    # from January 2024, of which only customers lost are recorded, to February 2026
    assert (whole["periods"][0], len(whole["periods"])) == ("2024-01", 26)


async def test_reported_values_are_never_mixed_with_computed_ones(series):
    arguments = 'grain: MONTH, from: "2026-01", to: "2026-02", basis: REPORTED'
    found = await series("customer.churn", arguments, "basis values points { absence reason }")
    assert found == {
        "basis": "REPORTED", "values": [None, None],
        "points": [{"absence": "NO_DATA", "reason": None}] * 2,
    }  # fmt: skip


async def test_parts_are_series_of_their_own(series):
    found = await series(
        "customer.churn",
        'grain: MONTH, from: "2026-01", to: "2026-02", by: ["plan"]',
        "segment exact groups { segment basis exact groups { segment } }",
        statements=7,
    )
    # pro: 3 of 100, 4 of 110; free: 10 of 200, 12 of 240
    assert found == {
        "segment": "", "exact": ["0.043333333333", "0.045714285714"],
        "groups": [
            {"segment": "plan=free", "basis": "COMPUTED", "exact": ["0.05", "0.05"], "groups": []},
            {"segment": "plan=pro", "basis": "COMPUTED", "exact": ["0.03", "0.036363636364"], "groups": []},
        ],
    }  # fmt: skip


async def test_a_key_of_no_segment_has_no_parts_and_a_word_that_is_no_key_is_refused(series):
    arguments = 'grain: MONTH, from: "2026-01", to: "2026-01"'
    assert await series("customer.churn", f'{arguments}, by: ["region"]', "groups { segment }") == {"groups": []}
    (error,) = await series("customer.churn", f'{arguments}, by: ["Not a key!"]', "groups { segment }")
    assert "is no segment key" in error[1]


async def test_each_value_is_held_against_the_same_period_of_the_year_before(series):
    found = await series(
        "customer.churn",
        'grain: MONTH, from: "2026-01", to: "2026-02", comparison: YEAR_BEFORE',
        "comparedValues points { comparison { period exact change changeRatio changePoints } }",
        statements=6,
    )
    # January 2025: 10 of 200 = 5 %; 4.3333 % is 0.6667 points below
    assert found["comparedValues"] == [0.05, None]
    assert found["points"][0]["comparison"] == {
        "period": "2025-01", "exact": "0.05", "change": "-0.006666666667", "changeRatio": None,
        "changePoints": "-0.6666666667",
    }  # fmt: skip
    assert found["points"][1]["comparison"] == {
        "period": "2025-02", "exact": None, "change": None, "changeRatio": None, "changePoints": None,
    }  # fmt: skip


async def test_amounts_change_by_a_share_of_the_value_before(series):
    # of December nobody recorded subscriptions
    found = await series(
        "financial.mrr",
        'grain: MONTH, from: "2026-01", to: "2026-01", comparison: PREVIOUS',
        "points { exact comparison { period exact change changeRatio } }",
    )
    assert found["points"] == [
        {"exact": "1030.5", "comparison": {"period": "2025-12", "exact": None, "change": None, "changeRatio": None}}
    ]


async def test_a_period_that_has_not_ended_is_marked_left_out_or_compared_to_date(series):
    january = datetime(2026, 1, 1, 12, tzinfo=UTC)
    arguments = 'grain: MONTH, from: "2025-12", to: "2026-01"'
    marked = await series("customer.churn", arguments, "points { period unfinished }", now=january)
    assert marked["points"] == [
        {"period": "2025-12", "unfinished": False}, {"period": "2026-01", "unfinished": True},
    ]  # fmt: skip
    left_out = await series("customer.churn", f"{arguments}, alignment: COMPLETE", "periods", now=january)
    assert left_out == {"periods": ["2025-12"]}


async def test_to_date_as_many_days_of_the_earlier_period_count_as_have_passed(series):
    # On 1 January one day has passed: of 2025 only its first day counts, of which nothing is recorded by day.
    january = datetime(2026, 1, 1, 12, tzinfo=UTC)
    arguments = 'grain: MONTH, from: "2026-01", to: "2026-01", comparison: YEAR_BEFORE'
    whole = await series("customer.churn", arguments, "comparedValues", now=january)
    to_date = await series("customer.churn", f"{arguments}, alignment: TO_DATE", "comparedValues", now=january)
    assert (whole["comparedValues"], to_date["comparedValues"]) == ([0.05], [None])


async def test_printed_values_are_compared_with_printed_ones(ask_seeds):
    # 000:41 prints 22 minutes for 2024-Q1, 000:43 35 minutes for the quarter before: 780 seconds less
    answer = await ask_seeds(
        """{ organization(slug: "snapshot-co") { kpi(key: "MTTR") {
            series(grain: QUARTER, from: "2024-Q1", to: "2024-Q1", comparison: PREVIOUS) {
                basis points { exact comparison { period exact change changeRatio } } comparedValues
            }
        } } }"""
    )
    series = answer.data["organization"]["kpi"]["series"]
    assert (series["basis"], series["comparedValues"]) == ("REPORTED", [2100.0])
    (point,) = series["points"]
    assert point["comparison"] | {"changeRatio": round(point["comparison"]["changeRatio"], 6)} == {
        "period": "2023-Q4", "exact": "2100", "change": "-780", "changeRatio": -0.371429,
    }  # fmt: skip


async def test_series_of_a_page_of_kpis_take_no_more_statements_than_one(ask_measured):
    answer = await ask_measured(
        """{ organization(slug: "auterity") { kpis(first: 50) { nodes { key
            series(grain: MONTH, from: "2026-01", to: "2026-02", comparison: PREVIOUS, basis: COMPUTED) { exact }
        } } } }"""
    )
    found = {node["key"]: node["series"] for node in answer.data["organization"]["kpis"]["nodes"]}
    assert found["customer.churn"]["exact"] == ["0.043333333333", "0.045714285714"]
    assert answer.statements <= 4
