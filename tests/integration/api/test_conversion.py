"""Amounts of other currencies: converted in computed values, shown in explanations, their rates listed."""

from datetime import date
from decimal import Decimal

import pytest

from kpi_server.domain.recording import Sent
from kpi_server.services.recording import Call, Sender, record
from kpi_server.store.bulk import insert_rows, table_of
from kpi_server.store.organizations import id_of
from kpi_server.store.tables.catalog import ExchangeRate
from tests.integration.api.conftest import NOW

pytestmark = pytest.mark.families

HERE = id_of("auterity")
RATES = {date(2025, 12, 20): "1.10", date(2026, 1, 16): "1.20"}
"""Dollars for a euro: from the document's day on, and from the middle of January."""

INPUTS = """inputs { key exact absence reason observations {
    segment exact currency conversion { currency rate firstDay lastDay exact }
} }"""


@pytest.fixture
async def spent(seeded_database, registry):
    """Auterity counts in dollars; in January it spent 100 of them, and 310 euros, to win ten customers."""
    async with seeded_database.write(HERE, action="test", actor="test") as write:
        await write.start()
        rows = [
            {
                "organization_id": HERE, "id": number, "key": f"EUR/USD {day}", "position": number, "document": "004",
                "line": 1, "origin": "CATALOG", "batch_id": write.batch_id, "base": "EUR", "quote": "USD", "day": day,
                "rate": Decimal(rate),
            }
            for number, (day, rate) in enumerate(RATES.items(), start=10**9)
        ]  # fmt: skip
        await insert_rows(write.connection, table_of(ExchangeRate), rows)
        write.keep()
        write.append()
    stated = [
        ("financial.sales_and_marketing_spend", "customer=enterprise", 100, None),
        ("financial.sales_and_marketing_spend", "customer=smb", 310, "EUR"),
        ("customer.customers_won", None, 10, None),
    ]
    sent = [
        Sent(None, "2026-01", Decimal(value), segment, measure=key, currency=currency)
        for key, segment, value, currency in stated
    ]
    receipt = await record(seeded_database, registry, Sender(HERE, 1, "till", "till"), Call(sent, True, None, NOW))
    assert receipt.faults == ()


async def test_a_computed_value_converts_and_its_explanation_says_how(ask_clone, spent):
    answer = await ask_clone(
        f"""{{ organization(slug: "auterity") {{ kpi(key: "financial.cac") {{
            value(period: "2026-01") {{ exact }} explain(period: "2026-01") {{ calculation {{ {INPUTS} }} }}
        }} }} }}"""
    )
    kpi = answer.data["organization"]["kpi"]
    # 15 days of 1.10 and 16 of 1.20: (16.5 + 19.2) / 31 = 35.7 / 31 = 1.151612903226; times 310 = 357.00000000006
    assert kpi["value"] == {"exact": "45.700000000006"}
    (spend,) = (one for one in kpi["explain"]["calculation"]["inputs"] if one["key"].startswith("financial"))
    assert spend["observations"] == [
        {"segment": "customer=enterprise", "exact": "100", "currency": None, "conversion": None},
        {
            "segment": "customer=smb", "exact": "310", "currency": "EUR",
            "conversion": {
                "currency": "USD", "rate": "1.151612903226", "firstDay": "2025-12-20", "lastDay": "2026-01-16",
                "exact": "357.00000000006",
            },
        },
    ]  # fmt: skip


async def test_a_rate_that_is_not_known_is_named(ask_clone, spent, seeded_database):
    async with seeded_database.write(HERE, action="test", actor="test") as write:
        await (await write.driver()).execute("delete from exchange_rates where day < '2026-01-01'")
        write.keep()
    answer = await ask_clone(
        f"""{{ organization(slug: "auterity") {{ kpi(key: "financial.cac") {{
            value(period: "2026-01") {{ exact absence reason }}
            explain(period: "2026-01") {{ calculation {{ {INPUTS} }} }}
        }} }} }}"""
    )
    kpi = answer.data["organization"]["kpi"]
    reason = (
        "amounts of financial.sales_and_marketing_spend cannot be converted: "
        "no rate from EUR to USD is known on 2026-01-01"
    )
    assert kpi["value"] == {"exact": None, "absence": "ERROR", "reason": reason}
    (spend,) = (one for one in kpi["explain"]["calculation"]["inputs"] if one["key"].startswith("financial"))
    assert (spend["absence"], spend["reason"]) == ("ERROR", reason)
    assert spend["observations"][1]["conversion"] == {
        "currency": "USD", "rate": None, "firstDay": None, "lastDay": None, "exact": None
    }  # fmt: skip


async def test_the_rates_of_an_organization_are_listed_and_found_by_id(ask_clone, spent):
    answer = await ask_clone(
        """{ organization(slug: "auterity") { exchangeRates(
            filter: {base: {eq: "EUR"}, day: {gte: "2026-01-01"}}, orderBy: [{field: DAY}]
        ) { totalCount nodes { id key base quote day rate source { document } } } } }"""
    )
    (rate,) = answer.data["organization"]["exchangeRates"]["nodes"]
    found = await ask_clone(f'{{ node(id: "{rate.pop("id")}") {{ __typename }} }}')
    assert found.data == {"node": {"__typename": "ExchangeRate"}}
    assert rate == {
        "key": "EUR/USD 2026-01-16", "base": "EUR", "quote": "USD", "day": "2026-01-16", "rate": "1.20",
        "source": {"document": "004"},
    }  # fmt: skip
