"""What the graph says of one thing: names, figures, targets and relations; and what a caller may not see."""

import pytest

from kpi_server.api.identity import global_id
from kpi_server.store.organizations import id_of

pytestmark = pytest.mark.families

BAD_ID = ("BAD_USER_INPUT", "this is no id of this server: take ids from the field `id` as they are")


def _one(slug, selection):
    return f'{{ organization(slug: "{slug}") {{ {selection} }} }}'


@pytest.mark.parametrize(
    ("slug", "asked", "key"),
    [
        ("ai-marketing-platform", "financial.ltv_cac", "financial.ltv_cac"),
        ("ai-marketing-platform", "ltv/cac ratio", "financial.ltv_cac"),
        ("ai-marketing-platform", "Payback Period", "financial.cac_payback"),
        ("ai-marketing-platform", "clv", "financial.clv"),
        ("snapshot-co", "Customer Satisfaction", "customer.nps"),  # 000:25 calls its NPS so
        ("snapshot-co", "Revenue (ARR)", "financial.arr"),
        ("datainsight-pro", "Customer Satisfaction", "customer.satisfaction"),
        ("datainsight-pro", "mau", "product.mau_rate"),  # 003:80 is a share, known there as MAU
        ("snapshot-co", "financial.mrr", None),  # a metric of the family that 000 does not manage
        ("snapshot-co", "MRR", None),
        ("snapshot-co", "", None),
        ("snapshot-co", "--", None),
    ],
)
async def test_a_kpi_is_found_by_key_name_and_alias(ask_seeds, slug, asked, key):
    query = "query Find($slug: String!, $key: String!) { organization(slug: $slug) { kpi(key: $key) { key } } }"
    answer = await ask_seeds(query, variables={"slug": slug, "key": asked})
    assert answer.errors == []
    assert answer.data["organization"]["kpi"] == (None if key is None else {"key": key})


async def test_a_name_of_several_kpis_is_an_error_that_lists_them(ask_clone, seeded_database):
    organization_id = id_of("snapshot-co")
    async with seeded_database.write(organization_id, action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql(
            "update kpi_aliases set name = 'Growth', folded = 'growth' where (organization_id, key) in ("
            "select organization_id, min(key) from kpi_aliases group by organization_id, kpi_id)"
        )
        write.record("kpi_aliases", 1, "UPDATE")
    answer = await ask_clone(_one("snapshot-co", 'kpi(key: "growth") { key }'))
    (error,) = answer.errors
    assert error[0] == "AMBIGUOUS"
    assert error[1].startswith('"growth" may mean ')
    assert error[1].endswith(": ask by key")
    assert {"product.mau (Monthly Active Users)", "financial.arr (Revenue (ARR))"} <= {
        choice.strip() for choice in error[1].removeprefix('"growth" may mean ').removesuffix(": ask by key").split(",")
    }
    assert answer.data == {"organization": {"kpi": None}}


async def test_names_asked_together_take_two_statements(ask_seeds):
    asked = " ".join(f'k{number}: kpi(key: "{name}") {{ key }}' for number, name in enumerate(["ARR", "MRR", "NPS"]))
    answer = await ask_seeds(_one("datainsight-pro", asked))
    assert answer.statements == 3  # the organization, the meanings, the KPIs


async def test_a_ratio_is_a_fraction_and_formatted_as_a_percentage(ask_seeds):
    answer = await ask_seeds(
        _one(
            "ai-marketing-platform",
            'kpi(key: "customer.churn") { unit { kind notation } direction current { value exact text formatted '
            "absence unit { kind } source { document line } figure { placement } } trend { amount unit improving } "
            "target { text operator exact formatted met status source { line } } status attainment shareOfTarget }",
        )
    )
    assert answer.errors == []
    # 002:94: | Churn Rate | 3.2% | <2.5% | -0.5% | Improving | CRO |
    assert answer.data["organization"]["kpi"] == {
        "unit": {"kind": "RATIO", "notation": "RATIO/month"},
        "direction": "DOWN",
        "current": {
            "value": 0.032,
            "exact": "0.032",
            "text": "3.2%",
            "formatted": "3.2 %/month",
            "absence": None,
            "unit": {"kind": "RATIO"},
            "source": {"document": "002", "line": 94},
            "figure": {"placement": "KPI_ROW"},
        },
        "trend": {"amount": -0.005, "unit": "PERCENT", "improving": True},
        "target": {
            "text": "<2.5%",
            "operator": "LESS_THAN",
            "exact": "0.025",
            "formatted": "2.5 %/month",
            "met": False,
            "status": "MISSED",
            "source": {"line": 94},
        },
        "status": "MISSED",
        "attainment": 0.78125,  # 0.025 / 0.032
        "shareOfTarget": 1.28,
    }


async def test_a_kpi_without_a_figure_says_so(ask_seeds):
    selection = 'kpi(key: "Business Value Score") { current { value text absence figure { id } } previous { text } '
    selection += "trend { text } target { text } targets { text } status colour attainment }"
    answer = await ask_seeds(_one("datainsight-pro", selection))
    assert answer.errors == []
    assert answer.data["organization"]["kpi"] == {
        "current": {"value": None, "text": None, "absence": "NO_DATA", "figure": None},
        "previous": None,
        "trend": None,
        "target": None,
        "targets": [],
        "status": "NO_TARGET",
        "colour": "GREY",
        "attainment": None,
    }


async def test_a_segment_stands_by_itself(ask_seeds):
    """004: what enterprise and small customers should be worth a year stands in one line, as two targets."""
    selection = "targets(first: 100) { nodes { segment text kpi { key } } }"
    answer = await ask_seeds(_one("auterity", selection))
    found = [node for node in answer.data["organization"]["targets"]["nodes"] if node["segment"]]
    assert len({node["segment"] for node in found}) > 1
    key, segment = found[0]["kpi"]["key"], found[0]["segment"]
    selection = f'kpi(key: "{key}") {{ target(segment: "{segment}") {{ text segment }} status(segment: "{segment}") '
    selection += f'current(segment: "{segment}") {{ segment absence }} }} '
    selection += f'kpis(first: 100, segment: "{segment}") {{ nodes {{ key status }} }}'
    answer = await ask_seeds(_one("auterity", selection))
    assert answer.errors == []
    kpi = answer.data["organization"]["kpi"]
    assert kpi["target"]["segment"] == segment
    assert kpi["status"] == "NO_DATA"
    assert kpi["current"] == {"segment": segment, "absence": "NO_DATA"}
    assert key in [node["key"] for node in answer.data["organization"]["kpis"]["nodes"]]


async def test_children_of_fifty_kpis_take_one_statement_a_kind(ask_seeds):
    relations = {
        "aliases": 1,
        "formula": 1,
        "components { text }": 1,
        "rows { name }": 1,
        "targets { text }": 1,
        "targets { text met status }": 1,
        "reported { text trend { text } unit { kind } }": 1,
        "targetRevisions { reason }": 1,
        "initiatives { name }": 1,
        "initiatives { name progress keyResults { name } }": 2,
        "risks { name exposure }": 1,
        "decisions { title items { text } }": 1,  # there are none, so nothing is asked of their items
        "actionItems { text }": 1,
        "source { document recordedAt url }": 2,
        "owner { title } department { name } category { name } classification { name }": 0,
        "current { text } previous { text } trend { text } target { text } status colour attainment": 0,
        "family { name metrics { key } } definition unit { kind } direction": 0,
    }
    for selection, more in relations.items():
        answer = await ask_seeds(
            _one("ai-marketing-platform", f"kpis(first: 50, orderBy: [{{field: KEY}}]) {{ nodes {{ {selection} }} }}")
        )
        assert answer.errors == []
        assert len(answer.data["organization"]["kpis"]["nodes"]) == 50
        assert answer.statements == 2 + more, selection


async def test_the_kpis_of_several_organizations_are_read_side_by_side(ask_seeds):
    query = "{ organizations { nodes { slug financial { arr { current { text } } } } } }"
    answer = await ask_seeds(query)
    assert answer.errors == []
    assert answer.statements == 2  # the organizations, and the KPI of all of them
    # 001:26, 003:112 and 000:20; 004 prints no current value.
    found = {node["slug"]: node["financial"]["arr"] for node in answer.data["organizations"]["nodes"]}
    assert found["ai-marketing-platform"] == {"current": {"text": "€1.2M"}}
    assert found["datainsight-pro"] == {"current": {"text": "$5.8M"}}
    assert found["snapshot-co"] == {"current": {"text": "$4.2M ARR"}}


EVERYTHING = """
query Everything($slug: String!) { organization(slug: $slug) {
  id slug currency version source { document line }
  documents { nodes { id } } departments { nodes { id } } targets { nodes { id of { id } } }
  decisions { nodes { id items { id } } }
  owners { nodes { id people { id } responsibilities { text } department { key } } }
  categories { nodes { id children { id parent { id } } } }
  kpis(first: 5) { nodes { id rows { id } reported { id } targetRevisions { id } } }
  initiatives { nodes { id keyResults { id initiative { id } } owner { key } } }
  risks { nodes { id assessments { id } decision { id } } } mitigations { nodes { id risk { id } } }
  approvals { nodes { id person { id owner { id } } } } actionItems { nodes { id owner { key } } } } }
"""


def _ids(value):
    if isinstance(value, dict):
        yield from [value["id"]] if "id" in value else []
        for entry in value.values():
            yield from _ids(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _ids(entry)


@pytest.mark.parametrize("slug", ["ai-marketing-platform", "snapshot-co"])
async def test_everything_with_an_id_is_found_by_it_and_hidden_from_others(ask_seeds, scope_of, slug):
    everything = await ask_seeds(EVERYTHING, variables={"slug": slug})
    assert everything.errors == []
    ids = list(dict.fromkeys(_ids(everything.data)))
    assert len(ids) > 30
    query = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"
    kinds = set()
    for start in range(0, len(ids), 100):
        some = ids[start : start + 100]
        found = await ask_seeds(query, variables={"ids": some})
        assert [node["id"] for node in found.data["nodes"]] == some
        kinds |= {node["__typename"] for node in found.data["nodes"]}
        hidden = await ask_seeds(query, variables={"ids": some}, scope=scope_of("datainsight-pro"))
        assert hidden.data["nodes"] == [None] * len(some)
        assert (hidden.errors, hidden.statements) == ([], 0)
    assert {"Organization", "Kpi", "KpiRow", "ReportedFigure", "Owner", "Risk", "Document"} <= kinds


async def test_an_organization_of_others_is_not_there(ask_seeds, scope_of):
    scope = scope_of("snapshot-co")
    for slug in ("datainsight-pro", "nobody", ""):
        query = "query One($slug: String!) { organization(slug: $slug) { name } }"
        answer = await ask_seeds(query, variables={"slug": slug}, scope=scope)
        assert (answer.data, answer.errors, answer.statements) == ({"organization": None}, [], 0)
    listed = await ask_seeds("{ organizations { totalCount nodes { slug } } viewer { grants { slug } } }", scope=scope)
    assert listed.data["organizations"] == {"totalCount": 1, "nodes": [{"slug": "snapshot-co"}]}
    assert listed.data["viewer"] == {"grants": [{"slug": "snapshot-co"}]}


async def test_a_scope_over_nothing_sees_nothing(ask_seeds, scope_of):
    answer = await ask_seeds("{ viewer { name grants { slug } } organizations { totalCount } }", scope=scope_of())
    assert answer.data == {"viewer": {"name": "board", "grants": []}, "organizations": {"totalCount": 0}}


@pytest.mark.parametrize(
    "named",
    ["", "x", "===", "T3Jn", "é", "A" * 3000, "S3BpOjE6Mg==", global_id("Nothing", 1, 2), global_id("Kpi", 1, 2**63)],
)
async def test_a_malformed_id_is_refused(ask_seeds, scope_of, named):
    answer = await ask_seeds("query Node($id: ID!) { node(id: $id) { id } }", variables={"id": named})
    assert answer.data == {"node": None}
    known = named == global_id("Nothing", 1, 2)  # well made, of an organization nobody here may see
    assert answer.errors == ([] if known else [BAD_ID])


async def test_an_id_of_a_kind_that_does_not_exist_is_refused(ask_seeds):
    named = global_id("Nothing", id_of("snapshot-co"), 1)
    answer = await ask_seeds("query Node($id: ID!) { node(id: $id) { id } }", variables={"id": named})
    assert answer.errors == [BAD_ID]


async def test_an_id_of_a_row_that_does_not_exist_is_null(ask_seeds):
    for kind in ("Kpi", "Risk", "Owner", "Target", "Organization"):
        named = global_id(kind, id_of("snapshot-co"), 7)
        answer = await ask_seeds("query Node($id: ID!) { node(id: $id) { id } }", variables={"id": named})
        assert (answer.data, answer.errors) == ({"node": None}, [])


async def test_too_many_ids_are_refused(ask_seeds):
    answer = await ask_seeds("query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id } }", variables={"ids": ["x"] * 101})
    assert answer.errors == [("BAD_USER_INPUT", "`ids` holds at most 100 ids, not 101")]


async def test_the_version_of_an_organization_is_the_number_of_its_last_write(ask_clone, seeded_database):
    query = _one("snapshot-co", "version")
    before = (await ask_clone(query)).data["organization"]["version"]
    async with seeded_database.write(id_of("snapshot-co"), action="test", actor="test") as write:
        await write.start()
        write.record("kpis", 1, "UPDATE")
    assert (await ask_clone(query)).data["organization"]["version"] == before + 1
