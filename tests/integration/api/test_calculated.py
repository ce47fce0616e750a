"""Computed values of KPIs, with what they are made of; the numbers are worked out by hand from measured.py."""

import pytest

pytestmark = pytest.mark.families

SHOWN = "period segment basis exact formatted absence reason complete completeness stale unfinished source { system }"


@pytest.fixture
def kpi(ask_measured):
    """Asks for fields of one of Auterity's KPIs."""

    async def asking(key, selection, statements=None):
        answer = await ask_measured(f'{{ organization(slug: "auterity") {{ kpi(key: "{key}") {{ {selection} }} }} }}')
        if statements is not None:
            assert answer.statements == statements
        return answer.errors or answer.data["organization"]["kpi"]

    return asking


async def test_a_value_is_computed_from_measures_that_were_recorded_by_parts(kpi):
    # 3 + 10 of 100 + 200
    found = await kpi("customer.churn", f'value(period: "2026-01") {{ {SHOWN} }}')
    assert found["value"] == {
        "period": "2026-01", "segment": "", "basis": "COMPUTED", "exact": "0.043333333333", "formatted": "4.33 %/month",
        "absence": None, "reason": None, "complete": True, "completeness": "1 of 1 month", "stale": False,
        "unfinished": False, "source": None,
    }  # fmt: skip


async def test_a_value_is_computed_in_a_segment(kpi):
    found = await kpi("customer.churn", 'value(period: "2026-01", segment: "plan=pro") { exact segment }')
    assert found["value"] == {"exact": "0.03", "segment": "plan=pro"}


async def test_what_is_known_of_half_the_days_says_so(kpi):
    # 1,000 and 10 + 20.50 of two days
    found = await kpi(
        "financial.mrr", 'value(period: "2026-01") { exact formatted complete completeness unit { notation } }'
    )
    assert found["value"] == {
        "exact": "1030.5", "formatted": "$1,030.50/month", "complete": False, "completeness": "2 of 31 days",
        "unit": {"notation": "MONEY(USD)/month"},
    }  # fmt: skip


async def test_a_missing_input_is_named(kpi):
    found = await kpi("financial.mrr", 'value(period: "2025-12") { exact absence reason }')
    assert found["value"] == {
        "exact": None, "absence": "NO_DATA", "reason": "nothing is recorded of financial.subscription_mrr"
    }  # fmt: skip


async def test_a_flow_that_may_be_missing_counts_as_zero(kpi):
    # 1,100 of subscriptions; nothing was billed by use
    found = await kpi("financial.mrr", 'value(period: "2026-02") { exact absence complete }')
    assert found["value"]["exact"] == "1100"


async def test_a_refusal_names_what_to_ask_for(kpi):
    found = await kpi("customer.churn", 'value(period: "2026-Q1") { exact absence reason }')
    assert found["value"] == {
        "exact": None, "absence": "NON_ADDITIVE",
        "reason": "customer.churn is calculated by month, not by quarter: "
        "ask for a month, or for customer.annual_churn",
    }  # fmt: skip


async def test_a_period_that_has_not_ended_is_marked_and_one_that_has_not_begun_is_not_due(kpi):
    # today is 1 March 2026
    found = await kpi(
        "customer.churn",
        'now: value(period: "2026-03") { absence unfinished } later: value(period: "2026-04") { absence reason }',
    )
    assert found == {
        "now": {"absence": "NO_DATA", "unfinished": True},
        "later": {"absence": "NOT_YET_DUE", "reason": "2026-04 has not begun"},
    }


async def test_what_is_only_reported_is_not_computed(kpi):
    found = await kpi("financial.path_to_profitability", 'computed(period: "2026-01") { exact } calculator { formula }')
    assert found == {"computed": None, "calculator": None}


async def test_reported_and_computed_stand_side_by_side(ask_measured):
    # 001:57 prints a churn of the first quarter of 2025; nothing is recorded there
    answer = await ask_measured(
        """{ organization(slug: "ai-marketing-platform") { kpi(key: "customer.churn") {
            current { exact period basis stale reason complete }
            value(period: "2025-Q1") { exact basis period figure { text } source { document line } }
            computed { absence period basis }
            only: value(period: "2025-Q1", basis: COMPUTED) { basis absence }
            none: value(period: "2019-Q1", basis: REPORTED) { absence reason }
        } } }"""
    )
    kpi = answer.data["organization"]["kpi"]
    assert kpi["value"]["exact"] == kpi["current"]["exact"]
    assert kpi["current"] | {"exact": 0} == {
        "exact": 0, "period": "2025-Q1", "basis": "REPORTED", "stale": False, "reason": None, "complete": None,
    }  # fmt: skip
    assert (kpi["value"]["basis"], kpi["value"]["source"]["document"]) == ("REPORTED", "002")
    assert kpi["computed"] == {"absence": "NON_ADDITIVE", "period": "2025-Q1", "basis": "COMPUTED"}
    assert kpi["only"] == {"basis": "COMPUTED", "absence": "NON_ADDITIVE"}
    assert kpi["none"] == {
        "absence": "NO_DATA", "reason": "nothing is reported of customer.churn for 2019-Q1"
    }  # fmt: skip


async def test_an_explanation_goes_down_to_the_observations(kpi):
    found = await kpi(
        "customer.churn",
        """explain(period: "2026-01") { calculation {
            exact period rounding completeness calculator { formula version distribution measures grains alternative }
            inputs {
                key name exact formatted period firstDay lastDay completeness carried observationCount
                observations { period segment exact source { system recordedAt } }
                calculation { key }
            }
        } }""",
    )
    calculation = found["explain"]["calculation"]
    inputs = calculation.pop("inputs")
    assert calculation == {
        "exact": "0.043333333333", "period": "2026-01", "rounding": "to 12 decimals, half to even",
        "completeness": "1 of 1 month",
        "calculator": {
            "formula": "customers lost ÷ customers at the start", "version": 1,
            "distribution": "kpi-server-customer",
            "measures": ["customer.customers_lost", "customer.opening_customers"],
            "grains": ["MONTH"], "alternative": "customer.annual_churn",
        },
    }  # fmt: skip
    assert inputs[0] == {
        "key": "customer.customers_lost", "name": "customers lost", "exact": "13", "formatted": "13",
        "period": "2026-01", "firstDay": "2026-01-01", "lastDay": "2026-01-31", "completeness": "1 of 1 month",
        "carried": False, "observationCount": 2, "calculation": None,
        "observations": [
            {"period": "2026-01", "segment": f"plan={plan}", "exact": exact,
             "source": {"system": "billing", "recordedAt": "2026-02-20T08:00:00+00:00"}}
            for plan, exact in (("free", "10"), ("pro", "3"))
        ],
    }  # fmt: skip
    assert [one["exact"] for one in inputs] == ["13", "300"]


async def test_an_explanation_of_a_metric_of_metrics_explains_those(kpi):
    # MRR of January 2026 is 1,030.50; that of December 2025 is not known
    found = await kpi(
        "financial.mrr_growth",
        """explain(period: "2026-01") { calculation { absence reason inputs {
            name period exact absence observationCount calculation { key period inputs { name exact observationCount } }
        } } }""",
    )
    calculation = found["explain"]["calculation"]
    assert (calculation["absence"], calculation["inputs"][1]["absence"]) == ("NO_DATA", "NO_DATA")
    assert calculation["inputs"][0] == {
        "name": "monthly recurring revenue", "period": "2026-01", "exact": "1030.5", "absence": None,
        "observationCount": 0,
        "calculation": {"key": "financial.mrr", "period": "2026-01", "inputs": [
            {"name": "subscription MRR", "exact": "1000", "observationCount": 1},
            {"name": "usage fees of the month to date", "exact": "30.5", "observationCount": 2},
        ]},
    }  # fmt: skip


async def test_values_of_many_kpis_take_one_statement_of_measures(ask_measured):
    answer = await ask_measured(
        '{ organization(slug: "auterity") { kpis(first: 50) { nodes { key computed(period: "2026-01") { exact } } } } }'
    )
    values = {
        node["key"]: node["computed"]["exact"]
        for node in answer.data["organization"]["kpis"]["nodes"]
        if node["computed"] and node["computed"]["exact"]
    }
    assert (values["customer.churn"], values["financial.mrr"]) == ("0.043333333333", "1030.5")
    assert answer.statements <= 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('period: "2026-01", segment: "plan"', "segments read like"),
        ('period: "2026-W60"', "is no period"),
    ],
)
async def test_arguments_that_name_nothing_are_refused(ask_measured, arguments, message):
    answer = await ask_measured(
        f'{{ organization(slug: "auterity") {{ kpi(key: "customer.churn") {{ value({arguments}) {{ exact }} }} }} }}'
    )
    assert [code for code, _ in answer.errors] in (["BAD_USER_INPUT"], ["?"])
    assert message in answer.errors[0][1]
