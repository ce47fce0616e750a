"""Reported figures beside what recorded measures give of them; the numbers are worked out by hand from measured.py."""

import pytest

pytestmark = pytest.mark.families

COMPARED = """
aspect period segment formula reported { text exact source { document line system } }
calculated { text exact source { line } } inputs { key exact kpi { name } source { line } }
exact differenceRatio differencePoints tolerance agrees completeness stale
"""


@pytest.fixture
def compared(ask_measured):
    """What recorded measures give of one KPI, beside what is reported."""

    async def asking(slug, key):
        answer = await ask_measured(
            f'{{ organization(slug: "{slug}") {{ kpi(key: "{key}") {{ reconciliation {{ {COMPARED} }} }} }} }}'
        )
        assert answer.errors == []
        found = answer.data["organization"]["kpi"]["reconciliation"]
        return [one for one in found if one["aspect"] == "COMPUTED"]

    return asking


async def test_a_printed_ratio_differs_from_the_measures_of_its_period(compared):
    # 35,000 / 6,800 = 5.147…; 3.8 is 26.17 % less
    (found,) = await compared("datainsight-pro", "financial.ltv_cac")
    assert found.pop("differenceRatio") == pytest.approx((3.8 - 35 / 6.8) / (35 / 6.8))
    assert found == {
        "aspect": "COMPUTED", "period": "2025-05", "segment": "",
        "formula": "customer lifetime value ÷ customer acquisition cost",
        "reported": {"text": "3.8:1", "exact": "3.8", "source": {"document": "003", "line": 121, "system": None}},
        "calculated": {"text": "$35,000 ÷ $6,800", "exact": "5.147058823529", "source": None},
        "inputs": [
            {"key": "financial.clv", "exact": "35000", "kpi": {"name": "Customer Lifetime Value"}, "source": None},
            {"key": "financial.cac", "exact": "6800", "kpi": {"name": "Customer Acquisition Cost"}, "source": None},
        ],
        "exact": "-1.347058823529", "differencePoints": None, "tolerance": "0.05", "agrees": False,
        "completeness": "1 of 1 month", "stale": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "text", "computed", "points", "agrees"),
    [
        ("financial.arr", "$5.8M", "5760000", None, True),
        ("financial.mrr", "$480K", "480000", None, True),
        ("financial.gross_margin", "82%", "0.875", "-5.5", False),
        ("customer.churn", "3.2%", "0.03", "0.2", False),
    ],
)
async def test_rounding_is_no_difference_and_that_of_ratios_is_in_points(compared, key, text, computed, points, agrees):
    (found,) = await compared("datainsight-pro", key)
    assert (found["reported"]["text"], found["calculated"]["exact"]) == (text, computed)
    assert (found["differencePoints"], found["agrees"]) == (points, agrees)


async def test_what_a_system_states_itself_is_compared_in_its_own_segment(compared):
    whole, pro = await compared("auterity", "financial.gross_margin")
    assert whole["reported"]["source"] == {"document": None, "line": None, "system": "bi"}
    assert (whole["segment"], whole["period"], whole["calculated"]["exact"]) == ("", "2026-01", "0.819")
    assert (whole["differencePoints"], whole["tolerance"], whole["agrees"]) == ("0.1", "0.005", True)
    assert whole["inputs"] == [
        {"key": "financial.revenue", "exact": "1000", "kpi": None, "source": None},
        {"key": "financial.cost_of_goods_sold", "exact": "181", "kpi": None, "source": None},
    ]
    assert (pro["segment"], pro["calculated"]["exact"]) == ("plan=pro", "0.82")
    assert (pro["differencePoints"], pro["agrees"]) == ("-2", False)


async def test_undated_figures_and_those_without_measures_are_compared_with_nothing(ask_seeds, compared):
    query = '{ organization(slug: "datainsight-pro") { kpi(key: "LTV:CAC") { reconciliation { aspect } } } }'
    answer = await ask_seeds(query)
    assert answer.data["organization"]["kpi"]["reconciliation"] == [{"aspect": "FIGURE"}, {"aspect": "TARGET"}]
    assert await compared("ai-marketing-platform", "financial.ltv_cac") == []


async def test_findings_name_figure_period_and_measures(ask_measured):
    answer = await ask_measured(
        """{ organization(slug: "datainsight-pro") { lint(filter: { rule: [COMPUTED], kpi: "financial.ltv_cac" }) {
            severity message left { value } right { value } difference
        } } }"""
    )
    (found,) = answer.data["organization"]["lint"]
    assert found == {
        "severity": "ERROR",
        "message": "LTV:CAC Ratio: reported as 3.8:1 (003:121) of 2025-05, but customer lifetime value ÷ customer "
        'acquisition cost is 5.15:1 of recorded measures, by "$35,000 ÷ $6,800"',
        "left": {"value": 3.8}, "right": {"value": 5.147058823529}, "difference": -1.347058823529,
    }  # fmt: skip


async def test_all_kpis_of_an_organization_are_computed_by_one_statement(ask_measured):
    query = '{ organization(slug: "datainsight-pro") { kpis(first: %d) { nodes { reconciliation { aspect } } } } }'
    one, fifty = [await ask_measured(query % count) for count in (1, 50)]
    assert one.statements == fifty.statements
    compared = [each["aspect"] for kpi in fifty.data["organization"]["kpis"]["nodes"] for each in kpi["reconciliation"]]
    assert compared.count("COMPUTED") > 5
