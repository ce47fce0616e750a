"""Dashboards, cohorts, stages and schedules: what is shown, filtered, paged, and read in how many statements."""

from datetime import UTC, datetime

import pytest

from kpi_server.store.organizations import id_of

pytestmark = pytest.mark.families

SLUG = "datainsight-pro"
BOARDS = ["executive", "product", "sales", "customer-success"]
FOCUSES = ["ceo-focus", "cto-focus", "head-of-sales-focus", "head-of-customer-success-focus"]


async def asked(ask, selection, *, slug=SLUG, **options):
    answer = await ask(f'{{ organization(slug: "{slug}") {{ {selection} }} }}', **options)
    assert answer.errors == []
    return answer.data["organization"]


def keys(connection):
    return [node["key"] for node in connection["nodes"]]


async def change(database, slug, *statements):
    async with database.write(id_of(slug), action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        for statement in statements:
            await connection.exec_driver_sql(statement)
        write.record("dashboards", 1, "UPDATE")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("{}", [*BOARDS, *FOCUSES]),
        ("{kind: {eq: DASHBOARD}}", BOARDS),
        ("{kind: {eq: TABLE}}", []),
        ('{kind: {eq: FOCUS}, audience: {contains: "sales"}}', ["head-of-sales-focus"]),
        ('{audience: {contains: "BOARD"}}', ["executive"]),
        ('{audience: {contains: "c"}}', ["executive", "ceo-focus", "cto-focus", "head-of-customer-success-focus"]),
        ('{audience: {contains: "%"}}', []),  # no wildcards
        ('{audience: {contains: ""}}', ["executive", *FOCUSES]),  # any audience at all
        ('{search: "pipeline"}', ["sales"]),  # in its description
        ('{search: "success dashboard"}', ["customer-success", "head-of-customer-success-focus"]),
        ('{kind: {eq: DASHBOARD}, search: "focus"}', []),
    ],
)
async def test_dashboards_are_filtered(ask_seeds, wanted, found):
    data = await asked(ask_seeds, f"dashboards(filter: {wanted}) {{ totalCount nodes {{ key }} }}")
    assert keys(data["dashboards"]) == found
    assert data["dashboards"]["totalCount"] == len(found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("{}", ["retention", "revenue", "feature-adoption"]),
        ("{kind: {eq: RETENTION}}", ["retention"]),
        ("{kind: {eq: ADOPTION}}", ["feature-adoption"]),
    ],
)
async def test_cohort_tables_are_filtered_by_kind(ask_seeds, wanted, found):
    assert keys((await asked(ask_seeds, f"cohorts(filter: {wanted}) {{ nodes {{ key }} }}"))["cohorts"]) == found


@pytest.mark.parametrize(
    ("month", "found"),
    [
        (0, []),
        (1, ["product-market-fit"]),
        (12, ["product-market-fit"]),
        (13, ["scaling-growth"]),
        (24, ["scaling-growth"]),
        (25, ["market-leadership"]),
        (36, ["market-leadership"]),
        (37, []),
        (-1, []),
    ],
)
async def test_a_month_belongs_to_one_stage(ask_seeds, month, found):
    data = await asked(ask_seeds, f"stages(filter: {{month: {month}}}) {{ nodes {{ key }} }}")
    assert keys(data["stages"]) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("{cadence: {eq: WEEKLY}}", ["monitoring-weekly", "report-weekly"]),
        ("{cadence: {eq: CONTINUOUS}}", []),
        ("{kind: {eq: UPDATE}}", ["kpi-updates"]),
        ('{audience: {contains: "board"}}', ["report-monthly"]),
        ('{dueOn: "2026-03-03"}', ["monitoring-daily", "report-daily"]),  # a Tuesday
        ('{dueOn: "2026-03-02", kind: {eq: REPORT}}', ["report-daily", "report-weekly"]),  # a Monday
        ('{dueOn: "2026-03-01", kind: {eq: REPORT}}', ["report-daily", "report-monthly"]),  # a Sunday
        ('{dueOn: "2026-04-01", cadence: {eq: QUARTERLY}}', ["monitoring-quarterly", "report-quarterly"]),
        ('{dueOn: "2026-04-01", cadence: {eq: WEEKLY}}', []),
    ],
)
async def test_schedules_are_filtered(ask_seeds, wanted, found):
    selection = f"schedules(filter: {wanted}) {{ totalCount nodes {{ key }} }}"
    data = await asked(ask_seeds, selection, slug="ai-marketing-platform")
    assert keys(data["schedules"]) == found
    assert data["schedules"]["totalCount"] == len(found)


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-02", "2026-04-01", "2026-01-01", "2024-02-29"])
async def test_the_filter_of_due_schedules_is_the_rule_that_they_show(ask_seeds, day):
    selection = f'all: schedules {{ nodes {{ key due(on: "{day}") }} }} '
    selection += f'due: schedules(filter: {{dueOn: "{day}"}}) {{ nodes {{ key }} }}'
    data = await asked(ask_seeds, selection)
    assert keys(data["due"]) == [node["key"] for node in data["all"]["nodes"] if node["due"]]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 31, 10, 59, tzinfo=UTC), ["daily-metrics"]),  # Tuesday, 23:59 in Auckland
        # Wednesday, midnight in Auckland: the first of a quarter
        (
            datetime(2026, 3, 31, 11, 0, tzinfo=UTC),
            ["daily-metrics", "monthly-board-report", "quarterly-strategic-review"],
        ),
    ],
)
async def test_without_a_day_a_schedule_is_due_on_the_organizations_own(ask_clone, seeded_database, now, due):
    statement = f"update organizations set time_zone = 'Pacific/Auckland' where slug = '{SLUG}'"
    await change(seeded_database, SLUG, statement)
    nodes = (await asked(ask_clone, "schedules { nodes { key due } }", now=now))["schedules"]["nodes"]
    assert [node["key"] for node in nodes if node["due"]] == due


@pytest.mark.parametrize(("field", "size"), [("dashboards", 8), ("cohorts", 3), ("stages", 3), ("schedules", 4)])
async def test_pages_forward_and_backward_make_up_the_list(ask_seeds, field, size):
    whole = keys((await asked(ask_seeds, f"{field} {{ nodes {{ key }} }}"))[field])
    assert len(set(whole)) == len(whole) == size
    forward, backward, place = [], [], ""
    while len(forward) < size:
        selection = f"{field}(first: 1{place}) {{ nodes {{ key }} pageInfo {{ endCursor hasNextPage }} }}"
        page = (await asked(ask_seeds, selection))[field]
        forward += keys(page)
        place = f', after: "{page["pageInfo"]["endCursor"]}"'
        assert page["pageInfo"]["hasNextPage"] is (len(forward) < size)
    place = ""
    while len(backward) < size:
        selection = f"{field}(last: 1{place}) {{ nodes {{ key }} pageInfo {{ startCursor hasPreviousPage }} }}"
        page = (await asked(ask_seeds, selection))[field]
        backward = keys(page) + backward
        place = f', before: "{page["pageInfo"]["startCursor"]}"'
        assert page["pageInfo"]["hasPreviousPage"] is (len(backward) < size)
    assert forward == backward == whole


@pytest.mark.parametrize("field", ["dashboards", "cohorts", "stages", "schedules"])
@pytest.mark.parametrize("arguments", ["first: 0", "first: 101", 'after: "x"', "first: 1, last: 1"])
async def test_a_page_that_is_none_is_refused(ask_seeds, field, arguments):
    query = f'{{ organization(slug: "{SLUG}") {{ {field}({arguments}) {{ totalCount }} }} }}'
    answer = await ask_seeds(query)
    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "arguments",
    [
        'dashboards(filter: {audience: {contains: "\\u0000"}}) { totalCount }',
        f'dashboards(filter: {{search: "{"x" * 201}"}}) {{ totalCount }}',
        'schedules(filter: {audience: {contains: "\\u0000"}}) { totalCount }',
        'schedules(filter: {dueOn: "2026-02-29"}) { totalCount }',
        'schedules { nodes { due(on: "2026-13-01") } }',
        "stages(filter: {month: 99999999999}) { totalCount }",
    ],
)
async def test_a_filter_that_nothing_can_mean_is_refused(ask_seeds, arguments):
    answer = await ask_seeds(f'{{ organization(slug: "{SLUG}") {{ {arguments} }} }}')
    assert len(answer.errors) == 1


async def test_widgets_are_picked_by_heading_and_kind(ask_seeds):
    selection = "dashboards(first: 1) { nodes { groups all: widgets { title } "
    selection += 'group: widgets(group: "KEY INITIATIVES STATUS") { title } '
    selection += 'tiles: widgets(kind: TILE) { title } none: widgets(group: "nothing") { title } '
    selection += 'both: widgets(group: "KEY INITIATIVES STATUS", kind: TILE) { title } } }'
    (dashboard,) = (await asked(ask_seeds, selection))["dashboards"]["nodes"]
    assert dashboard["groups"] == ["KEY INITIATIVES STATUS"]
    assert len(dashboard["all"]) == 12  # 003:158-173
    initiatives = ["Q4 Enterprise Features", "Platform Performance", "Customer Success Program"]
    assert [widget["title"] for widget in dashboard["group"]] == initiatives
    tiles = ["ARR", "Growth", "Churn", "Customers", "NPS", "LTV:CAC"]
    assert [widget["title"] for widget in dashboard["tiles"]] == tiles
    assert dashboard["none"] == dashboard["both"] == []


async def test_a_tile_of_a_segment_shows_the_segments_figure(ask_seeds):
    """004:709: AI Processing, 58 % where more than 60 % is wanted."""
    selection = 'dashboards(filter: {search: "adoption"}) { nodes { widgets(group: "Feature Adoption Matrix") '
    selection += "{ title status segment value { text value segment } target { text segment status met } } } }"
    data = await asked(ask_seeds, selection, slug="auterity")
    widgets = {widget["title"]: widget for widget in data["dashboards"]["nodes"][0]["widgets"]}
    assert len(widgets) == 5
    segment = "feature=ai-processing"
    assert widgets["AI Processing"] == {
        "title": "AI Processing",
        "status": "Near Target",
        "segment": segment,
        "value": {"text": "58%", "value": 0.58, "segment": segment},
        "target": {"text": ">60%", "segment": segment, "status": "NEAR_MISS", "met": False},  # 58 / 60 = 96.7 %
    }
    assert widgets["Workflow Builder"]["target"]["status"] == "MET"  # 82 of 80 %


async def test_a_placeholder_on_a_tile_is_an_absence(ask_seeds):
    """004:682 prints "$XXX,XXX" where the MRR will stand."""
    selection = 'dashboards(filter: {search: "executive"}) { nodes { widgets(group: "Revenue Metrics") '
    selection += "{ title currentText value { text value absence } } } }"
    (dashboard,) = (await asked(ask_seeds, selection, slug="auterity"))["dashboards"]["nodes"]
    assert dashboard["widgets"][0] == {
        "title": "MRR",
        "currentText": "$XXX,XXX",
        "value": {"text": "$XXX,XXX", "value": None, "absence": "NO_DATA"},
    }
    assert [widget["value"]["absence"] for widget in dashboard["widgets"]] == ["NO_DATA"] * 4


async def test_a_topic_shows_the_current_value_and_a_topic_without_kpi_none(ask_seeds):
    """003:639 names revenue growth without a figure; its row (003:113) says 12 % a month."""
    selection = (
        'dashboards(filter: {audience: {contains: "ceo"}}) { nodes { widgets { title figure { text } target { text } '
    )
    selection += "segment value { text source { line } } cohortTable { key } } } }"
    (dashboard,) = (await asked(ask_seeds, selection))["dashboards"]["nodes"]
    first, second = dashboard["widgets"][:2]
    assert first == {
        "title": "Revenue growth and trajectory",
        "figure": None,
        "target": None,
        "segment": "",
        "value": {"text": "12% MoM", "source": {"line": 113}},
        "cohortTable": None,
    }
    assert second["title"] == "Customer acquisition and retention"
    assert second["value"] is None


async def test_a_widget_shows_a_cohort_table(ask_seeds):
    selection = (
        'dashboards(filter: {search: "product"}) { nodes { widgets(kind: COHORT) { title cohortTable { key } } } }'
    )
    (dashboard,) = (await asked(ask_seeds, selection))["dashboards"]["nodes"]
    assert dashboard["widgets"] == [{"title": "COHORT RETENTION", "cohortTable": {"key": "retention"}}]


async def test_cells_carry_their_units(ask_seeds):
    """003:402, 003:421: revenue a month in dollars, and shares by week."""
    selection = (
        "cohorts { nodes { key unit { notation } columnUnit columns targets { column ofTotal text exact value } "
    )
    selection += "rows { label cells { column exact formatted target { text } met } nrr nrrTarget { text } } "
    selection += "averages { column cohorts formatted } } }"
    tables = {table["key"]: table for table in (await asked(ask_seeds, selection))["cohorts"]["nodes"]}
    revenue, adoption = tables["revenue"], tables["feature-adoption"]
    assert revenue["unit"] == {"notation": "MONEY(USD)/month"}
    february = revenue["rows"][1]
    assert february["cells"][3] == {
        "column": 6, "exact": "1650", "formatted": "$1,650/month", "target": None, "met": None,
    }  # fmt: skip
    assert february["cells"][4] == {"column": 12, "exact": None, "formatted": None, "target": None, "met": None}
    assert revenue["targets"] == [{"column": 12, "ofTotal": True, "text": "115%", "exact": "1.15", "value": 1.15}]
    # (1280 + 1340 + 1310 + 1350) / 4
    assert revenue["averages"][1] == {"column": 1, "cohorts": 4, "formatted": "$1,320/month"}
    assert (adoption["columnUnit"], adoption["columns"]) == ("WEEK", [1, 4, 12, 24, 52])
    assert adoption["rows"][0]["label"] == "Dashboard Builder"
    assert adoption["rows"][0]["cells"][0]["formatted"] == "78 %"
    # (78 + 65 + 23 + 12 + 5 + 34) / 6 = 217 / 6 = 36.17 %
    assert adoption["averages"][0] == {"column": 1, "cohorts": 6, "formatted": "36.17 %"}
    assert [row["nrr"] for row in [*adoption["rows"], *tables["retention"]["rows"]]] == [None] * 11


async def test_a_cell_that_reaches_its_target_is_met_at_the_bound(ask_clone, seeded_database):
    """003:392 wants 95 % in month 1; February's 94 % becomes 95 %, March's 91 % becomes 94.9 %."""
    await change(
        seeded_database,
        SLUG,
        *(
            f"update cohort_cells set value = {value} from cohort_rows as r where cohort_row_id = r.id and "
            f'r.organization_id = cohort_cells.organization_id and r.line = {line} and "column" = 1'
            for line, value in ((384, "0.95"), (385, "0.949"))
        ),
    )
    selection = "cohorts(filter: {kind: {eq: RETENTION}}) { nodes { rows { cells { column met } } } }"
    (table,) = (await asked(ask_clone, selection))["cohorts"]["nodes"]
    assert [row["cells"][1]["met"] for row in table["rows"]] == [False, True, False, False, None]


async def test_a_cell_without_a_number_says_why(ask_clone, seeded_database):
    """003:384 prints "-" in month 12; made "N/A" it does not apply, made a range it is a number after all."""
    for text, absence in (("-", "NO_DATA"), ("N/A", "NOT_APPLICABLE"), ("50-55%", None)):
        await change(
            seeded_database,
            SLUG,
            f"update cohort_cells set text = '{text}' from cohort_rows as r where cohort_row_id = r.id and "
            'r.organization_id = cohort_cells.organization_id and r.line = 384 and "column" = 12',
        )
        selection = "cohorts(filter: {kind: {eq: RETENTION}}) { nodes { rows { cells { text value absence } } } }"
        (table,) = (await asked(ask_clone, selection))["cohorts"]["nodes"]
        assert table["rows"][1]["cells"][4] == {"text": text, "value": None, "absence": absence}
        assert table["rows"][1]["cells"][3] == {"text": "68%", "value": 0.68, "absence": None}


async def test_a_stage_moves_with_the_values(ask_clone, seeded_database):
    """Stage 2 wants 300 customers and an NRR of 115 %: with both its first criterion is met, and two of six targets."""
    await change(
        seeded_database,
        SLUG,
        "update kpi_current set value = 1.15 from kpis as k where k.organization_id = kpi_current.organization_id "
        "and kpi_id = k.id and k.key = 'financial.net_revenue_retention' and segment = ''",
    )
    selection = "stages(filter: {month: 13}) { nodes { progress { met judged total } criteria { met } "
    selection += "targets { text status } } }"
    (stage,) = (await asked(ask_clone, selection))["stages"]["nodes"]
    assert stage["progress"] == {"met": 2, "judged": 6, "total": 7}
    assert [criterion["met"] for criterion in stage["criteria"]] == [True, False, None, False]
    assert stage["targets"][1] == {"text": "115%", "status": "MET"}


DASHBOARD = (
    "key groups widgets { title segment steps kpi { key status } figure { text } value { text value } "
    "target { text status met } cohortTable { key } initiative { name progress } source { line } }"
)


async def test_ten_dashboards_take_as_many_statements_as_one(ask_clone, seeded_database):
    """Eight are printed; two copies of the executive one, widgets and all, make ten."""
    await change(
        seeded_database,
        SLUG,
        *(
            statement
            for number in (1, 2)
            for statement in (
                "insert into dashboards select (jsonb_populate_record(d, jsonb_build_object("
                f"'id', d.id + {number}000000, 'key', d.key || '-{number}', 'position', 2000000000 + {number}))).* "
                "from dashboards as d where d.key = 'executive'",
                "insert into widgets select (jsonb_populate_record(w, jsonb_build_object("
                f"'id', w.id + {number}000000, 'key', w.key || '-{number}', "
                f"'dashboard_id', w.dashboard_id + {number}000000))).* from widgets as w "
                "join dashboards as d on d.organization_id = w.organization_id and d.id = w.dashboard_id "
                "where d.key = 'executive'",
            )
        ),
    )
    counts = {}
    for size in (1, 4, 10):
        query = f'{{ organization(slug: "{SLUG}") {{ dashboards(first: {size}) {{ nodes {{ {DASHBOARD} }} }} }} }}'
        answer = await ask_clone(query)
        assert answer.errors == []
        nodes = answer.data["organization"]["dashboards"]["nodes"]
        assert len(nodes) == size
        counts[size] = answer.statements
        if size == 10:
            assert nodes[9]["widgets"] == nodes[8]["widgets"] == nodes[0]["widgets"]
    # organization, dashboards, widgets, KPIs, their rows, figures, targets, initiatives, key results
    assert counts[1] == 9
    # the product dashboard shows a cohort table besides
    assert counts[4] == counts[10] == 10


@pytest.mark.parametrize(
    ("selection", "more"),
    [
        ("cohorts { nodes { rows { cells { value met } nrr nrrMet } averages { value } targets { text } } }", 4),
        ("cohorts { nodes { insights { text } } }", 2),
        ("stages { nodes { progress { met } criteria { met targets { status } } targets { status met } } }", 4),
        ("stages { nodes { criteria { category } } }", 2),
        ("schedules { nodes { due topics { text kpi { key status } } } }", 3),
        ("schedules { nodes { key due } }", 1),
    ],
)
async def test_what_belongs_to_all_entries_is_read_at_once(ask_seeds, selection, more):
    for size in (1, 3):
        sized = selection.replace(" {", f"(first: {size}) {{", 1)
        answer = await ask_seeds(f'{{ organization(slug: "{SLUG}") {{ {sized} }} }}')
        assert answer.errors == []
        assert answer.statements == 1 + more, size


async def test_everything_with_an_id_is_found_by_it_and_hidden_from_others(ask_seeds, scope_of):
    selection = "dashboards { nodes { id widgets { id } } } cohorts { nodes { id } } stages { nodes { id } } "
    selection += "schedules { nodes { id } }"
    data = await asked(ask_seeds, selection)
    ids = [node["id"] for connection in data.values() for node in connection["nodes"]]
    ids += [widget["id"] for node in data["dashboards"]["nodes"] for widget in node["widgets"]]
    assert len(set(ids)) == len(ids) > 60
    query = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"
    found = await ask_seeds(query, variables={"ids": ids})
    assert [node["id"] for node in found.data["nodes"]] == ids
    kinds = {"CohortTable", "Dashboard", "ReportSchedule", "Stage", "Widget"}
    assert {node["__typename"] for node in found.data["nodes"]} == kinds
    hidden = await ask_seeds(query, variables={"ids": ids}, scope=scope_of("snapshot-co"))
    assert (hidden.data["nodes"], hidden.statements) == ([None] * len(ids), 0)
