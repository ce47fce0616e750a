"""The cost of an operation: one for every object, lists times their page size, worked by hand."""

import pytest
from graphql import build_schema, parse, validate
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.api.cost import cost

SCHEMA = build_schema("""
interface Node { id: ID! }
type Query { node(id: ID): Node nodes(ids: [ID!]!): [Node]! thing: Thing things(first: Int, last: Int): ThingConnection
             list: [Thing!]! name: String names: [String!]! changes(first: Int!): ChangeBatch! }
type ChangeBatch { events: [Change!]! cursor: String }
type Change { key: String node: Node }
type ThingConnection { edges: [ThingEdge!]! nodes: [Thing!]! totalCount: Int pageInfo: PageInfo }
type PageInfo { hasNextPage: Boolean }
type ThingEdge { node: Thing cursor: String }
type Thing implements Node { id: ID! name: String size(of: Int): Int thing: Thing list: [Thing!]!
                             things(first: Int, last: Int): ThingConnection }
""")
SCHEMA.query_type.fields["changes"].args["first"].default_value = 100  # as Strawberry declares it


def cost_of(text, variables=None, operation=0):
    document = parse(text)
    assert validate(SCHEMA, document) == []
    return cost(SCHEMA, document, document.definitions[operation], variables=variables or {})


@pytest.mark.parametrize(
    ("document", "variables", "expected"),
    [
        ("{name names}", {}, 0),
        ("{thing{name}}", {}, 1),
        ("{thing{thing{id}}}", {}, 2),
        ("{list{name}}", {}, 10),
        ("{list{thing{id}}}", {}, 20),
        ("{things{totalCount}}", {}, 1),
        ("{things{nodes{name}}}", {}, 21),  # the connection and a default page of 20
        ("{things(first: 3){nodes{name}}}", {}, 4),
        ("{things(first: 3){edges{node{name}}}}", {}, 7),  # the connection, 3 edges, 3 things
        ("{things(first: 3){pageInfo{hasNextPage} nodes{name}}}", {}, 5),
        ("{things(last: 5){nodes{thing{id}}}}", {}, 11),
        ("{things(first: 2){nodes{things(first: 3){nodes{id}}}}}", {}, 11),  # 1 + 2 × (1 + 1 + 3)
        ("{things(first: 0){nodes{name}}}", {}, 1),
        ("{things(first: -1){nodes{name}}}", {}, 1),
        ("{things(first: 1000){nodes{name}}}", {}, 101),  # refused when it runs, as a page of 100 at most
        ("query($n: Int){things(first: $n){nodes{name}}}", {"n": 7}, 8),
        ("query($n: Int){things(first: $n){nodes{name}}}", {}, 21),
        ("query($n: Int){things(first: $n){nodes{name}}}", {"n": None}, 21),
        ("query($n: Int = 4){things(first: $n){nodes{name}}}", {}, 5),
        ("query($n: Int = 4){things(first: $n){nodes{name}}}", {"n": 6}, 7),
        ('query($n: Int){things(first: $n){nodes{name}}}', {"n": "many"}, 21),
        ('{nodes(ids: ["a", "b"]){id}}', {}, 2),
        ("query($ids: [ID!]!){nodes(ids: $ids){... on Thing{thing{id}}}}", {"ids": ["a", "b", "c"]}, 6),
        ("{things(first: 3){...P}} fragment P on ThingConnection{nodes{...T}} fragment T on Thing{thing{id}}", {}, 7),
        ("{a: things(first: 2){...P} b: things(first: 5){...P}} fragment P on ThingConnection{nodes{id}}", {}, 9),
        ("{changes{cursor}}", {}, 1),
        ("{changes{events{key}}}", {}, 101),  # the batch and 100 changes, which is its default
        ("{changes(first: 1000){events{node{id}}}}", {}, 2_001),
        ("{changes(first: 100000){events{key}}}", {}, 1_001),  # refused when it runs
        ("{__schema{types{name}}}", {}, 10_000),
        ("{__schema{a: types{name} types{b: name}}}", {}, 30_000),  # again for each alias
        ("{a: __schema{types{...T}}} fragment T on __Type{b: name fields{c: name}}", {}, 30_000),
        ("{a: __schema{types{name}} __type(name: \"Thing\"){name}}", {}, 20_000),
        ("{a: name b: name names}", {}, 2),  # a value with an alias may be asked for again and again
        ("{thing{size(of: 1) name}}", {}, 2),  # and so may one with arguments
        ("{thing{a: __typename}}", {}, 2),
        ("{things(first: 3){nodes{a: name b: size(of: 2)}}}", {}, 10),  # 1 + 3 × (1 + 2)
        ("{list{...T}} fragment T on Thing{a: name}", {}, 20),
        ("{thing{__typename}}", {}, 1),
    ],
)  # fmt: skip
def test_cost_of_an_operation(document, variables, expected):
    assert cost_of(document, variables) == expected


def test_only_the_operation_that_runs_costs():
    both = "query A{thing{id}} query B{list{id}}"
    assert (cost_of(both, operation=0), cost_of(both, operation=1)) == (1, 10)


def test_doubling_fragments_cost_what_they_would_fetch():
    fragments = "".join(f"fragment F{i} on Thing{{thing{{...F{i + 1}}} a:thing{{...F{i + 1}}}}}" for i in range(30))
    text = "{thing{...F0}}" + fragments + "fragment F30 on Thing{id}"
    assert cost_of(text) == 2**31 - 1  # a full binary tree with 31 levels


THINGS = st.recursive(
    st.just(()),
    lambda inner: st.lists(st.tuples(st.sampled_from(["thing", "list", "spread", 0, 1, 3]), inner), max_size=3),
    max_leaves=6,
)


def written(things, name="F"):
    """The text of nested selections, the cost of what they would fetch, and the fragments that the text spreads."""
    text, total, fragments = ["id"], 0, []
    for number, (kind, inside) in enumerate(things):
        inner, below, more = written(inside, f"{name}{number}")
        fragments += more
        if kind == "thing":
            text.append(f"a{number}:thing{{{inner}}}")
            total += 1 + below
        elif kind == "list":
            text.append(f"a{number}:list{{{inner}}}")
            total += 10 * (1 + below)
        elif kind == "spread":
            fragments.append(f"fragment {name}{number} on Thing{{{inner}}}")
            text.append(f"a{number}:thing{{...{name}{number}}} b{number}:thing{{...{name}{number}}}")
            total += 2 * (1 + below)
        else:
            text.append(f"a{number}:things(first:{kind}){{...on ThingConnection{{nodes{{{inner}}}}}}}")
            total += 1 + kind * (1 + below)
    return " ".join(text), total, fragments


@given(THINGS)
def test_counted_cost_equals_that_of_the_document_written_out(things):
    text, expected, fragments = written(things)
    assert cost_of(f"{{thing{{{text}}}}}" + "".join(fragments)) == 1 + expected
