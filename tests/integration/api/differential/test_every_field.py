"""Every field of every type, one operation each, is the same planned as by graphql-core."""

from collections import deque
from itertools import groupby

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_leaf_type

from kpi_server.api.identity import global_id
from kpi_server.store.organizations import id_of
from tests.integration.execution.both_ways import valid

pytestmark = pytest.mark.families

SLUGS = ("datainsight-pro", "auterity", "snapshot-co", "ai-marketing-platform")
VARIABLES = {"slug": "String", "id": "ID"}
ARGUMENTS = {
    "Organization.deadlines": '(from: "2024-01-01")',
    "Organization.kpis": "(first: 40)",
    "Organization.metrics": '(kpis: ["financial.arr"], grain: MONTH, from: "2026-01", to: "2026-02")',
    "Kpi.value": '(period: "2026-01")',
    "CourseFamily.courseFunnel": '(period: "2026-01")',
    "MarketFamily.shareByRegion": '(period: "2026-01")',
    "PeopleFamily.headcountBridge": '(from: "2026-01", to: "2026-02")',
    "CustomerFamily.signupFunnel": '(period: "2026-01")',
    "FinancialFamily.mrrBridge": '(from: "2026-01", to: "2026-02")',
    "ProductFamily.adoptionByFeature": '(period: "2026-02")',
    "TechnicalFamily.errorBudget": '(period: "2026-01", objective: "0.999")',
    "Query.changes": "(organization: $slug)",
    "Query.scorecard": "(organization: $slug, input: {})",
    "Query.organization": "(slug: $slug)",
    "Organization.observations": '(kpi: "financial.arr", period: "2026-01", first: 5)',
    "Organization.kpi": '(key: "financial.arr")',
    "Query.node": "(id: $id)",
    "Query.nodes": "(ids: [$id, $id])",
}
RECORDED = {
    *("ClosedPeriod", "Conversion", "ExchangeRate", "ExchangeRateEdge", "Import", "ImportEdge", "MarketPart"),
    *("Observation", "ObservationEdge", "PointComparison", "ProductFeatureUse", "Rejection", "RejectionConnection"),
    "RejectionEdge",
}
"""Types of what is recorded, imported, closed or converted, of which the seeds hold nothing."""
DEEPEST = 9
WIDEST = "(first: 5)"


def spelled(parent, name):
    """A field with the arguments that it needs."""
    field = parent.fields[name]
    known = ARGUMENTS.get(f"{parent.name}.{name}")
    if known is not None:
        return name + known
    return name + WIDEST if "first" in field.args else name


def is_page(field):
    return get_named_type(field.type).name.endswith("Connection")


def ways(schema):
    """To each object type a short way from an organization, by its lists: what is written before and behind."""
    organization = schema.get_type("Organization")
    found = {"Organization": ("organization(slug: $slug) {", "}")}
    waiting = deque([(organization, 0)])
    while waiting:
        parent, depth = waiting.popleft()
        before, behind = found[parent.name]
        for name, field in sorted(parent.fields.items(), key=lambda item: not is_page(item[1])):
            inside = get_named_type(field.type)
            if f"{parent.name}.{name}" == "Organization.kpi" or not isinstance(inside, GraphQLObjectType):
                continue
            if inside.name not in found and depth < DEEPEST:
                found[inside.name] = (f"{before} {spelled(parent, name)} {{", f"}} {behind}")
                waiting.append((inside, depth + 1))
    return found


def selection(parent, name):
    """A field with all leaves of what it gives, and those of objects that are always there."""
    inside = get_named_type(parent.fields[name].type)
    if is_leaf_type(inside):
        return f"probed: {spelled(parent, name)}"
    if not isinstance(inside, GraphQLObjectType):
        return f"probed: {spelled(parent, name)} {{ __typename id }}"
    return f"probed: {spelled(parent, name)} {{ __typename {' '.join(leaves(inside))} }}"


def leaves(type_, depth=2):
    for name, field in type_.fields.items():
        inside = get_named_type(field.type)
        if any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values()):
            continue
        if is_leaf_type(inside):
            yield name
        elif depth and (name in ("nodes", "pageInfo") or inside.name in ("Source", "Unit")):
            yield f"{name} {{ {' '.join(leaves(inside, depth - 1))} }}"


def operations(schema):
    """(type, field, document) for every field that there is."""
    types = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    known = ways(schema) | {"Query": ("", ""), "Viewer": ("viewer {", "}"), "Grant": ("viewer { grants {", "} }")}
    known |= {
        "OrganizationConnection": ("organizations(first: 2) {", "}"),
        "OrganizationEdge": ("organizations(first: 2) { edges {", "} }"),
    }
    for type_ in types:
        if type_.name not in known:  # the schema's own, and results of mutations
            continue
        before, behind = known[type_.name]
        for name in type_.fields:
            body = f"{{ {before} {selection(type_, name)} {behind} }}"
            declared = [f"${variable}: {kind}!" for variable, kind in VARIABLES.items() if f"${variable}" in body]
            yield type_.name, name, f"query Probe({', '.join(declared)}) {body}" if declared else body


@pytest.fixture(scope="session")
def documents(graph):
    """Every field of every type by its name, with a document in which it is called `probed`."""
    return {
        f"{type_name}.{name}": valid(graph.schema, document) for type_name, name, document in operations(graph.schema)
    }


# Seven hundred operations, each executed twice; the quick tier compares some that are drawn from the schema.
@pytest.mark.full
async def test_every_field_is_the_same_both_ways(both, documents):
    """Asked of an organization that has such objects: a type's fields are reached, not only planned."""
    unreached = []
    for _, fields in groupby(documents.items(), key=lambda item: item[0].partition(".")[0]):
        at_hand = list(SLUGS)
        for name, document in fields:
            while at_hand and not await is_reached(both, document, at_hand[0]):
                at_hand.pop(0)
            if not at_hand:
                unreached.append(name.partition(".")[0])
                break
    assert set(unreached) == RECORDED, "of these no organization has any: widen SLUGS or ARGUMENTS"


async def is_reached(both, document, slug):
    """Whether the probed field of some object is in the answer."""
    number = id_of(slug)
    outcome = await both.compared(document, {"slug": slug, "id": global_id("Organization", number, number)})
    assert outcome.errors == frozenset()
    return b'"probed":' in outcome.data
