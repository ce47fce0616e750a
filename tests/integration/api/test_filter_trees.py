"""Filters give the rows that they should, and orders their order: compared with an evaluation of its own in Python.

The oracle evaluates filters over rows read by plain SQL and shares nothing with the server. Truth has SQL's three
values: True, False, and None where a value is missing.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_server.api.identity import global_id
from kpi_server.store.organizations import id_of

pytestmark = pytest.mark.families

TODAY = "date '2026-03-01'"  # the day of the tests' clock, in every organization's time zone
RISK_LEVELS = ["LOW", "MEDIUM", "HIGH"]
SEVERITIES = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "WARNING", "INFO"]
COLOURS = ["GREEN", "YELLOW", "RED", "BLUE", "GREY"]
UNITS = ["COUNT", "RATIO", "MULTIPLE", "POINTS", "SCORE", "MONEY", "DURATION", "MONTHS", "BYTES", "TEXT"]
PLACEMENTS = ["KPI_ROW", "HEADLINE", "TILE", "ALERT", "SIGNAL", "MATRIX", "STAGE", "COHORT"]
PLACEMENTS += ["DECISION", "PROGRESSION", "NARRATIVE"]
OPERATORS = ["AT_LEAST", "MORE_THAN", "AT_MOST", "LESS_THAN", "EQUAL", "BETWEEN", "TEXT"]
STATUSES = ["MISSED", "NEAR_MISS", "ACCEPTABLE", "MET"]  # the worst first; the others count as missing


@dataclass(frozen=True)
class Listed:
    """A list, the plain SQL of its rows with `id`, `position` and a column for each property, and their kinds."""

    field: str
    node: str
    sql: str
    kinds: dict[str, Any]
    """By property: text, key, number, int, day, flag, or the values of an enum in their order."""


_STATUS = f"""case when c.status is null then 'NO_TARGET' when c.status <> 'NO_TARGET' and c.due_on >= {TODAY}
    then 'NOT_YET_DUE' else c.status end"""
_KEY = "(select x.key from {0} x where x.organization_id = e.organization_id and x.id = {1})"

KPIS = Listed(
    "kpis",
    "Kpi",
    f"""select e.id, e.position, e.key, e.name, e.family, e.definition, substring(e.unit from '^[A-Z]+') as "unitKind",
        e.direction, e.north_star as "northStar", {_KEY.format("owners", "e.owner_id")} as owner,
        {_KEY.format("departments", "e.department_id")} as department,
        {_KEY.format("categories", "e.category_id")} as category,
        {_KEY.format("classifications", "e.classification_id")} as classification, e.document, {_STATUS} as status,
        case when {_STATUS} in ('MET', 'ACCEPTABLE') then 'GREEN' when {_STATUS} = 'NEAR_MISS' then 'YELLOW'
            when {_STATUS} = 'MISSED' then 'RED' else 'GREY' end as colour,
        c.value, c.previous_value as "previousValue", f.period, f.period_start as "periodStart",
        c.target_id is not null as "hasTarget", c.target_value as "targetValue", c.due_on as "dueOn", c.attainment,
        c.share_of_target as "shareOfTarget"
    from kpis e left join kpi_current c on c.organization_id = e.organization_id and c.kpi_id = e.id and c.segment = ''
    left join reported_figures f on f.organization_id = e.organization_id and f.id = c.figure_id
    where e.organization_id = $1""",
    {
        "key": "text", "name": "text", "family": "key", "definition": "prose", "unitKind": UNITS,
        "direction": ["UP", "DOWN", "NONE"], "northStar": "flag", "owner": "key", "department": "key",
        "category": "key", "classification": "key", "document": "key", "status": STATUSES, "colour": COLOURS,
        "value": "number", "previousValue": "number", "period": "period", "periodStart": "day", "hasTarget": "flag",
        "targetValue": "number", "dueOn": "day", "attainment": "number", "shareOfTarget": "number",
    },
)  # fmt: skip
TARGETS = Listed(
    "targets",
    "Target",
    f"""select e.id, e.position, e.text, e.operator, e.value, e.low, e.high, e.multiple, e.segment, e.due,
        e.due_on as "dueOn", e.months, e.period, e.period_start as "periodStart", e.period_end as "periodEnd",
        e.placement, e.label, e.rationale, {_KEY.format("kpis", "e.kpi_id")} as kpi,
        {_KEY.format("stages", "e.stage_id")} as stage, e.document
    from targets e where e.organization_id = $1""",
    {
        "text": "prose", "operator": OPERATORS, "value": "number", "low": "number", "high": "number",
        "multiple": "number", "segment": "text", "due": "text", "dueOn": "day", "months": "int", "period": "period",
        "periodStart": "day", "periodEnd": "day", "placement": PLACEMENTS, "label": "text", "rationale": "prose",
        "kpi": "key", "stage": "key", "document": "key",
    },
)  # fmt: skip
RISKS = Listed(
    "risks",
    "Risk",
    f"""select e.id, e.position, e.key, e.name, a.level, a.probability, a.impact,
        a.probability * case a.impact when 'LOW' then 1 when 'MEDIUM' then 2 when 'HIGH' then 3 end as exposure,
        a.tendency, a.status, a.colour, {_KEY.format("owners", "a.owner_id")} as owner,
        {_KEY.format("kpis", "e.kpi_id")} as kpi, {_KEY.format("decisions", "e.decision_id")} as decision, e.document
    from risks e left join (
        select distinct on (organization_id, risk_id) * from risk_assessments
        order by organization_id, risk_id, document desc
    ) a on a.organization_id = e.organization_id and a.risk_id = e.id
    where e.organization_id = $1""",
    {
        "key": "text", "name": "text", "level": RISK_LEVELS, "probability": "number", "impact": RISK_LEVELS,
        "exposure": "number", "tendency": ["STABLE", "RISING", "FALLING"], "status": "text", "colour": COLOURS,
        "owner": "key", "kpi": "key", "decision": "key", "document": "key",
    },
)  # fmt: skip
ALERTS = Listed(
    "alerts",
    "Alert",
    f"""select e.id, e.position, e.name, e.text, coalesce(e.severity, k.severity) as severity, e.colour,
        e.current_text as "currentText", e.target_text as "targetText", e.advice,
        {_KEY.format("kpis", "e.kpi_id")} as kpi, k.key as "alertClass", e.document
    from alerts e left join alert_classes k on k.organization_id = e.organization_id and k.id = e.alert_class_id
    where e.organization_id = $1""",
    {
        "name": "text", "text": "prose", "severity": SEVERITIES, "colour": COLOURS, "currentText": "prose",
        "targetText": "prose", "advice": "prose", "kpi": "key", "alertClass": "key", "document": "key",
    },
)  # fmt: skip
RULES = Listed(
    "alertRules",
    "AlertRule",
    """select e.id, e.position, e.name, e.recipients, e.actions from alert_rules e where e.organization_id = $1""",
    {"name": "text", "recipients": "texts", "actions": "texts"},
)
LISTED = [KPIS, TARGETS, RISKS, ALERTS, RULES]


def holds(wanted, row):
    """Whether a row fulfils a filter: True, False or None."""
    return _all([_member(name, value, row) for name, value in wanted.items()])


def _member(name, value, row):
    match name:
        case "and":
            return _all([holds(one, row) for one in value])
        case "or":
            return _any([holds(one, row) for one in value])
        case "not":
            return _not(holds(value, row))
        case _:
            return _all([_operator(operator, row[name], against) for operator, against in value.items()])


def _all(truths):
    return False if False in truths else None if None in truths else True


def _any(truths):
    return _not(_all([_not(truth) for truth in truths]))


def _not(truth):
    return None if truth is None else not truth


def _operator(operator, value, against):
    if operator == "isNull":
        return (value is None) is against
    if operator in {"in", "notIn"} and not against:
        return operator == "notIn"  # holds of nothing, or of everything, whatever the value
    if value is None:
        return None
    if operator == "between":
        return _of(value, against["low"]) <= value <= _of(value, against["high"])
    if operator in {"in", "notIn", "hasAny"}:
        return COMPARE[operator](value, [_of(value, one) for one in against])
    return COMPARE[operator](value, _of(value, against))


def _of(value, against):
    """What is compared, as a value of the same type."""
    if isinstance(value, Decimal):
        return Decimal(against)
    return type(value).fromisoformat(against) if hasattr(value, "isoformat") else against


COMPARE = {
    "eq": lambda value, against: value == against,
    "ne": lambda value, against: value != against,
    "lt": lambda value, against: value < against,
    "lte": lambda value, against: value <= against,
    "gt": lambda value, against: value > against,
    "gte": lambda value, against: value >= against,
    "in": lambda value, against: value in against,
    "notIn": lambda value, against: value not in against,
    "contains": lambda value, against: against.lower() in value.lower(),
    "startsWith": lambda value, against: value.lower().startswith(against.lower()),
    "endsWith": lambda value, against: value.lower().endswith(against.lower()),
    "has": lambda value, against: against in value,
    "hasAny": lambda value, against: any(one in value for one in against),
    "isEmpty": lambda value, against: (not value) is against,
}


def ordered(listed, rows, orders):
    """The rows in an order; ties in the documents' own."""
    found = sorted(rows, key=itemgetter("position", "id"))
    for order in reversed(orders):
        name = _camel(order["field"])
        rank = partial(_rank, listed.kinds.get(name, "int"), name)
        known = sorted(
            (row for row in found if rank(row) is not None), key=rank, reverse=order["direction"] == "DESC"
        )  # stable, in reverse too
        missing = [row for row in found if rank(row) is None]
        found = missing + known if order["nulls"] == "FIRST" else known + missing
    return found


def _rank(kind, name, row):
    value = row[name]
    if value is None:
        return None
    if isinstance(kind, list):
        return kind.index(value) if value in kind else None
    return value[:100].lower() if kind == "text" else value


def _camel(field):
    first, *rest = field.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(name):
    """A property as orders name it."""
    return "".join(f"_{sign}" if sign.isupper() else sign for sign in name).upper()


def sortable(listed):
    """The properties that a list is sorted by."""
    return [name for name, kind in listed.kinds.items() if kind not in ("prose", "period", "texts")]


def read(record):
    """A row as the oracle takes it: lists out of JSON."""
    return {name: json.loads(value) if name in ("recipients", "actions") else value for name, value in record.items()}


def filters(listed, rows):
    """Filters with values that occur, or nearly."""
    leaf = st.sampled_from(sorted(listed.kinds)).flatmap(
        lambda name: _operators(listed.kinds[name], [row[name] for row in rows if row[name] is not None]).map(
            lambda operators: {name: operators}
        )
    )
    return st.recursive(
        leaf | st.just({}),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda several: {"and": several}),
            st.lists(inner, max_size=3).map(lambda several: {"or": several}),
            inner.map(lambda one: {"not": one}),
            st.tuples(leaf, inner).map(lambda pair: {**pair[0], "and": [pair[1]]}),
        ),
        max_leaves=6,
    )


def orders(listed):
    """One to three properties to sort by."""
    fields = st.sampled_from(["POSITION", *map(snake, sortable(listed))])
    one = st.fixed_dictionaries(
        {"field": fields, "direction": st.sampled_from(["ASC", "DESC"]), "nulls": st.sampled_from(["FIRST", "LAST"])}
    )
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda order: order["field"])


def _operators(kind, values):
    if kind == "texts":
        inside = sorted({one for texts in values for one in texts})
        text = st.sampled_from([*inside, "nobody"])
        each = {"has": text, "hasAny": st.lists(text, max_size=3), "isEmpty": st.booleans()}
    else:
        each = _each(kind, st.sampled_from(sorted(map(_json, values), key=str)) if values else _any_of(kind))
    return st.dictionaries(st.sampled_from(sorted(each)), st.none(), min_size=1, max_size=2).flatmap(
        lambda chosen: st.fixed_dictionaries({operator: each[operator] for operator in chosen})
    )


def _each(kind, value):
    each = {"eq": value, "ne": value, "isNull": st.booleans()}
    if kind == "flag":
        return each
    each |= {"in": st.lists(value, max_size=3), "notIn": st.lists(value, max_size=3)}
    if kind in ("number", "int", "day"):
        between = st.tuples(value, value).map(lambda pair: {"low": pair[0], "high": pair[1]})
        each |= {"lt": value, "lte": value, "gt": value, "gte": value, "between": between}
    if kind in ("text", "prose"):
        part = value.flatmap(_part) | st.sampled_from(["%", "_", "\\", "'", "€"])
        each |= {
            "contains": part,
            "startsWith": value.flatmap(lambda text: st.integers(0, 5).map(lambda size: text[:size].swapcase())),
            "endsWith": value.flatmap(lambda text: st.integers(1, 5).map(lambda size: text[-size:].swapcase())),
        }
        each = {
            name: strategy.filter(_fits) if name in ("eq", "ne", "contains") else strategy
            for name, strategy in each.items()
        }
        each["in"] = each["notIn"] = st.lists(value.filter(_fits), max_size=3)
    return each


def _part(text):
    return st.tuples(st.integers(0, len(text)), st.integers(0, 8)).map(
        lambda cut: text[cut[0] : cut[0] + cut[1]].swapcase()
    )


def _fits(text):
    return len(text) <= 200


def _any_of(kind):
    """Some value of a property that no row has."""
    if isinstance(kind, list):
        return st.sampled_from(kind)
    return st.just({"number": "1", "int": 1, "day": "2026-01-01", "flag": True, "period": "2026-Q1"}.get(kind, "none"))


def _json(value):
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if hasattr(value, "isoformat") else value


BUSIEST = {"kpis": "datainsight-pro", "alertRules": "auterity"}


@pytest.fixture(params=LISTED, ids=lambda listed: listed.field)
def listed(request):
    return request.param


@pytest.fixture
async def rows(listed, read_database):
    """All rows of the list in one organization, by plain SQL."""
    number = id_of(BUSIEST.get(listed.field, "ai-marketing-platform"))
    async with read_database.read([number]) as connection:
        return [read(record) for record in await connection.fetch(listed.sql, number)]


async def found(ask, listed, wanted, order):
    """The ids that the list answers, page by page, and how many it counts."""
    query = f"""
      query List($slug: String!, $filter: {listed.node}Filter, $orderBy: [{listed.node}Order!], $after: Cursor) {{
        organization(slug: $slug) {{
          list: {listed.field}(first: 100, after: $after, filter: $filter, orderBy: $orderBy) {{
            totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
    variables = {"slug": BUSIEST.get(listed.field, "ai-marketing-platform"), "filter": wanted, "orderBy": order}
    ids, after = [], None
    while True:
        answer = await ask(query, variables={**variables, "after": after})
        assert answer.errors == []
        assert answer.statements == 3
        page = answer.data["organization"]["list"]
        ids += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return ids, page["totalCount"]


def ids_of(listed, rows):
    number = id_of(BUSIEST.get(listed.field, "ai-marketing-platform"))
    return [global_id(listed.node, number, row["id"]) for row in rows]


QUICK = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(data=st.data())
async def test_a_filter_and_an_order_give_what_an_evaluation_in_python_gives(ask_seeds, listed, rows, data):
    await check_a_filter_and_an_order(ask_seeds, listed, rows, data)


@pytest.mark.full
@settings(QUICK, max_examples=100)
@given(data=st.data())
async def test_a_hundred_filters_and_orders_give_what_an_evaluation_in_python_gives(ask_seeds, listed, rows, data):
    await check_a_filter_and_an_order(ask_seeds, listed, rows, data)


async def check_a_filter_and_an_order(ask_seeds, listed, rows, data):
    wanted, order = data.draw(filters(listed, rows)), data.draw(orders(listed))
    expected = ordered(listed, [row for row in rows if holds(wanted, row) is True], order)
    ids, count = await found(ask_seeds, listed, wanted, order)
    assert ids == ids_of(listed, expected)
    assert count == len(expected)


async def test_every_property_is_filtered_and_sorted_as_the_oracle_knows_it(schema, listed):
    """The oracle covers all that the schema offers, so that the property above does too."""
    offered = schema._schema.type_map[f"{listed.node}Filter"].fields
    questions = {"inCategory", "search"} if listed.field == "kpis" else set()
    if listed.field == "alertRules":  # here for its lists of texts
        assert set(listed.kinds) <= set(offered)
        return
    assert set(offered) - {"and", "or", "not"} - questions == set(listed.kinds)
    fields = schema._schema.type_map[f"{listed.node}OrderField"].values
    assert len(fields) == 1 + len(sortable(listed))


async def test_a_row_without_a_value_is_neither_equal_nor_unequal(ask_seeds):
    query = """{ organization(slug: "ai-marketing-platform") {
      all: actionItems { totalCount }
      null: actionItems(filter: {dueOn: {isNull: true}}) { totalCount }
      ne: actionItems(filter: {dueOn: {ne: "2020-01-01"}}) { totalCount }
      not: actionItems(filter: {not: {dueOn: {eq: "2020-01-01"}}}) { totalCount }
      notIn: actionItems(filter: {dueOn: {notIn: ["2020-01-01"]}}) { totalCount }
      both: actionItems(filter: {or: [{dueOn: {ne: "2020-01-01"}}, {dueOn: {isNull: true}}]}) { totalCount }
    } }"""
    answer = await ask_seeds(query)
    counts = {name: found["totalCount"] for name, found in answer.data["organization"].items()}
    assert counts["null"] > 0
    dated = counts["all"] - counts["null"]
    assert (counts["ne"], counts["not"], counts["notIn"], counts["both"]) == (dated, dated, dated, counts["all"])
