"""Whatever a kind of row declares can be filtered and sorted by: a loop over all declarations."""

import pkgutil
from datetime import UTC, datetime
from importlib import import_module

import pytest

from kpi_server.api import types
from kpi_server.api.identity import cursor, read_cursor
from kpi_server.api.lists.columns import own
from kpi_server.api.lists.filters import add_conditions
from kpi_server.api.lists.operators import TextsFilter
from kpi_server.api.lists.orders import sorted_by
from kpi_server.api.lists.rows import RowKind
from kpi_server.api.types.enums import NullsPlace, SortDirection
from kpi_server.store.organizations import id_of
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.keyset import Slice, count, read_page, sort_values
from kpi_server.store.reads.kpis import kpi_clauses
from kpi_server.store.tables import METADATA
from tests.integration.api.conftest import UNDECLARED

pytestmark = pytest.mark.families

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SLUGS = ("ai-marketing-platform", "auterity", "datainsight-pro", "snapshot-co")
KINDS = {
    value.name: value
    for module in pkgutil.iter_modules(types.__path__, "kpi_server.api.types.")
    for value in vars(import_module(module.name)).values()
    if isinstance(value, RowKind)
}
WIDER = {"Kpi", "Risk"}
"""Those that have a select of their own, wider than their table."""
UNPRINTED = {"ExchangeRate"}
"""Those of which no document prints any."""
TABLES = {"ReportedScore": "scores", "Category": "categories", "AlertClass": "alert_classes"}


def table_of(kind):
    snake = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in kind.name).lstrip("_")
    return METADATA.tables[TABLES.get(kind.name, f"{snake}s")]


@pytest.fixture
async def stores(read_database):
    """A connection that may read all four organizations."""
    async with read_database.read([id_of(slug) for slug in SLUGS]) as connection:
        yield connection


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return KINDS[request.param]


def begun(kind, organization_id):
    if kind.name == "Kpi":
        return kpi_clauses(NOW, organization_id, segment="")
    clauses = Clauses()
    clauses.add(f"{kind.row}.organization_id = {{}}::bigint", organization_id)
    return clauses


async def counted(connection, kind, organization_id, wanted):
    clauses = begun(kind, organization_id)
    add_conditions(clauses, wanted, columns=kind.columns, questions=kind.questions, organization_id=organization_id)
    return await count(connection.fetch, kind.select(clauses, ()), clauses)


async def values(connection, kind, column, organization_id):
    """What a column holds, row by row."""
    clauses = begun(kind, organization_id)
    rows = await connection.fetch(kind.select(clauses, [f"{column.sql} as looked_at"]), *clauses.parameters)
    return [row["looked_at"] for row in rows]


def test_every_list_of_an_organization_is_declared(schema):
    fields = schema._schema.type_map["Organization"].fields
    lists = {name: str(field.type)[:-11] for name, field in fields.items() if str(field.type).endswith("Connection!")}
    assert set(lists) > UNDECLARED
    declared = {name: node for name, node in lists.items() if name not in UNDECLARED}
    assert sorted(declared.values()) == sorted(KINDS)
    for name, node in declared.items():
        arguments = {argument: str(entry.type) for argument, entry in fields[name].args.items()}
        assert arguments["filter"] == f"{node}Filter", name
        assert arguments["orderBy"] == f"[{node}Order!]", name


def test_what_is_declared_nullable_is_so_in_the_table(kind):
    table = table_of(kind)
    for column in kind.columns:
        stored = table.columns.get(column.name if column.name in table.columns else f"{column.name}_id")
        if stored is not None and kind.name not in WIDER and "coalesce" not in column.sql and column.kind != "jsonb":
            assert column.nullable is stored.nullable, column.name
            assert column.sql == own(column.name) or column.name + "_id" in column.sql


async def test_each_column_tells_rows_with_a_value_from_those_without(stores, kind):
    for column in kind.columns:
        for slug in SLUGS:
            number = id_of(slug)
            held = await values(stores, kind, column, number)
            if column.operators is TextsFilter:
                asked, missing = column.operators(is_empty=True), held.count("[]")
            else:
                asked, missing = column.operators(is_null=True), held.count(None)
            found = await counted(stores, kind, number, kind.filter_type(**{column.name: asked}))
            assert found == missing, column.name
            others = kind.filter_type(not_=kind.filter_type(**{column.name: asked}))
            assert await counted(stores, kind, number, others) == len(held) - missing, column.name


async def test_each_column_tells_equal_from_unequal_rows(stores, kind):
    for column in kind.columns:
        if column.operators is TextsFilter:
            continue
        for slug in SLUGS:
            number = id_of(slug)
            held = [one for one in await values(stores, kind, column, number) if one is not None]
            for value in held[:1]:
                equal, unequal = (
                    kind.filter_type(**{column.name: column.operators(**{operator: value})})
                    for operator in ("eq", "ne")
                )
                if isinstance(value, str) and len(value) > 200:
                    continue
                assert await counted(stores, kind, number, equal) == held.count(value), column.name
                assert await counted(stores, kind, number, unequal) == len(held) - held.count(value), column.name


class Order:
    """A wish as the schema's input makes it."""

    def __init__(self, field: str, direction: SortDirection, nulls: NullsPlace) -> None:
        self.field, self.direction, self.nulls = field, direction, nulls


async def paged(connection, kind, organization_id, order, *, size, backward):
    """The ids of a whole list, read page by page through cursors as callers hold them."""
    found, place = [], None
    while True:
        clauses = begun(kind, organization_id)
        part = Slice(size, backward, **{"before" if backward else "after": place})
        rows = kind.select(clauses, order.expressions)
        page = await read_page(connection.fetch, rows, clauses, keys=order.keys, part=part)
        ids = [row["id"] for row in page.rows]
        found = ids + found if backward else found + ids
        if not page.has_more:
            return found
        edge = sort_values(page.rows[0 if backward else -1], order.keys)
        place = read_cursor(cursor("list", edge), "list", order.keys)


@pytest.mark.parametrize("direction", SortDirection)
@pytest.mark.parametrize("nulls", NullsPlace)
async def test_each_order_pages_through_the_whole_list_both_ways(stores, kind, direction, nulls):
    """Ties are plenty: most columns hold a handful of values, many none at all."""
    sizes = {id_of(slug): await counted(stores, kind, id_of(slug), None) for slug in SLUGS}
    number = max(sizes, key=sizes.get)
    assert sizes[number] > 1 or kind.name in UNPRINTED
    for column in kind.columns:
        if column.sorting is None:
            continue
        order = sorted_by([Order(column.name.upper(), direction, nulls)], kind.columns)
        whole = await paged(stores, kind, number, order, size=1000, backward=False)
        assert len(whole) == len(set(whole)) == sizes[number]
        size = max(2, sizes[number] // 5)
        assert await paged(stores, kind, number, order, size=size, backward=False) == whole, column.name
        assert await paged(stores, kind, number, order, size=size, backward=True) == whole, column.name
