"""What documents say of a KPI beside each other, why it stands where it stands, and what is noted about it."""

import pytest

pytestmark = pytest.mark.families

AI, AUTERITY, DATAINSIGHT, SNAPSHOT = "ai-marketing-platform", "auterity", "datainsight-pro", "snapshot-co"


def _one(slug, selection):
    return f'{{ organization(slug: "{slug}") {{ {selection} }} }}'


async def _asked(ask, slug, selection):
    answer = await ask(_one(slug, selection))
    assert answer.errors == []
    return answer.data["organization"]


async def test_documents_are_compared_oldest_first(ask_seeds):
    selection = "documents { document { key } value { text } change { exact unit previous derived } }"
    found = await _asked(ask_seeds, AI, f'kpi(key: "financial.revenue_growth") {{ {selection} }}')
    # 28 % (001:10), then 33 % (002:107): 5 percentage points
    assert found["kpi"]["documents"] == [
        {"document": {"key": "001"}, "value": {"text": "+28% YoY"}, "change": None},
        {
            "document": {"key": "002"},
            "value": {"text": "33%"},
            "change": {"exact": "5.00", "unit": "POINTS", "previous": "0.28", "derived": True},
        },
    ]


async def test_a_document_that_names_the_period_before_is_compared_with_it(ask_seeds):
    found = await _asked(ask_seeds, SNAPSHOT, 'kpi(key: "MTTR") { documents { change { amount improving } } }')
    # 22 minutes after 35 (000:41, 000:43): -13 / 35
    (view,) = found["kpi"]["documents"]
    assert view["change"]["amount"] == pytest.approx(-13 / 35)
    assert view["change"]["improving"] is True


async def test_a_document_without_a_figure_still_shows_its_target(ask_seeds):
    selection = "documents { value { text } target { text } status }"
    found = await _asked(ask_seeds, AUTERITY, f'kpi(key: "financial.runway") {{ {selection} }}')
    assert found["kpi"]["documents"] == [{"value": None, "target": {"text": "> 18 months"}, "status": "NO_DATA"}]


async def test_documents_of_a_segment_are_its_own(ask_seeds):
    selection = 'kpi(key: "product.feature_adoption") { part: documents(segment: "feature=ai-processing") { %s } }'
    found = await _asked(ask_seeds, AUTERITY, selection % "value { text } target { text } status")
    # 004:493 and 004:709: the section's own target counts before the tile's
    assert found["kpi"]["part"] == [
        {"value": {"text": "58%"}, "target": {"text": "> 60% of users"}, "status": "NEAR_MISS"}
    ]


async def test_a_kpi_that_no_document_speaks_of_has_none(ask_seeds):
    found = await _asked(ask_seeds, AUTERITY, 'kpi(key: "customer.user_acquisition") { documents { status } }')
    assert found["kpi"]["documents"] == []


@pytest.mark.parametrize(
    ("slug", "kpi", "segment", "expected"),
    [
        (AUTERITY, "financial.runway", "", ("NO_FIGURE", "ONLY_TARGET", "NO_DATA")),  # 004:660
        (AUTERITY, "technical.network_io", "", ("ONLY_FIGURE", "NO_TARGET", "NO_TARGET")),  # 004:727, a placeholder
        (AUTERITY, "financial.cac", "", ("ONLY_FIGURE", "OWN_SECTION", "NO_DATA")),  # 004:47, 004:578, 004:685
        (AUTERITY, "technical.error_rate", "", ("PRINTED_LAST", "MOST_BINDING", "NO_DATA")),  # 004:376, 004:695
        (AUTERITY, "customer.nps", "customer=smb", ("NO_FIGURE", "ONLY_TARGET", "NO_DATA")),  # 004:522
        (AUTERITY, "customer.nps", "customer=nobody", ("NO_FIGURE", "NO_TARGET", "NO_TARGET")),
        (AI, "financial.revenue_growth", "", ("MOST_BINDING", "ONLY_TARGET", "MISSED")),  # 002:107, 002:179
        (AI, "product.feature_adoption", "", ("LATEST_PERIOD", "NEWEST_DOCUMENT", "MISSED")),  # 001:72, 002:44
        (AI, "technical.security_incidents", "", ("ONLY_FIGURE", "ONLY_TARGET", "MET")),  # 001:74
        (SNAPSHOT, "product.mau", "", ("ONLY_FIGURE", "ONLY_TARGET", "MISSED")),  # 000:12; 000:50 is for Q2
        (SNAPSHOT, "technical.mttr", "", ("LATEST_PERIOD", "ONLY_TARGET", "MET")),  # 000:41, 000:43
        (DATAINSIGHT, "product.mabv", "", ("ONLY_FIGURE", "LASTING", "MISSED")),  # 003:188 beside 003:31-34
        (DATAINSIGHT, "market.market_rank", "", ("NO_FIGURE", "NEXT_STEP", "NO_DATA")),  # 003:456, 003:464
    ],
)
async def test_a_standing_is_explained(ask_seeds, slug, kpi, segment, expected):
    selection = f'explain(segment: "{segment}") {{ figureReason targetReason status }} status(segment: "{segment}")'
    found = await _asked(ask_seeds, slug, f'kpi(key: "{kpi}") {{ {selection} }}')
    why = found["kpi"]["explain"]
    assert (why["figureReason"], why["targetReason"], why["status"]) == expected
    assert found["kpi"]["status"] == why["status"]


async def test_an_explanation_agrees_with_what_is_asked_directly(ask_seeds):
    """The figure, the target, the attainment and the status of every KPI are the same both ways."""
    own = "current { figure { id } } previous { figure { id } } target { id } attainment status"
    why = "explain { figure { id } previous { id } target { id } attainment status rule }"
    answer = await ask_seeds(_one(AI, f"kpis(first: 100) {{ totalCount nodes {{ {own} {why} }} }}"))
    assert answer.errors == []
    kpis = answer.data["organization"]["kpis"]
    assert kpis["totalCount"] == len(kpis["nodes"]) == 67
    for node in kpis["nodes"]:
        said = node["explain"]
        assert said["figure"] == node["current"]["figure"]
        assert said["previous"] == (node["previous"] or {"figure": None})["figure"]
        assert (said["target"], said["attainment"], said["status"]) == (
            node["target"],
            node["attainment"],
            node["status"],
        )
        assert said["rule"]
    assert answer.statements == 6  # the organization, page and count; facts, figures and targets of all


async def test_what_was_passed_over_is_listed(ask_seeds):
    selection = "explain { otherFigures { source { line } } otherTargets { source { line } } near { kind stated } }"
    found = await _asked(ask_seeds, DATAINSIGHT, f'kpi(key: "technical.availability") {{ {selection} }}')
    # 003:131 is the row; 003:455 the same target for a stage
    assert found["kpi"]["explain"] == {
        "otherFigures": [],
        "otherTargets": [{"source": {"line": 455}}],
        "near": {"kind": "ERROR_BUDGET", "stated": False},
    }


async def test_notes_are_one_dated_list(ask_seeds):
    selection = "annotations { kind dated text source { document line } }"
    found = await _asked(ask_seeds, SNAPSHOT, f'kpi(key: "product.mau") {{ {selection} }}')
    notes = found["kpi"]["annotations"]
    assert [(note["kind"], note["dated"], note["source"]["line"]) for note in notes] == [
        ("ANALYSIS", "2024-Q1", 13),  # 000:16, the comment on the figure of 000:13
        ("DECISION", "2024-04-05", 50),
        ("REVISION", "2024-Q2", 50),
        ("TARGET", "2024-Q2", 50),
        ("DECISION", "2024-04-05", 55),
    ]
    assert notes[0]["text"] == "User acquisition costs increased 30%, conversion rates declined"
    assert notes[3]["text"] == "more realistic"


async def test_notes_of_all_kpis_take_one_statement(ask_seeds):
    answer = await ask_seeds(_one(AI, "kpis(first: 100) { nodes { annotations { text source { document } } } }"))
    assert answer.errors == []
    notes = [note for node in answer.data["organization"]["kpis"]["nodes"] for note in node["annotations"]]
    # three headlines (001:10-12) and the advice of seven alerts (002:38-48)
    assert [sum(note["source"]["document"] == document for note in notes) for document in ("001", "002")] == [3, 7]
    assert answer.statements == 3


@pytest.mark.parametrize(
    ("slug", "arguments", "days"),
    [
        # the server's day in these tests is 1 March 2026: all is over
        (AI, "", []),
        (AI, '(from: "2025-04-01")', ["2025-12-31"] * 4),  # 001:187-190
        (AI, '(from: "2024-01-01", first: 2)', ["2025-01-30"] * 2),
        (AI, '(from: "2025-01-31", until: "2025-01-31")', ["2025-01-31"]),  # 001:214
        (AI, '(from: "2025-02-01", until: "2025-03-30")', []),
        (SNAPSHOT, '(from: "2024-06-30")', ["2024-06-30"] * 2),  # 000:50-51
        (AUTERITY, '(from: "2000-01-01")', []),
    ],
)
async def test_deadlines_come_by_their_day(ask_seeds, slug, arguments, days):
    answer = await ask_seeds(_one(slug, f"deadlines{arguments} {{ on }}"))
    assert answer.errors == []
    assert [deadline["on"] for deadline in answer.data["organization"]["deadlines"]] == days
    assert answer.statements == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("(first: 0)", "`first` is between 1 and 100, not 0"),
        ("(first: 101)", "`first` is between 1 and 100, not 101"),
        (
            '(from: "2025-02-01", until: "2025-01-31")',
            "`until` (2025-01-31) lies before `from` (2025-02-01)",
        ),
        ('(until: "2026-02-28")', "`until` (2026-02-28) lies before `from` (2026-03-01)"),
    ],
)
async def test_deadlines_of_no_span_are_refused(ask_seeds, arguments, message):
    answer = await ask_seeds(_one(AI, f"deadlines{arguments} {{ on }}"))
    assert answer.errors == [("BAD_USER_INPUT", message)]


async def test_guidelines_of_all_targets_take_a_constant_number_of_statements(ask_seeds):
    counts = set()
    for first in (1, 5, 100):
        selection = f"targets(first: {first}) {{ nodes {{ stretch guidelines {{ guideline holds }} }} }}"
        answer = await ask_seeds(_one(AI, selection))
        assert answer.errors == []
        assert all(len(node["guidelines"]) == 5 for node in answer.data["organization"]["targets"]["nodes"])
        counts.add(answer.statements)
    assert counts == {4}  # the organization, the targets, their KPIs, the notes


async def test_the_tables_of_a_document_take_a_constant_number_of_statements(ask_seeds):
    cells = "figure { text trend { text } } targets { text exact } owner { title } category { name } kpi { key }"
    counts = set()
    for first in (1, 7, 60):
        listed = f'kpiRows(first: {first}, filter: {{document: {{eq: "001"}}}}) {{ nodes {{ {cells} }} }}'
        answer = await ask_seeds(_one(AI, listed))
        assert answer.errors == []
        assert len(answer.data["organization"]["kpiRows"]["nodes"]) == min(first, 49)
        counts.add(answer.statements)
    assert counts == {7}  # the organization, the rows; figures, targets, owners, categories, KPIs


async def test_what_documents_say_of_all_kpis_takes_a_constant_number_of_statements(ask_seeds):
    counts = set()
    for first in (5, 100):
        views = "documents { document { key } value { text } target { text } owner { title } change { amount } status }"
        answer = await ask_seeds(_one(AI, f"kpis(first: {first}) {{ nodes {{ {views} }} }}"))
        assert answer.errors == []
        counts.add(answer.statements)
    assert counts == {8}  # the organization, the KPIs; facts, figures, targets, rows, documents, owners
