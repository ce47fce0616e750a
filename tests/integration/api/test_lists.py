"""Lists are paged by keyset, filtered and sorted as asked, and counted only when asked."""

import pytest

pytestmark = pytest.mark.families

KPIS = """
query Kpis($slug: String!, $first: Int, $after: Cursor, $last: Int, $before: Cursor,
           $filter: KpiFilter, $orderBy: [KpiOrder!]) {
  organization(slug: $slug) {
    kpis(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      edges { cursor node { key name status attainment } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""
COUNT = """
query Count($slug: String!, $filter: KpiFilter) {
  organization(slug: $slug) { kpis(filter: $filter) { totalCount } }
}
"""
ORDERS = [
    [],
    [{"field": "POSITION", "direction": "DESC"}],
    [{"field": "NAME"}],
    [{"field": "KEY", "direction": "DESC"}],
    [{"field": "ATTAINMENT"}],
    [{"field": "ATTAINMENT", "direction": "DESC"}],
    [{"field": "STATUS"}, {"field": "NAME", "direction": "DESC"}],
    [{"field": "STATUS", "direction": "DESC"}],
]
# 003 has 59 KPIs; 50 of them stand in rows, and nine others are named elsewhere.
SLUG = "datainsight-pro"


async def kpis(ask, **variables):
    answer = await ask(KPIS, variables={"slug": SLUG, **variables})
    assert answer.errors == []
    assert answer.statements == 2
    return answer.data["organization"]["kpis"]


async def everything(ask, orders):
    """The whole list, in pages of 100: 003 has fewer KPIs."""
    page = await kpis(ask, first=100, orderBy=orders)
    assert page["pageInfo"]["hasNextPage"] is False
    return [edge["node"]["key"] for edge in page["edges"]]


@pytest.mark.parametrize("orders", ORDERS, ids=str)
@pytest.mark.parametrize("size", [pytest.param(1, marks=pytest.mark.full), 7, 58])  # one by one is 120 answers an order
async def test_pages_forward_and_backward_make_up_the_list(ask_seeds, orders, size):
    whole = await everything(ask_seeds, orders)
    assert len(set(whole)) == len(whole) == 59
    forward, after = [], None
    while True:
        page = await kpis(ask_seeds, first=size, after=after, orderBy=orders)
        assert page["pageInfo"]["hasPreviousPage"] is bool(forward)
        forward += [edge["node"]["key"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert forward == whole
    backward, before = [], None
    while True:
        page = await kpis(ask_seeds, last=size, before=before, orderBy=orders)
        assert page["pageInfo"]["hasNextPage"] is bool(backward)
        backward = [edge["node"]["key"] for edge in page["edges"]] + backward
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert backward == whole


async def test_a_page_lies_between_two_cursors(ask_seeds):
    whole = await kpis(ask_seeds, first=100)
    cursors = [edge["cursor"] for edge in whole["edges"]]
    keys = [edge["node"]["key"] for edge in whole["edges"]]
    between = await kpis(ask_seeds, first=100, after=cursors[3], before=cursors[7])
    assert [edge["node"]["key"] for edge in between["edges"]] == keys[4:7]
    nothing = await kpis(ask_seeds, first=100, after=cursors[3], before=cursors[4])
    assert nothing["edges"] == []
    assert (nothing["pageInfo"]["startCursor"], nothing["pageInfo"]["endCursor"]) == (None, None)


async def test_the_first_page_has_twenty_entries(ask_seeds):
    page = await kpis(ask_seeds)
    assert len(page["edges"]) == 20
    assert page["pageInfo"]["hasNextPage"] is True


async def test_the_last_none_are_none(ask_seeds):
    answer = await ask_seeds(KPIS, variables={"slug": SLUG, "last": 0})
    assert answer.data["organization"]["kpis"]["edges"] == []
    assert answer.statements == 1


async def test_names_sort_whatever_their_capitals(ask_seeds):
    page = await kpis(ask_seeds, first=100, orderBy=[{"field": "NAME"}])
    names = [edge["node"]["name"] for edge in page["edges"]]
    assert names == sorted(names, key=str.lower)


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_kpis_without_attainment_come_last_both_ways(ask_seeds, direction):
    page = await kpis(ask_seeds, first=100, orderBy=[{"field": "ATTAINMENT", "direction": direction}])
    attained = [edge["node"]["attainment"] for edge in page["edges"]]
    known = [value for value in attained if value is not None]
    assert known == sorted(known, reverse=direction == "DESC")
    assert attained == known + [None] * (len(attained) - len(known))


async def test_statuses_sort_from_the_worst_with_those_not_judged_last(ask_seeds):
    page = await kpis(ask_seeds, first=100, orderBy=[{"field": "STATUS"}])
    order = ["MISSED", "NEAR_MISS", "ACCEPTABLE", "MET"]
    statuses = [edge["node"]["status"] for edge in page["edges"]]
    ranks = [order.index(status) if status in order else len(order) for status in statuses]
    assert ranks == sorted(ranks)
    assert set(ranks) >= {0, 1, 3, 4}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 0}, "`first` is between 1 and 100, not 0"),
        ({"first": -1}, "`first` is between 1 and 100, not -1"),
        ({"first": 101}, "`first` is between 1 and 100, not 101"),
        ({"first": 1000}, "`first` is between 1 and 100, not 1000"),
        ({"last": -1}, "`last` is between 0 and 100, not -1"),
        ({"last": 1000}, "`last` is between 0 and 100, not 1000"),
        ({"first": 1, "last": 1}, "ask for `first` or for `last`, not for both"),
        ({"after": "x"}, "this is no cursor of this server: take cursors from `pageInfo` or `edges` as they are"),
        ({"before": "AAAA="}, "this is no cursor of this server: take cursors from `pageInfo` or `edges` as they are"),
    ],
)
async def test_a_page_that_is_none_is_refused(ask_seeds, arguments, message):
    answer = await ask_seeds(KPIS, variables={"slug": SLUG, **arguments})
    assert answer.errors == [("BAD_USER_INPUT", message)]
    assert answer.statements == 1


async def test_a_cursor_of_another_list_is_refused(ask_seeds):
    foreign = [
        (await kpis(ask_seeds, first=1, orderBy=[{"field": "NAME"}]))["pageInfo"]["endCursor"],
        (await kpis(ask_seeds, first=1, orderBy=[{"field": "POSITION", "direction": "DESC"}]))["pageInfo"]["endCursor"],
    ]
    other = await ask_seeds(KPIS, variables={"slug": "snapshot-co", "first": 1})
    foreign.append(other.data["organization"]["kpis"]["pageInfo"]["endCursor"])
    for cursor in foreign:
        answer = await ask_seeds(KPIS, variables={"slug": SLUG, "after": cursor})
        message = "this cursor belongs to another list or order: take cursors from the list they continue"
        assert answer.errors == [("BAD_USER_INPUT", message)]


# 001 and 002 together have 67 KPIs (ai-marketing-platform), 003 has 59 (datainsight-pro).
@pytest.mark.parametrize(
    ("slug", "wanted", "count"),
    [
        (SLUG, {}, 59),
        (SLUG, {"family": {"eq": "financial"}}, 21),
        (SLUG, {"family": {"eq": "course"}}, 0),
        (SLUG, {"inCategory": "unit-economics"}, 5),  # 003:120-124
        (SLUG, {"inCategory": "financial-performance-metrics"}, 10),  # with 003:111-115
        (SLUG, {"inCategory": "financial"}, 0),
        (SLUG, {"northStar": {"eq": True}}, 1),  # 003:8
        (SLUG, {"northStar": {"eq": False}}, 58),
        (SLUG, {"hasTarget": {"eq": True}, "inCategory": "unit-economics"}, 5),
        (SLUG, {"hasTarget": {"eq": False}, "inCategory": "unit-economics"}, 0),
        (SLUG, {"status": {"in": ["MISSED"]}, "inCategory": "financial-performance-metrics"}, 8),
        (SLUG, {"status": {"in": ["NEAR_MISS"]}, "inCategory": "financial-performance-metrics"}, 2),
        (SLUG, {"status": {"in": ["MISSED", "NEAR_MISS"]}, "inCategory": "financial-performance-metrics"}, 10),
        (SLUG, {"status": {"in": []}}, 0),
        (SLUG, {"colour": {"eq": "YELLOW"}, "inCategory": "financial-performance-metrics"}, 2),
        (SLUG, {"colour": {"eq": "YELLOW"}, "status": {"in": ["MISSED"]}}, 0),
        (SLUG, {"colour": {"eq": "BLUE"}}, 0),
        (SLUG, {"search": "annual rec"}, 1),  # its name, 003:112
        (SLUG, {"search": "LTV_CAC"}, 1),  # the key
        (SLUG, {"search": "story points"}, 1),  # the definition, 003:140
        (SLUG, {"search": "%"}, 14),  # the definitions of 003:53-135 with a per cent sign
        (SLUG, {"search": "a_v"}, 0),
        (SLUG, {"search": "\\"}, 0),
        ("ai-marketing-platform", {"owner": {"eq": "chro"}}, 4),  # 001:79-82
        ("ai-marketing-platform", {"owner": {"eq": "cmo"}, "family": {"eq": "course"}}, 10),  # 001:92-105
        ("ai-marketing-platform", {"owner": {"eq": "nobody"}}, 0),
        (
            "ai-marketing-platform",
            {"classification": {"eq": "operational"}, "department": {"eq": "engineering"}},
            5,
        ),  # 002:57-61
        ("ai-marketing-platform", {"inCategory": "revenue-metrics", "family": {"eq": "financial"}}, 5),  # 001:26-30
        # A KPI that 001 lists elsewhere is in the category of its row of 002 too.
        ("ai-marketing-platform", {"inCategory": "cost-metrics"}, 5),  # 002:114-118
        ("ai-marketing-platform", {"inCategory": "financial-performance-monitoring"}, 10),  # with 002:105-109
        ("ai-marketing-platform", {"search": "Cost per Customer"}, 1),  # an alias, 002:187
    ],
)
async def test_filters_narrow_the_list_and_its_count(ask_seeds, slug, wanted, count):
    answer = await ask_seeds(COUNT, variables={"slug": slug, "filter": wanted})
    assert answer.errors == []
    assert answer.data["organization"]["kpis"]["totalCount"] == count
    assert answer.statements == 2
    listed = await ask_seeds(KPIS, variables={"slug": slug, "first": 100, "filter": wanted})
    assert len(listed.data["organization"]["kpis"]["edges"]) == count


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"search": "x" * 201}, "`filter.search` is longer than 200 characters"),
        (
            {"owner": {"eq": "a\x00b"}},
            "`filter.owner.eq` holds a character that no text can store (NUL or half a character)",
        ),
        (
            {"family": {"eq": "\ud800"}},
            "`filter.family.eq` holds a character that no text can store (NUL or half a character)",
        ),
    ],
)
async def test_a_filter_that_cannot_be_asked_is_refused(ask_seeds, wanted, message):
    answer = await ask_seeds(COUNT, variables={"slug": SLUG, "filter": wanted})
    assert answer.errors == [("BAD_USER_INPUT", message)]


async def test_a_segment_that_is_none_is_refused(ask_seeds):
    answer = await ask_seeds(f'{{ organization(slug: "{SLUG}") {{ kpis(segment: "plan") {{ totalCount }} }} }}')
    message = '"plan" is no segment; segments read like plan=enterprise,region=eu'
    assert answer.errors == [("BAD_USER_INPUT", message)]


async def test_a_property_is_sorted_by_once(ask_seeds):
    twice = [{"field": "NAME"}, {"field": "NAME", "direction": "DESC"}]
    answer = await ask_seeds(KPIS, variables={"slug": SLUG, "orderBy": twice})
    assert answer.errors == [("BAD_USER_INPUT", "`orderBy` names a property twice")]


@pytest.mark.parametrize(
    ("slug", "wanted", "count"),
    [
        ("snapshot-co", {}, 5),
        ("ai-marketing-platform", {"document": {"eq": "001"}}, 49),
        ("ai-marketing-platform", {"document": {"eq": "002"}}, 35),
        ("ai-marketing-platform", {"document": {"eq": "001"}, "owner": {"eq": "cmo"}}, 21),
        ("ai-marketing-platform", {"department": {"eq": "sales"}}, 5),
        ("ai-marketing-platform", {"category": {"eq": "cost-metrics"}}, 5),
        ("datainsight-pro", {"document": {"eq": "003"}}, 50),
        ("auterity", {"document": {"eq": "004"}}, 23),
        ("auterity", {"document": {"eq": "001"}}, 0),
    ],
)
async def test_rows_of_documents_are_all_there(ask_seeds, slug, wanted, count):
    query = """query Rows($slug: String!, $filter: KpiRowFilter) {
      organization(slug: $slug) { kpiRows(filter: $filter) { totalCount } } }"""
    answer = await ask_seeds(query, variables={"slug": slug, "filter": wanted})
    assert answer.data == {"organization": {"kpiRows": {"totalCount": count}}}


LISTS = {
    "documents": 2,
    "departments": 4,
    "owners": 7,
    "targets": None,
    "initiatives": 3,
    "risks": 8,
    "mitigations": 4,
    "decisions": 0,
    "actionItems": 24,
    "approvals": 0,
    "categories": 8,
    "kpiRows": 84,
    "alertClasses": 8,
    "alertRules": 5,
    "alerts": 10,
    "statements": 46,
    "scores": 7,
    "classifications": 4,
    "accessLevels": 4,
    "contacts": 4,
    "reviews": 5,
    "dataSources": 0,
    "qualityControls": 0,
    "exchangeRates": 0,
    "trendRows": 8,
    "analyticsModels": 0,
    "segments": None,
}


@pytest.mark.parametrize("name", LISTS)
async def test_every_list_pages_both_ways(ask_seeds, name):
    query = f"""query List($after: Cursor, $before: Cursor, $first: Int, $last: Int) {{
      organization(slug: "ai-marketing-platform") {{
        {name}(first: $first, after: $after, last: $last, before: $before) {{
          totalCount nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"""

    async def page(**arguments):
        answer = await ask_seeds(query, variables=arguments)
        assert answer.errors == []
        return answer.data["organization"][name]

    forward, arguments = [], {"first": 3}
    while True:
        got = await page(**arguments)
        forward += [node["id"] for node in got["nodes"]]
        if not got["pageInfo"]["hasNextPage"]:
            break
        arguments = {"first": 3, "after": got["pageInfo"]["endCursor"]}
    assert len(forward) == got["totalCount"] == len(set(forward))
    if LISTS[name] is not None:
        assert len(forward) == LISTS[name]
    last = await page(last=2)
    assert [node["id"] for node in last["nodes"]] == forward[-2:]
    if len(forward) > 2:
        earlier = await page(last=2, before=last["pageInfo"]["startCursor"])
        assert [node["id"] for node in earlier["nodes"]] == forward[-4:-2]


async def test_organizations_page_too(ask_seeds):
    query = """query List($after: Cursor) { organizations(first: 3, after: $after) {
      nodes { slug } pageInfo { endCursor hasNextPage } } }"""
    first = (await ask_seeds(query)).data["organizations"]
    assert [node["slug"] for node in first["nodes"]] == ["ai-marketing-platform", "auterity", "datainsight-pro"]
    rest = (await ask_seeds(query, variables={"after": first["pageInfo"]["endCursor"]})).data["organizations"]
    assert [node["slug"] for node in rest["nodes"]] == ["snapshot-co"]
    assert rest["pageInfo"]["hasNextPage"] is False
