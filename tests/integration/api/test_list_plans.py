"""The hot list of KPIs is read through indexes, whatever it is filtered and sorted by."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from kpi_server.api.lists.filters import add_conditions
from kpi_server.api.lists.operators import DecimalFilter, KeyFilter, TextFilter
from kpi_server.api.lists.orders import sorted_by
from kpi_server.api.types.enums import NullsPlace, SortDirection
from kpi_server.api.types.kpis import KPIS
from kpi_server.store.organizations import id_of
from kpi_server.store.reads.keyset import Slice, read_page
from kpi_server.store.reads.kpis import kpi_clauses

pytestmark = pytest.mark.families

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SLUG = "datainsight-pro"


def _nodes(plan):
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


async def _plan(database, wanted, fields):
    """The steps of the plan by which one page of KPIs is read."""
    number = id_of(SLUG)
    clauses = kpi_clauses(NOW, number, segment="")
    add_conditions(clauses, wanted, columns=KPIS.columns, questions=KPIS.questions, organization_id=number)
    orders = [SimpleNamespace(field=field, direction=SortDirection.ASC, nulls=NullsPlace.LAST) for field in fields]
    order = sorted_by(orders, KPIS.columns)
    async with database.read([number]) as connection:
        await connection.execute("set local enable_seqscan = off")  # the seeds are small: reading all is cheapest

        async def explained(statement, *parameters):
            (row,) = await connection.fetch(f"explain (format json) {statement}", *parameters)
            plans.append(json.loads(row[0])[0]["Plan"])
            return []

        plans = []
        rows = KPIS.select(clauses, order.expressions)
        await read_page(explained, rows, clauses, keys=order.keys, part=Slice(20))
    return list(_nodes(plans[0]))


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (None, []),
        (None, ["KEY"]),
        (None, ["STATUS", "ATTAINMENT"]),
        (KPIS.filter_type(owner=KeyFilter(eq="cmo"), attainment=DecimalFilter(lt=Decimal(1))), ["NAME"]),
        (KPIS.filter_type(or_=[KPIS.filter_type(name=TextFilter(contains="rate")), KPIS.filter_type(search="x")]), []),
    ],
    ids=["plain", "key", "status", "filtered", "searched"],
)
async def test_kpis_are_found_by_index(read_database, wanted, fields):
    steps = await _plan(read_database, wanted, fields)
    assert [step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"] == []
    (kpis,) = [step for step in steps if step.get("Index Name", "").startswith("kpis_")]
    assert f"organization_id = '{id_of(SLUG)}'" in kpis["Index Cond"]
    if wanted is not None and wanted.owner is not None:
        assert kpis["Index Name"] == "kpis_by_owner"
