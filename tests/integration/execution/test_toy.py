"""Rows that break what their types promise: nulls spread and errors have paths as the specification says, both ways."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest

from kpi_server.api.loaders import Loaders
from kpi_server.registry import build
from tests.integration.execution.both_ways import BothWays, valid
from tests.integration.execution.toy import TABLES, build_toy

ROWS = """
insert into shops values
    (1, 1, 'Corner', 'Here', '["old", "small"]'),
    (1, 2, 'Empty', null, null), (1, 3, null, null, null);
insert into items values
    (1, 11, 1, 1, 1, 'apple', 3, 3, 'RED', 2, 5),
    (1, 12, 1, 2, 2, 'pear', 2147483648, 4, 'BLUE', -1, null),
    (1, 13, 1, 3, 3, null, null, null, 'MAUVE', null, null),
    (1, 14, 3, 1, 1, null, 1, 1, null, 1, 1);
"""


@dataclass
class ToyContext:
    """What the toy's resolvers use."""

    connection: Any
    now: datetime = datetime(2026, 3, 1, tzinfo=UTC)
    statements: list[str] = field(default_factory=list)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.fetch, build([]), self.now)

    async def fetch(self, statement: str, *parameters: Any) -> Any:
        async with self._one_at_a_time:
            self.statements.append(statement)
            return await self.connection.fetch(statement, *parameters)


@pytest.fixture(scope="session")
def toy():
    return build_toy()


@pytest.fixture(scope="session")
def toy_address(cluster):
    """Where the toy's tables are; made once."""

    async def make():
        for address, statement in ((cluster.dsn(), "create database toy"), (cluster.dsn("toy"), TABLES)):
            owner = await asyncpg.connect(address)
            await owner.execute(statement)
            await owner.close()

    asyncio.run(make())
    return cluster.dsn("toy")


@pytest.fixture
async def connection(toy_address):
    """A connection to the toy's tables, which hold its rows again."""
    opened = await asyncpg.connect(toy_address)
    await opened.execute("delete from shops; delete from items;" + ROWS)
    yield opened
    await opened.close()


@pytest.fixture
def ask(toy, connection):
    """The answer that both ways give: its data, and its errors by path and code."""
    both = BothWays(toy, lambda: ToyContext(connection))

    async def asked(text, **variables):
        outcome = await both.compared(valid(toy.schema, text), variables)
        return orjson.loads(outcome.data), outcome.errors

    return asked


def errors(*entries):
    return frozenset(entries)


BAD, BUG = "BAD_USER_INPUT", "INTERNAL_ERROR"


async def test_a_null_where_none_is_allowed_takes_the_list_with_it(ask):
    """13 has no name: the list holds no nulls, so it is none, and neither is the shop."""
    data, found = await ask("{ shop(id: 1) { id items { id name } } }")
    assert data == {"shop": None}
    assert found == errors((("shop", "items", 2, "name"), BUG))


async def test_a_list_that_may_be_null_stops_the_null(ask):
    data, found = await ask("{ shop(id: 1) { id maybeItems { id name } } }")
    assert data == {"shop": {"id": 1, "maybeItems": None}}
    assert found == errors((("shop", "maybeItems", 2, "name"), BUG))


async def test_a_leaf_that_may_be_null_stops_its_own_error(ask):
    data, found = await ask("{ shop(id: 1) { items { id maybeSize colour } } }")
    assert data == {
        "shop": {
            "items": [
                {"id": 11, "maybeSize": 3, "colour": "RED"},
                {"id": 12, "maybeSize": None, "colour": "BLUE"},
                {"id": 13, "maybeSize": None, "colour": None},
            ]
        }
    }
    assert found == errors((("shop", "items", 1, "maybeSize"), BUG), (("shop", "items", 2, "colour"), BUG))


async def test_a_rule_that_raises_is_its_fields_error(ask):
    data, found = await ask("{ shop(id: 1) { items { p: price } } }")
    assert data == {"shop": {"items": [{"p": "2 gold"}, {"p": None}, {"p": None}]}}
    assert found == errors((("shop", "items", 1, "p"), BAD))


async def test_a_rule_that_must_give_something_takes_the_object_with_it(ask):
    data, found = await ask("{ items(ids: [11, 12, 13, 99]) { surePrice } }")
    assert data == {"items": [{"surePrice": "2 gold"}, None, None, None]}
    assert found == errors((("items", 1, "surePrice"), BAD), (("items", 2, "surePrice"), BUG))


async def test_an_object_of_a_rule_is_null_where_a_field_of_it_must_not_be(ask):
    data, found = await ask("{ shop(id: 1) { items { box { label width } } } }")
    assert data == {"shop": {"items": [{"box": {"label": "apple", "width": 5}}, {"box": None}, {"box": None}]}}
    assert found == errors((("shop", "items", 1, "box", "width"), BUG), (("shop", "items", 2, "box", "width"), BUG))


async def test_a_part_is_null_where_a_column_of_it_must_not_be(ask):
    data, found = await ask("{ shop(id: 1) { items { cut { width } } } }")
    assert data == {"shop": {"items": [{"cut": {"width": 5}}, {"cut": None}, {"cut": None}]}}
    assert found == errors((("shop", "items", 1, "cut", "width"), BUG), (("shop", "items", 2, "cut", "width"), BUG))


async def test_a_row_named_by_several_reports_its_error_for_each(ask):
    """The maker of 11 and of 14 is shop 1, whose list has an entry without a name."""
    data, found = await ask("{ items(ids: [11, 14]) { maker { name maybeItems { name } } } }")
    broken = {"maker": {"name": "Corner", "maybeItems": None}}
    assert data == {"items": [broken, broken]}
    assert found == errors(
        (("items", 0, "maker", "maybeItems", 2, "name"), BUG), (("items", 1, "maker", "maybeItems", 2, "name"), BUG)
    )


async def test_children_are_read_once_and_shared(ask, toy, connection):
    data, found = await ask("{ shop(id: 3) { items { maker { items { label } } } } }")
    assert data == {"shop": {"items": [{"maker": {"items": [{"label": "apple"}, {"label": "pear"}, {"label": None}]}}]}}
    assert found == errors()


async def test_children_of_one_row_under_several_report_their_errors_for_each(ask, connection):
    """Both things of shop 2 are made by shop 1: its list is read once, and broken in two places."""
    await connection.execute(
        "insert into items (organization_id, id, shop_id, maker_id) values (1, 21, 2, 1), (1, 22, 2, 1)"
    )
    data, found = await ask("{ shop(id: 2) { items { maker { maybeItems { name } } } } }")
    assert data == {"shop": {"items": [{"maker": {"maybeItems": None}}] * 2}}
    assert found == errors(
        (("shop", "items", 0, "maker", "maybeItems", 2, "name"), BUG),
        (("shop", "items", 1, "maker", "maybeItems", 2, "name"), BUG),
    )


async def test_entries_of_a_page_carry_their_positions(ask):
    data, found = await ask(
        "{ shop(id: 1) { p: itemPage(first: 3) { edges { node { maybeSize } } pageInfo { hasNextPage } } } }"
    )
    assert data["shop"]["p"]["edges"] == [
        {"node": {"maybeSize": 3}},
        {"node": {"maybeSize": None}},
        {"node": {"maybeSize": None}},
    ]
    assert found == errors((("shop", "p", "edges", 1, "node", "maybeSize"), BUG))


async def test_a_null_in_a_page_takes_the_page_with_it(ask):
    data, found = await ask("{ shop(id: 1) { id itemPage(first: 3) { totalCount nodes { name } } } }")
    assert data == {"shop": None}
    assert found == errors((("shop", "itemPage", "nodes", 2, "name"), BUG))


async def test_a_page_without_the_bad_row_is_whole(ask):
    data, found = await ask("{ shop(id: 1) { itemPage(first: 2) { nodes { name } } } }")
    assert data == {"shop": {"itemPage": {"nodes": [{"name": "apple"}, {"name": "pear"}]}}}
    assert found == errors()


async def test_resolvers_of_lists_fail_entry_by_entry(ask):
    data, found = await ask("{ items(ids: [11]) { loosePieces(count: 3) { count name } } }")
    assert data == {"items": [{"loosePieces": [{"count": 1, "name": "piece 1"}, None, {"count": 3, "name": None}]}]}
    assert found == errors(
        (("items", 0, "loosePieces", 1, "count"), BUG), (("items", 0, "loosePieces", 2, "name"), BAD)
    )


async def test_resolvers_beside_rows_fail_row_by_row(ask):
    data, found = await ask("{ shop(id: 1) { items { loosePieces(count: 2) { count } broken } } }")
    broken = {"loosePieces": [{"count": 1}, None], "broken": None}
    assert data == {"shop": {"items": [broken] * 3}}
    assert found == frozenset(
        error
        for position in range(3)
        for error in (
            (("shop", "items", position, "loosePieces", 1, "count"), BUG),
            (("shop", "items", position, "broken"), BAD),
        )
    )


async def test_a_resolver_that_must_give_something_takes_its_row_with_it(ask):
    data, found = await ask("{ shop(id: 1) { id maybeItems { label sureBroken } } }")
    assert data == {"shop": {"id": 1, "maybeItems": None}}
    assert (("shop", "maybeItems", 0, "sureBroken"), BAD) in found


async def test_what_should_be_a_list_and_is_none_is_an_error_of_its_field(ask):
    data, found = await ask("{ items(ids: [11]) { label wrongList { count } } }")
    assert data == {"items": [{"label": "apple", "wrongList": None}]}
    assert found == errors((("items", 0, "wrongList"), BUG))


async def test_a_list_in_a_column_may_be_null(ask):
    for number, tags in ((1, ["old", "small"]), (2, None)):
        data, found = await ask("query Tags($id: Int!) { shop(id: $id) { tags } }", id=number)
        assert data == {"shop": {"tags": tags}}
        assert found == errors()


@pytest.mark.parametrize("language", [None, "en", "fr"])
async def test_a_parameter_of_a_relation_is_an_argument(ask, language):
    data, found = await ask("query Motto($l: String) { shop(id: 1) { motto(language: $l) name } }", l=language)
    assert data == {"shop": {"motto": None if language == "fr" else "Here", "name": "Corner"}}
    assert found == errors()


async def test_a_parameter_that_is_refused_is_the_error_of_its_field_alone(ask):
    data, found = await ask('{ shop(id: 1) { bad: motto(language: "klingon") good: motto name } }')
    assert data == {"shop": {"bad": None, "good": "Here", "name": "Corner"}}
    assert found == errors((("shop", "bad"), BAD))


async def test_a_key_that_is_refused_is_the_error_of_the_root_field(ask):
    data, found = await ask("{ a: shop(id: -1) { id } }")
    assert (data, found) == ({"a": None}, errors((("a",), BAD)))


@pytest.mark.parametrize("number", [0, 4])
@pytest.mark.parametrize("inside", ["id", "__typename", "items { id }", "x: __typename itemPage { nodes { id } }"])
async def test_a_row_that_is_not_there_is_null(ask, number, inside):
    data, found = await ask(f"query Missing($n: Int!) {{ shop(id: $n) {{ {inside} }} }}", n=number)
    assert (data, found) == ({"shop": None}, errors())


@pytest.mark.parametrize("beside", ["", "itemPage { totalCount }", "itemPage(first: 1) { nodes { id } }"])
async def test_the_name_of_the_type_alone_can_be_asked(ask, beside):
    data, found = await ask(f"{{ shop(id: 1) {{ {beside} kind: __typename }} }}")
    assert data["shop"]["kind"] == "Shop"
    assert found == errors()


async def test_two_roots_are_asked_of_their_resolvers(ask):
    data, found = await ask("{ a: shop(id: 1) { name } b: shop(id: 3) { name } c: shop(id: 2) { name } }")
    assert data == {"a": {"name": "Corner"}, "b": None, "c": {"name": "Empty"}}
    assert found == errors((("b", "name"), BUG))


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        ("itemPage(first: 2) { edges { cursor @skip(if: $yes) } }", {"itemPage": {"edges": [{}, {}]}}),
        ("itemPage(first: 2) { nodes { id @skip(if: $yes) } }", {"itemPage": {"nodes": [{}, {}]}}),
        ("itemPage(first: 2) { pageInfo { endCursor @skip(if: $yes) } }", {"itemPage": {"pageInfo": {}}}),
        ("itemPage(first: 2) { totalCount @skip(if: $yes) }", {"itemPage": {}}),
        ("items { id @skip(if: $yes) }", {"items": [{}, {}, {}]}),
        ("items { box { width @skip(if: $yes) } }", {"items": [{"box": {}}] * 3}),
        ("items { maker { id @skip(if: $yes) } }", {"items": [{"maker": {}}] * 3}),
        ("items { cut { width @skip(if: $yes) } }", {"items": [{"cut": {}}] * 3}),
        ("items { pieces { count @skip(if: $yes) } }", {"items": [{"pieces": [{}]}] * 3}),
        ("id @skip(if: $yes)", {}),
    ],
)
async def test_an_object_of_which_everything_is_skipped_is_empty(ask, selected, expected):
    data, found = await ask(f"query Skipping($yes: Boolean!) {{ shop(id: 1) {{ {selected} }} }}", yes=True)
    assert (data, found) == ({"shop": expected}, errors())
