"""What the documents contradict, from the stored seeds; each expected line was read in the documents."""

import pytest

pytestmark = pytest.mark.families

LINT = """
query ($slug: String!, $filter: FindingFilter) {
  organization(slug: $slug) {
    lint(filter: $filter) {
      severity
      kpi { key }
      left { value source { document line } }
      right { value source { document line } }
      difference
    }
  }
}
"""
MARKETING, DASHBOARDS, FRAMEWORK, SNAPSHOT = "ai-marketing-platform", "datainsight-pro", "auterity", "snapshot-co"


@pytest.fixture
def lint(ask_seeds):
    """The findings of an organization under a filter."""

    async def asking(slug, **wanted):
        answer = await ask_seeds(LINT, variables={"slug": slug, "filter": wanted})
        assert answer.errors == []
        return answer.data["organization"]["lint"]

    return asking


def _line(side):
    source = side["source"]
    return source and f"{source['document']}:{source['line']}"


def _lines(findings):
    return [(_line(found["left"]), _line(found["right"])) for found in findings]


async def test_one_kpi_with_two_targets_in_one_document(lint):
    # Churn below 5 % and below 5 to 7 %, CAC below three months' revenue and below $500, errors below 0.1 % and 0.5 %.
    found = await lint(FRAMEWORK, rule=["TARGETS"])
    assert _lines(found) == [("004:46", "004:154"), ("004:47", "004:578"), ("004:326", "004:376")]
    assert {finding["severity"] for finding in found} == {"ERROR"}
    assert [finding["difference"] for finding in found] == [-0.02, None, -0.004]


async def test_one_kpi_with_another_target_in_the_next_document(lint):
    # Gross margin 80 then 82 %, API response below 200 then 150 ms, feature adoption 75 then 80 %.
    found = await lint(MARKETING, rule=["TARGETS"])
    assert _lines(found) == [("001:35", "002:108"), ("001:71", "002:58"), ("001:72", "002:44")]
    assert {finding["severity"] for finding in found} == {"INFO"}
    assert [finding["difference"] for finding in found] == [-0.02, 0.05, -0.05]


@pytest.mark.parametrize("slug", [DASHBOARDS, SNAPSHOT])
async def test_stages_steps_and_repeated_targets_are_no_second_targets(lint, slug):
    assert await lint(slug, rule=["TARGETS"]) == []


async def test_alert_rules_that_name_no_kpi(lint):
    found = await lint(FRAMEWORK, rule=["ALERT_RULE"])
    assert _lines(found) == [(f"004:{line}", None) for line in (819, 820, 821, 830, 831)]
    assert {finding["kpi"] for finding in found} == {None}


async def test_targets_that_do_not_follow_from_each_other(lint):
    # 2.5M is not 12 x 150K, and 10:1 is not 25,000 / 1,800; in 004 50K / 5,000 is 10 and 5,000 / 200 is 25.
    found = await lint(MARKETING, rule=["FORMULA"])
    assert [(line, finding["right"]["value"]) for (line, _), finding in zip(_lines(found), found, strict=True)] == [
        ("001:26", 1800000), ("001:59", 13.888888888889), ("002:105", 1800000), ("002:117", 13.888888888889),
    ]  # fmt: skip
    found = await lint(FRAMEWORK, rule=["FORMULA"])
    assert [(_line(f["left"]), f["left"]["value"], f["right"]["value"], f["severity"]) for f in found] == [
        ("004:605", 5, 10, "WARNING"), ("004:606", 2, 25, "WARNING"),
    ]  # fmt: skip


async def test_a_lifetime_value_is_checked_through_what_its_inputs_are_made_of(lint):
    # 480,000 / 387 customers x 82 % / 3.2 % churn is 31,783, printed as 35K.
    found = await lint(DASHBOARDS, rule=["FORMULA"], severity=["ERROR"], kpi="financial.clv")
    assert _lines(found) == [("003:103", "003:111")]
    assert round(found[0]["right"]["value"]) == 31783


async def test_a_verdict_that_its_own_rule_does_not_give(lint):
    # 35K is more than 3 x 6.8K and 16 months are fewer than 18, so the rule of 003:124 says Healthy.
    found = await lint(DASHBOARDS, rule=["FORMULA"], kpi="financial.unit_economics_health")
    assert _lines(found) == [("003:124", "003:103")]
    assert (found[0]["severity"], found[0]["difference"]) == ("ERROR", None)


@pytest.mark.parametrize("key", ["financial.arr", "financial.ltv_cac", "people.turnover"])
async def test_figures_that_agree_with_their_formula_are_no_findings(lint, key):
    # 12 x 100K = 1.2M; 18,500 / 2,400 = 7.708, printed 7.7; 100 - 92 % = 8 %.
    assert await lint(MARKETING, rule=["FORMULA"], severity=["ERROR"], kpi=key) == []


async def test_a_rounded_figure_agrees(ask_seeds):
    # 12 x 480K = 5.76M, printed 5.8M.
    compared = "reconciliation { aspect exact tolerance agrees }"
    answer = await ask_seeds(f'{{ organization(slug: "datainsight-pro") {{ kpi(key: "ARR") {{ {compared} }} }} }}')
    assert answer.data["organization"]["kpi"]["reconciliation"] == [
        {"aspect": "FIGURE", "exact": "40000", "tolerance": "50000", "agrees": True},
        {"aspect": "TARGET", "exact": "1000000", "tolerance": "500000", "agrees": False},
    ]


async def test_green_lights_on_missed_targets(lint):
    # Of 49 rows of 001 46 are green; 35, 61 and 80 are near, 71 and 74 met. Of 002's 12 green rows 108 is near.
    found = [line for line, _ in _lines(await lint(MARKETING, rule=["STATUS"]))]
    assert len([line for line in found if line.startswith("001")]) == 41
    assert [line for line in found if line.startswith("002")] == [
        f"002:{line}" for line in (58, 59, 60, 70, 71, 93, 106, 114, 115, 116, 118)
    ]
    assert {"001:26", "001:27", "001:103"} <= set(found)
    assert not {"001:35", "001:36", "001:61", "001:71", "001:74", "001:80", "002:20", "002:108"} & set(found)


@pytest.mark.parametrize("slug", [SNAPSHOT, FRAMEWORK, DASHBOARDS])
async def test_lights_elsewhere_fit(lint, slug):
    assert await lint(slug, rule=["STATUS"]) == []


async def test_kpis_without_an_owner(lint):
    found = await lint(MARKETING, rule=["OWNER"])
    assert [line for line, _ in _lines(found)] == ["001:146", "002:23", "002:43", "002:48", "002:180", "002:182"]
    assert len(await lint(SNAPSHOT, rule=["OWNER"])) == 5


async def test_filters_hold_together_and_an_unknown_kpi_has_no_findings(lint):
    key = "financial.ltv_cac"
    found = await lint(DASHBOARDS, kpi=key, severity=["ERROR"])
    assert _lines(found) == [("003:121", "003:103")]
    assert found[0]["kpi"] == {"key": key}
    assert await lint(DASHBOARDS, kpi="financial.nothing") == []
    assert await lint(DASHBOARDS, rule=[]) == []


async def test_a_key_that_no_text_can_hold_is_refused(ask_seeds):
    answer = await ask_seeds(LINT, variables={"slug": MARKETING, "filter": {"kpi": "a\x00b"}})
    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


async def test_fifty_reconciliations_take_as_many_statements_as_one(ask_seeds):
    query = """query ($count: Int!) { organization(slug: "datainsight-pro") {
      kpis(first: $count) { nodes { reconciliation { formula agrees } } } } }"""
    one = await ask_seeds(query, variables={"count": 1})
    fifty = await ask_seeds(query, variables={"count": 50})
    assert (one.errors, fifty.errors) == ([], [])
    assert one.statements == fifty.statements
    assert sum(len(node["reconciliation"]) for node in fifty.data["organization"]["kpis"]["nodes"]) == 12
