"""Alerts, scores, prose, governance and analysis: filters, derived numbers, and a constant number of statements."""

import pytest

from kpi_server.api.identity import global_id
from kpi_server.store.organizations import id_of

pytestmark = pytest.mark.families

AI, AUTERITY, DATAINSIGHT, SNAPSHOT = "ai-marketing-platform", "auterity", "datainsight-pro", "snapshot-co"


def _one(slug, selection):
    return f'{{ organization(slug: "{slug}") {{ {selection} }} }}'


@pytest.mark.parametrize(
    ("slug", "field", "count"),
    [
        # 001:142-146, 003:261-360 and 004:817-833: 5 + 9 + 13 = 27 rules
        (AI, "alertRules", 5),
        (DATAINSIGHT, "alertRules", 9),
        (AUTERITY, "alertRules", 13),
        (SNAPSHOT, "alertRules", 0),
        (
            DATAINSIGHT,
            'alertRules(filter: {recipients: {has: "head-of-cs@datainsight.pro"}})',
            2,
        ),  # 003:264 and 003:326
        (DATAINSIGHT, 'alertRules(filter: {recipients: {has: "head-of-cs"}})', 0),
        (DATAINSIGHT, "alertRules(filter: {severity: {in: [CRITICAL]}})", 4),  # 003:265, 003:275, 003:285, 003:300
        (DATAINSIGHT, "alertRules(filter: {severity: {in: [HIGH]}})", 1),  # 003:310
        (DATAINSIGHT, "alertRules(filter: {severity: {in: [CRITICAL, HIGH]}})", 5),
        (DATAINSIGHT, "alertRules(filter: {severity: {in: []}})", 0),
        (DATAINSIGHT, 'alertRules(filter: {alertClass: {eq: "critical"}})', 5),  # 003:255
        (DATAINSIGHT, "alertRules(filter: {transform: {eq: MILESTONE}})", 1),  # 003:361
        (DATAINSIGHT, 'alertRules(filter: {kpi: {eq: "customer.churn"}, severity: {in: [CRITICAL]}})', 1),
        (DATAINSIGHT, 'alertRules(filter: {kpi: {eq: "customer.churn"}, severity: {in: [INFO]}})', 0),
        (AUTERITY, "alertRules(filter: {severity: {in: [CRITICAL]}})", 5),  # 004:817-821 by their class, 004:816
        (AUTERITY, "alertRules(filter: {severity: {in: [WARNING]}})", 4),  # 004:824-827
        (AUTERITY, "alertRules(filter: {severity: {in: [INFO]}})", 4),  # 004:830-833
        (AUTERITY, "alertRules(filter: {transform: {eq: TREND}})", 2),  # 004:830, 004:832
        (AUTERITY, "alertRules(filter: {transform: {eq: SHARE_OF_TARGET}})", 1),  # 004:826
        (AI, 'alertRules(filter: {document: {eq: "002"}})', 0),
        # 001:15-17 and 002:38-48: 3 + 7 = 10 alerts
        (AI, "alerts", 10),
        (AI, 'alerts(filter: {document: {eq: "001"}})', 3),
        (AI, 'alerts(filter: {document: {eq: "002"}})', 7),
        (AI, "alerts(filter: {severity: {in: [HIGH]}})", 3),
        (AI, "alerts(filter: {severity: {in: [MEDIUM, LOW]}})", 4),
        (AI, "alerts(filter: {severity: {in: [CRITICAL]}})", 0),
        (AI, 'alerts(filter: {alertClass: {eq: "yellow"}})', 2),
        (AI, "alerts(filter: {colour: {eq: GREEN}})", 1),  # 001:17
        (AI, 'alerts(filter: {kpi: {eq: "customer.churn"}})', 2),  # 001:15, 002:38
        (DATAINSIGHT, "alerts", 0),
        (AI, "alertClasses", 8),  # 001:159-162, 002:34-46
        (AI, "statements", 46),
        (AI, 'statements(filter: {document: {eq: "001"}})', 25),
        (AI, 'statements(filter: {document: {eq: "001"}, section: {eq: "Footer"}})', 6),  # 001:212-221
        (AI, 'statements(filter: {label: {eq: "Overall Health"}})', 2),  # 001:9, 002:26
        (AI, "statements(filter: {colour: {eq: GREEN}})", 4),  # 001:9, 001:10, 001:12, 002:26
        (AI, 'statements(filter: {kpi: {eq: "market.share"}})', 1),  # 001:11
        (AI, "scores", 7),  # 001:9; 002:26, 63, 74, 85, 96, 120
        (AI, "scores(filter: {subject: {eq: DEPARTMENT}})", 4),
        (AI, "scores(filter: {subject: {eq: FINANCE}})", 1),
        (AI, 'scores(filter: {department: {eq: "sales"}})', 1),
        (AI, 'scores(filter: {document: {eq: "001"}})', 1),
        (AI, "reviews", 5),  # 001:205-208, 001:216
        (AI, "reviews(filter: {cadence: {eq: QUARTERLY}})", 2),
        (AI, "reviews(filter: {cadence: {eq: DAILY}})", 0),
        (AUTERITY, 'reviews(filter: {document: {eq: "004"}})', 2),
        (AI, "accessLevels", 4),
        (AI, "accessLevels(filter: {role: {eq: SUPPORT}})", 1),
        (AI, "classifications", 4),
        (AI, "contacts", 4),
        (AUTERITY, "dataSources", 5),
        (AUTERITY, 'dataSources(filter: {kpis: {has: "technical.error_rate"}})', 2),
        (AUTERITY, 'dataSources(filter: {kpis: {has: "financial.mrr"}})', 1),
        (AUTERITY, 'dataSources(filter: {kpis: {has: "financial.nothing"}})', 0),
        (AUTERITY, "qualityControls", 12),
        (AUTERITY, 'qualityControls(filter: {group: {eq: "timeliness"}})', 3),
        (AI, "trendRows", 8),
        (AI, 'trendRows(filter: {table: {eq: "Growth Trends"}})', 4),
        (AI, 'trendRows(filter: {kpi: {eq: "financial.cac"}})', 1),
        (AI, "trendRows(filter: {colour: {eq: RED}})", 0),
        (AI, 'trendRows(filter: {document: {eq: "001"}})', 0),
        (DATAINSIGHT, "analyticsModels", 3),
        (DATAINSIGHT, "analyticsModels(filter: {kind: {eq: FORECAST}})", 1),
        (AUTERITY, 'segments(filter: {dimension: {eq: "customer"}})', 3),
        (AUTERITY, 'segments(filter: {dimension: {eq: "integration"}})', 3),
        (AUTERITY, 'segments(filter: {dimension: {eq: "nothing"}})', 0),
    ],
)
async def test_filters_narrow_a_list_and_its_count(ask_seeds, slug, field, count):
    answer = await ask_seeds(_one(slug, f"list: {field} {{ totalCount nodes {{ id }} }}"))
    assert answer.errors == []
    found = answer.data["organization"]["list"]
    assert found["totalCount"] == count
    assert len(found["nodes"]) == min(count, 20)
    assert answer.statements == 3  # the organization, the page, the count


@pytest.mark.parametrize(
    "field",
    [
        'alertRules(filter: {recipients: {has: "a\\u0000b"}})',
        'alertRules(filter: {alertClass: {eq: "\\u0000"}})',
        'alerts(filter: {kpi: {eq: "\\u0000"}})',
        'statements(filter: {section: {eq: "\\u0000"}})',
        'scores(filter: {department: {eq: "\\u0000"}})',
        'reviews(filter: {document: {eq: "\\u0000"}})',
        'dataSources(filter: {kpis: {has: "\\u0000"}})',
        'qualityControls(filter: {group: {eq: "\\u0000"}})',
        'trendRows(filter: {table: {eq: "\\u0000"}})',
        'segments(filter: {dimension: {eq: "\\u0000"}})',
    ],
)
async def test_a_text_that_cannot_be_stored_is_refused(ask_seeds, field):
    answer = await ask_seeds(_one(AI, f"{field} {{ totalCount }}"))
    ((code, message),) = answer.errors
    assert code == "BAD_USER_INPUT"
    assert message.endswith("holds a character that no text can store (NUL or half a character)")
    assert answer.statements == 1


@pytest.mark.parametrize(
    ("slug", "arguments", "expected"),
    [
        (AI, "", [10, 0, 3, 2, 2, 2, 0, 1]),
        (AI, '(document: "001")', [3, 0, 0, 0, 0, 2, 0, 1]),  # two warnings and good news, 001:15-17
        (AI, '(document: "002")', [7, 0, 3, 2, 2, 0, 0, 0]),  # 002:27 counts no critical one
        (AI, '(document: "003")', [0, 0, 0, 0, 0, 0, 0, 0]),
        (AUTERITY, "", [0, 0, 0, 0, 0, 0, 0, 0]),
    ],
)
async def test_open_alerts_are_counted_by_severity(ask_seeds, slug, arguments, expected):
    counts = "total critical high medium low warning info unclassified"
    answer = await ask_seeds(_one(slug, f"alertCounts{arguments} {{ {counts} }}"))
    assert answer.errors == []
    assert [answer.data["organization"]["alertCounts"][name] for name in counts.split()] == expected


async def test_a_kpi_knows_its_alerts_rules_and_sources(ask_seeds):
    selection = "alerts { name severity source { document line } } alertRules { condition source { document line } }"
    answer = await ask_seeds(_one(AI, f'kpi(key: "customer.churn") {{ {selection} dataSources {{ name }} }}'))
    assert answer.errors == []
    assert answer.data["organization"]["kpi"] == {
        "alerts": [
            {"name": "Churn Rate", "severity": "WARNING", "source": {"document": "001", "line": 15}},
            {"name": "Customer Churn", "severity": "HIGH", "source": {"document": "002", "line": 38}},
        ],
        "alertRules": [{"condition": "Churn Rate > 4%", "source": {"document": "001", "line": 142}}],
        "dataSources": [],
    }


@pytest.mark.parametrize(
    ("slug", "kpi", "expected"),
    [
        (DATAINSIGHT, "technical.page_load_time", ("5", "5 s")),  # 003:307
        (DATAINSIGHT, "product.core_feature_adoption", ("1", "100 %")),  # 003:351, its own target
        (AUTERITY, "technical.api_response_time_p95", ("0.5", "500 ms")),  # 004:825
        (AUTERITY, "product.feature_adoption", ("0.8", "80 %")),  # 004:826
        (AUTERITY, "customer.user_acquisition", (None, None)),  # 004:832 is a trend
        (AI, "financial.cac", ("0.2", "20 %")),  # 001:143 is a change, not money
    ],
)
async def test_a_threshold_is_in_the_unit_of_what_is_compared(ask_seeds, slug, kpi, expected):
    answer = await ask_seeds(_one(slug, f'kpi(key: "{kpi}") {{ alertRules {{ threshold thresholdFormatted }} }}'))
    assert answer.errors == []
    (rule,) = answer.data["organization"]["kpi"]["alertRules"]
    assert (rule["threshold"], rule["thresholdFormatted"]) == expected


async def test_a_class_lists_its_rules_and_alerts(ask_seeds):
    selection = "alertClasses(first: 100) { nodes { key respondWithinHours alerts { name } rules { name } } }"
    answer = await ask_seeds(_one(AI, selection))
    assert answer.errors == []
    found = {node["key"]: node for node in answer.data["organization"]["alertClasses"]["nodes"]}
    assert {key: (len(node["alerts"]), node["respondWithinHours"]) for key, node in found.items()} == {
        "red": (0, 0),  # 001:159
        "yellow": (2, None),
        "green": (1, None),
        "blue": (0, None),
        "critical": (0, 0),  # 002:34
        "high": (3, 24),
        "medium": (2, 72),
        "low": (2, 168),
    }
    assert answer.statements == 4


async def test_statements_of_a_document_are_its_own(ask_seeds):
    answer = await ask_seeds(_one(AI, "documents { nodes { key statements { source { document } } } }"))
    assert answer.errors == []
    found = {node["key"]: node["statements"] for node in answer.data["organization"]["documents"]["nodes"]}
    assert {key: len(statements) for key, statements in found.items()} == {"001": 25, "002": 21}
    assert all(one["source"]["document"] == key for key, statements in found.items() for one in statements)
    assert answer.statements == 3


async def test_an_organization_without_departments_has_no_health(ask_seeds):
    answer = await ask_seeds(_one(AUTERITY, "health { value exact band coverage contributions { weight } }"))
    assert answer.errors == []
    assert answer.data["organization"]["health"] == {
        "value": None,
        "exact": None,
        "band": None,
        "coverage": 0.0,
        "contributions": [],
    }


async def test_the_first_review_scores_by_its_five_kpis(ask_seeds):
    """000:11-41: 0.85, 0.84, 68 / 70 = 0.971429, 0.9, and 30 / 22 which counts as 1: 4.561429 / 5."""
    answer = await ask_seeds(_one(SNAPSHOT, "departments { nodes { score { value band contributions { score } } } }"))
    assert answer.errors == []
    (department,) = answer.data["organization"]["departments"]["nodes"]
    score = department["score"]
    assert score["value"] == pytest.approx(91.228571, abs=1e-6)
    assert score["band"] == "EXCELLENT"
    assert [one["score"] for one in score["contributions"]] == pytest.approx([85, 84, 97.142857, 90, 100], abs=1e-6)


HALF_DUE = """
update kpi_current set due_on = date '2999-12-31'
where segment = '' and (organization_id, kpi_id) in (
    select organization_id, id from kpis where key = any (array['customer.nps', 'technical.mttr'{more}]))"""


@pytest.mark.parametrize(
    ("more", "coverage", "value"),
    [
        ("", 0.6, pytest.approx((85 + 84 + 90) / 3, abs=1e-9)),
        (", 'product.mau'", 0.4, None),
    ],
)
async def test_kpis_that_are_not_due_lower_the_coverage(ask_clone, seeded_database, more, coverage, value):
    async with seeded_database.write(id_of(SNAPSHOT), action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql(HALF_DUE.format(more=more))
        write.record("kpi_current", 1, "UPDATE")
    selection = "kpiCounts { total notYetDue } health { value } departments { nodes { score { value coverage } } }"
    answer = await ask_clone(_one(SNAPSHOT, selection))
    assert answer.errors == []
    organization = answer.data["organization"]
    assert organization["departments"]["nodes"] == [{"score": {"value": value, "coverage": coverage}}]
    assert organization["health"] == {"value": value}
    assert organization["kpiCounts"] == {"total": 5, "notYetDue": round(5 * (1 - coverage))}


async def test_a_magnitude_in_words_has_no_amount(ask_clone, seeded_database):
    async with seeded_database.write(id_of(AI), action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql("update trend_rows set magnitude = '+5 apples', kpi_id = null")
        write.record("trend_rows", 1, "UPDATE")
    answer = await ask_clone(_one(AI, "trendRows(first: 1) { nodes { magnitude arrow amount unit basis } }"))
    assert answer.errors == []
    assert answer.data["organization"]["trendRows"]["nodes"] == [
        {"magnitude": "+5 apples", "arrow": "UP", "amount": None, "unit": None, "basis": "UNSPECIFIED"}
    ]


GROWING = {
    "alerts": "alertClass {{ name }} severity kpi {{ key }} figure {{ value }} target {{ exact }} source {{ url }}",
    "alertRules": "alertClass {{ name }} severity thresholdFormatted kpi {{ key }} figure {{ value }}",
    "alertClasses": "rules {{ name severity }} alerts {{ name severity }}",
    "statements": "kpi {{ key }} source {{ recordedAt }}",
    "scores": "department {{ name }}",
    "departments": "score {{ value contributions {{ kpi {{ key }} }} }} kpiCounts {{ achieved }}",
    "reviews": "steps {{ name }}",
    "trendRows": "amount unit basis kpi {{ key }}",
}


@pytest.mark.parametrize("field", GROWING)
async def test_a_longer_list_takes_no_more_statements(ask_seeds, field):
    query = f"{field}(first: {{first}}) {{{{ nodes {{{{ {GROWING[field]} }}}} }}}}"
    taken = {}
    for first in (3, 100):
        answer = await ask_seeds(_one(AI, query.format(first=first)))
        assert answer.errors == []
        taken[first] = answer.statements
    assert taken[3] == taken[100]


async def test_all_organizations_sum_up_in_four_statements(ask_seeds):
    summary = "slug health { value } kpiCounts { total } alertCounts { total }"
    answer = await ask_seeds(f"{{ organizations {{ nodes {{ {summary} }} }} }}")
    assert answer.errors == []
    totals = {node["slug"]: node["alertCounts"]["total"] for node in answer.data["organizations"]["nodes"]}
    assert totals == {AI: 10, AUTERITY: 0, DATAINSIGHT: 0, SNAPSHOT: 0}
    assert answer.statements == 4  # the organizations, their departments, their KPIs' standings, their alerts


NODES = {
    AI: "alerts alertClasses alertRules statements scores classifications accessLevels contacts reviews trendRows",
    AUTERITY: "dataSources qualityControls segments reviews",
    DATAINSIGHT: "analyticsModels",
}
KINDS = {
    "alerts": "Alert",
    "alertClasses": "AlertClass",
    "alertRules": "AlertRule",
    "statements": "Statement",
    "scores": "ReportedScore",
    "classifications": "Classification",
    "accessLevels": "AccessLevel",
    "contacts": "Contact",
    "reviews": "Review",
    "trendRows": "TrendRow",
    "dataSources": "DataSource",
    "qualityControls": "QualityControl",
    "segments": "Segment",
    "analyticsModels": "AnalyticsModel",
}


@pytest.mark.parametrize(
    ("slug", "field"), [(slug, field) for slug, fields in NODES.items() for field in fields.split()]
)
async def test_everything_listed_is_found_by_its_id(ask_seeds, slug, field):
    listed = await ask_seeds(_one(slug, f"list: {field}(last: 1) {{ nodes {{ id }} }}"))
    (entry,) = listed.data["organization"]["list"]["nodes"]
    found = await ask_seeds(f'{{ node(id: "{entry["id"]}") {{ __typename id }} }}')
    assert found.errors == []
    assert found.data == {"node": {"__typename": KINDS[field], "id": entry["id"]}}


@pytest.mark.parametrize("kind", [*sorted(set(KINDS.values())), "ReviewStep", "ModelParameter"])
async def test_what_another_organization_holds_is_not_found(ask_seeds, scope_of, kind):
    foreign = global_id(kind, id_of(AI), 1)
    answer = await ask_seeds(f'{{ node(id: "{foreign}") {{ id }} }}', scope=scope_of(SNAPSHOT))
    assert (answer.errors, answer.data) == ([], {"node": None})
    assert answer.statements == 0


async def test_a_movement_in_prose_is_read(ask_seeds):
    fields = "arrow exact unit basis improving derived"
    answer = await ask_seeds(
        _one(AI, f'statements(filter: {{document: {{eq: "002"}}}}) {{ nodes {{ movement {{ {fields} }} }} }}')
    )
    assert answer.errors == []
    moved = [
        node["movement"] for node in answer.data["organization"]["statements"]["nodes"] if node["movement"] is not None
    ]
    # 002:28, of no KPI: whether up is better is not said
    assert moved == [
        {"arrow": "UP", "exact": "0.05", "unit": "PERCENT", "basis": "MOM", "improving": None, "derived": False}
    ]


@pytest.mark.parametrize(
    ("document", "line", "band"),
    [("001", 9, "STRONG"), ("002", 26, "EXCELLENT"), ("002", 63, "STRONG"), ("002", 96, "EXCELLENT")],
)
async def test_a_printed_score_has_a_band_of_its_own(ask_seeds, document, line, band):
    """85, 92, 88 and 90 points; 001 calls its 85 excellent, which is kept beside it."""
    selection = f'scores(filter: {{document: {{eq: "{document}"}}}}) {{ nodes {{ band source {{ line }} }} }}'
    answer = await ask_seeds(_one(AI, selection))
    assert answer.errors == []
    assert [
        node["band"] for node in answer.data["organization"]["scores"]["nodes"] if node["source"]["line"] == line
    ] == [band]


async def test_categories_list_their_rows_in_one_statement(ask_seeds):
    answer = await ask_seeds(_one(AI, "categories { nodes { name children { name rows { name } } } }"))
    assert answer.errors == []
    groups = {
        child["name"]: len(child["rows"])
        for node in answer.data["organization"]["categories"]["nodes"]
        for child in node["children"]
    }
    assert groups["Geographic Expansion"] == 4  # 001:123-126
    assert groups["Cost Metrics"] == 5  # 002:114-118
    assert answer.statements == 4  # the organization, the categories, their children, the rows of all
