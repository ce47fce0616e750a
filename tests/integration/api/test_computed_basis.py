"""A KPI that was switched to what is computed: what the schema shows of it, planned and not."""

import json
from decimal import Decimal

import pytest

from kpi_server.api.executor import Executor
from kpi_server.domain.recording import Sent
from kpi_server.services.recompute import catch_up
from kpi_server.services.recording import Call, Sender, record
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import ALL, NOW

pytestmark = pytest.mark.families

HERE = id_of("ai-marketing-platform")
SHOWN = """
    basis status
    current { exact period basis formatted absence figure { text } source { document system } }
    previous { exact period basis }
"""


@pytest.fixture
async def switched(seeded_database, registry):
    """A CAC, at most 1,800 by 001:49, is computed as 30,000 / 10 for November and 17,000 / 10 for December."""
    async with seeded_database.write(HERE, action="test", actor="test") as write:
        await (await write.driver()).execute("update kpis set basis = 'COMPUTED' where key = 'financial.cac'")
        write.keep()
    sent = [
        Sent(None, month, Decimal(value), measure=key)
        for month, spent in (("2025-11", 30_000), ("2025-12", 17_000))
        for key, value in (("financial.sales_and_marketing_spend", spent), ("customer.customers_won", 10))
    ]
    receipt = await record(seeded_database, registry, Sender(HERE, 1, "till", "till"), Call(sent, True, None, NOW))
    assert receipt.faults == ()
    _ = [one async for one in catch_up(seeded_database, registry, [HERE], clock=lambda: NOW)]


@pytest.mark.parametrize("more", ["", 'reported { text } value(period: "2025-12") { basis }'])
async def test_what_is_computed_is_current_and_says_so(schema, registry, seeded_database, switched, more):
    """The first is planned, the second is not."""
    executor = Executor(schema, registry, seeded_database, Settings(_env_file=None), clock=lambda: NOW)
    kpi = f'kpi(key: "financial.cac") {{ {SHOWN} {more} }}'
    query = f'{{ organization(slug: "ai-marketing-platform") {{ {kpi} }} }}'
    answer = json.loads((await executor.execute(ALL, query)).body)
    assert "errors" not in answer
    kpi = answer["data"]["organization"]["kpi"]
    if more:
        assert kpi.pop("reported")
        assert kpi.pop("value") == {"basis": "COMPUTED"}
    assert kpi == {
        "basis": "COMPUTED", "status": "MET",
        "current": {
            "exact": "1700", "period": "2025-12", "basis": "COMPUTED", "formatted": "€1,700", "absence": None,
            "figure": None, "source": None,
        },
        "previous": {"exact": "3000", "period": "2025-11", "basis": "COMPUTED"},
    }  # fmt: skip
