"""Generated history counts in computed values, and is left out where that is asked for."""

from decimal import Decimal

import pytest

from kpi_server.domain.recording import Sent
from kpi_server.services.recompute import catch_up
from kpi_server.services.recording import Call, Sender, record
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import NOW

pytestmark = pytest.mark.families

HERE = id_of("auterity")
STATED = [
    ("financial.sales_and_marketing_spend", "2026-01", "customer=enterprise", 100),
    ("financial.sales_and_marketing_spend", "2026-01", "customer=smb", 300),
    ("customer.customers_won", "2026-01", None, 10),
]


@pytest.fixture
async def spent(seeded_database, registry):
    """400 were spent to win ten customers; the 300 for small ones are generated. What comes of it is kept."""
    sent = [Sent(None, period, Decimal(value), segment, measure=key) for key, period, segment, value in STATED]
    receipt = await record(seeded_database, registry, Sender(HERE, 1, "till", "till"), Call(sent, True, None, NOW))
    assert receipt.faults == ()
    async with seeded_database.write(HERE, action="test", actor="test") as write:
        generated = "update observations set origin = 'GENERATED' where segment = 'customer=smb'"
        await (await write.driver()).execute(generated)
        write.keep()
    _ = [one async for one in catch_up(seeded_database, registry, [HERE], clock=lambda: NOW)]


async def test_what_is_generated_is_left_out_of_values_series_and_tables(ask_clone, spent):
    window = 'grain: MONTH, from: "2026-01", to: "2026-01"'
    answer = await ask_clone(
        f"""{{ organization(slug: "auterity") {{
            kpi(key: "financial.cac") {{
                all: value(period: "2026-01") {{ exact }}
                value(period: "2026-01", generated: false) {{ exact }}
                quarter: value(period: "2026-Q1", generated: false) {{ exact }}
                computed(period: "2026-01", generated: false) {{ exact }}
                series({window}, generated: false) {{ exact }}
            }}
            metrics(kpis: ["financial.cac", "financial.sales_and_marketing_spend"], {window}, generated: false) {{
                rows {{ exact }}
            }}
        }} }}"""
    )
    assert answer.errors == []
    found = answer.data["organization"]
    assert found["kpi"] == {
        "all": {"exact": "40"}, "value": {"exact": "10"}, "quarter": {"exact": "10"}, "computed": {"exact": "10"},
        "series": {"exact": ["10"]},
    }  # fmt: skip
    assert found["metrics"]["rows"] == [{"exact": ["10"]}, {"exact": ["100"]}]
