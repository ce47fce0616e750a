"""Measures of an organization, and tables of KPIs and measures; numbers are worked out by hand from measured.py."""

import pytest

pytestmark = pytest.mark.families


@pytest.fixture
def auterity(ask_measured):
    """Asks for fields of the organization that records measures."""

    async def asking(selection):
        return await ask_measured(f'{{ organization(slug: "auterity") {{ {selection} }} }}')

    return asking


@pytest.fixture
def table(auterity):
    """Asks for a table of numbers by month, of January and February 2026 unless other periods are named."""

    async def asking(arguments, selection="rows { key segment exact }", span='from: "2026-01", to: "2026-02"'):
        answer = await auterity(f"metrics({arguments}, grain: MONTH, {span}) {{ {selection} }}")
        return answer.errors or answer.data["organization"]["metrics"]

    return asking


async def test_a_measure_says_how_it_rolls_up_and_what_is_recorded_of_it(auterity):
    answer = await auterity(
        """measures(family: "customer", recorded: true) { totalCount nodes {
            key name unit { notation } across overTime recorded grains segmentKeys firstDay lastStart usedBy sketch
        } }"""
    )
    found = answer.data["organization"]["measures"]
    nodes = {node["key"]: node for node in found["nodes"]}
    assert {"customer.customers_lost", "customer.opening_customers"} <= nodes.keys()
    assert "customer.churn_probability" not in nodes  # of which nothing is recorded
    assert found["totalCount"] == len(nodes)
    opening = nodes["customer.opening_customers"]
    assert {"customer.churn", "customer.retention"} <= set(opening.pop("usedBy"))
    assert opening == {
        "key": "customer.opening_customers", "name": "Customers at the start",
        "unit": {"notation": "COUNT(customer)"}, "across": "SUM", "overTime": "FIRST", "recorded": True,
        "grains": ["MONTH"], "segmentKeys": ["plan"], "firstDay": "2025-01-01", "lastStart": "2026-02-01",
        "sketch": None,
    }  # fmt: skip


async def test_measures_are_read_page_by_page(auterity):
    first = await auterity("measures(first: 3) { nodes { key } pageInfo { hasNextPage endCursor } }")
    page = first.data["organization"]["measures"]
    assert page["pageInfo"]["hasNextPage"] is True
    after = page["pageInfo"]["endCursor"]
    both = await auterity(
        f'next: measures(first: 2, after: "{after}") {{ nodes {{ key }} pageInfo {{ hasPreviousPage }} }}'
        "all: measures(first: 5) { nodes { key } } end: measures(last: 1) { nodes { key } }"
    )
    keys = [node["key"] for node in both.data["organization"]["all"]["nodes"]]
    assert [node["key"] for node in page["nodes"]] == keys[:3]
    assert [node["key"] for node in both.data["organization"]["next"]["nodes"]] == keys[3:]
    assert both.data["organization"]["next"]["pageInfo"]["hasPreviousPage"] is True
    assert both.data["organization"]["end"]["nodes"][0]["key"] > keys[-1]


async def test_a_table_has_a_row_for_each_kpi_and_measure_and_a_column_for_each_period(table):
    found = await table(
        'kpis: ["financial.mrr", "Churn rate", "customer.customers_lost"]',
        "grain periods rows { key name segment basis exact values } totals { key }",
    )
    assert (found["grain"], found["periods"], found["totals"]) == ("MONTH", ["2026-01", "2026-02"], [])
    assert found["rows"] == [
        {"key": "financial.mrr", "name": "Monthly Recurring Revenue", "segment": "", "basis": "COMPUTED",
         "exact": ["1030.5", "1100"], "values": [1030.5, 1100.0]},
        {"key": "customer.churn", "name": "Customer Churn Rate", "segment": "", "basis": "COMPUTED",
         "exact": ["0.043333333333", "0.045714285714"], "values": [0.043333333333, 0.045714285714]},
        {"key": "customer.customers_lost", "name": "Customers lost", "segment": "", "basis": "COMPUTED",
         "exact": ["13", "16"], "values": [13.0, 16.0]},
    ]  # fmt: skip


async def test_a_measure_is_found_by_its_name_and_its_alias_where_no_kpi_has_it(table):
    # 700 + 300 and 830 + 325 open the months; customers at the start are 100 + 200 and 110 + 240
    found = await table('kpis: ["starting mrr", "Customers at the Start", "LTV"]', "rows { key exact }")
    assert found["rows"][:2] == [
        {"key": "financial.opening_mrr", "exact": ["1000", "1155"]},
        {"key": "customer.opening_customers", "exact": ["300", "350"]},
    ]
    assert found["rows"][2]["key"] == "financial.clv"


async def test_a_metric_that_is_no_kpi_of_the_organization_is_computed_all_the_same(table):
    # Auterity manages no retention; 13 of 300 and 16 of 350 customers left
    found = await table('kpis: ["Customer retention"]', "rows { key name basis exact }")
    assert found["rows"] == [
        {
            "key": "customer.retention",
            "name": "Customer retention",
            "basis": "COMPUTED",
            "exact": ["0.956666666667", "0.954285714286"],
        }
    ]


async def test_a_key_of_several_families_is_ambiguous_where_no_kpi_has_it(ask_measured):
    answer = await ask_measured(
        """{ organization(slug: "snapshot-co") {
            metrics(kpis: ["retention"], grain: MONTH, from: "2024-01", to: "2024-01") { periods }
        } }"""
    )
    assert answer.errors == [("AMBIGUOUS", '"retention" may mean customer.retention, people.retention: ask by key')]


async def test_rows_by_segment_are_sorted_cut_and_totalled_by_calculation(table):
    arguments = 'kpis: ["customer.churn"], by: ["plan"], totals: true'
    found = await table(arguments, "rows { segment exact } totals { segment exact }")
    free = {"segment": "plan=free", "exact": ["0.05", "0.05"]}
    pro = {"segment": "plan=pro", "exact": ["0.03", "0.036363636364"]}
    # the total is 13 of 300, neither the sum nor the mean of 5 % and 3 %
    assert found == {
        "rows": [free, pro], "totals": [{"segment": "", "exact": ["0.043333333333", "0.045714285714"]}]
    }  # fmt: skip
    lowest = await table(f"{arguments}, orderBy: LOWEST, first: 1", "rows { segment exact }")
    assert lowest["rows"] == [pro]
    highest = await table(f"{arguments}, orderBy: HIGHEST, first: 1", "rows { segment exact }")
    assert highest["rows"] == [free]


async def test_a_table_inside_a_segment_compares_with_the_year_before(table):
    found = await table(
        'kpis: ["customer.churn"], where: "plan=pro", comparison: YEAR_BEFORE',
        "rows { segment exact comparedValues }",
    )
    # pro lost 4 of 80 in January 2025
    assert found["rows"] == [
        {"segment": "plan=pro", "exact": ["0.03", "0.036363636364"], "comparedValues": [0.05, None]}
    ]


async def test_a_table_of_computed_values_takes_one_statement_however_many_rows_it_has(auterity):
    arguments = 'grain: MONTH, from: "2025-01", to: "2026-02", basis: COMPUTED'
    one = await auterity(f'metrics(kpis: ["customer.churn"], {arguments}) {{ rows {{ exact }} }}')
    many = await auterity(
        'metrics(kpis: ["customer.churn", "customer.annual_churn", "financial.mrr", "financial.arr", '
        f'"financial.mrr_growth", "customer.customers_lost"], {arguments}) {{ rows {{ exact }} }}'
    )
    assert len(many.data["organization"]["metrics"]["rows"]) == 6
    assert many.statements == one.statements


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('kpis: ["No such thing", "customer.churn", "nor this"]', "No such thing, nor this"),
        ("kpis: []", "1 to 200"),
        ('kpis: ["customer.churn"], first: 0', "between 1 and 100"),
        ('kpis: ["financial.path_to_profitability"], basis: COMPUTED', "cannot be computed"),
        ('kpis: ["customer.churn"], where: "plan"', "segments read like"),
    ],
)
async def test_a_table_of_what_is_not_there_is_refused(table, arguments, message):
    (error,) = await table(arguments)
    assert message in error[1]
