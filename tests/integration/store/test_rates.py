"""The rates by which PostgreSQL converts are those of the rule in Python."""

import random
from datetime import date, timedelta
from decimal import Decimal

from kpi_server.domain.currency import DailyRate, average_rate, closing_rate
from kpi_server.domain.period import Span
from kpi_server.store.bulk import insert_rows, table_of
from kpi_server.store.organizations import claim, id_of
from kpi_server.store.sql import statement
from kpi_server.store.tables.catalog import ExchangeRate
from kpi_server.store.tables.tenancy import Organization

HERE = id_of("here")
START = date(2026, 1, 1)
WANTED = """(
    select $1::bigint as organization_id, base, quote, period_start, period_end, is_flow
    from unnest($2::text[], $3::text[], $4::date[], $5::date[], $6::boolean[])
        as wanted (base, quote, period_start, period_end, is_flow)
)"""


async def store(database, rates):
    """Keep rates by (base, quote, day)."""
    async with database.write(HERE, action="test", actor="test") as write:
        row = Organization(
            id=HERE, slug="here", name="Here", currency="EUR", time_zone="UTC", undated_first=False, calendar=""
        )
        await claim(write, row)
        rows = [
            {
                "organization_id": HERE, "id": number, "key": f"{base}/{quote} {day}", "position": number,
                "document": None, "line": None, "origin": "API", "batch_id": write.batch_id,
                "base": base, "quote": quote, "day": day, "rate": rate,
            }
            for number, ((base, quote, day), rate) in enumerate(rates.items(), start=1)
        ]  # fmt: skip
        await insert_rows(write.connection, table_of(ExchangeRate), rows)


async def test_rates_of_periods_are_those_of_the_rule(database):
    chance = random.Random(11)  # noqa: S311 - the same rates each run
    days = [START + timedelta(day) for day in sorted(chance.sample(range(120), 40))]
    pairs = {
        "USD": {day: Decimal(chance.randrange(5_000, 20_000)).scaleb(-4) for day in days},
        "VND": {day: Decimal(chance.randrange(30_000, 40_000)).scaleb(-9) for day in days[3:]},
    }
    await store(database, {(base, "EUR", day): rate for base, rates in pairs.items() for day, rate in rates.items()})
    wanted = {
        (base, "EUR", START + timedelta(first), START + timedelta(first + length), is_flow)
        for base in (*pairs, "CHF")
        for first in range(0, 130, 9)
        for length in (1, 7, 31)
        for is_flow in (True, False)
    }
    async with database.read([HERE]) as connection:
        sql = statement("rates_of_periods").format(periods=WANTED)
        found = await connection.fetch(sql, HERE, *map(list, zip(*wanted, strict=True)))
    assert len(found) == len(wanted)
    for row in found:
        rates = [DailyRate(day, rate) for day, rate in pairs.get(row["base"], {}).items()]
        rule = average_rate if row["is_flow"] else closing_rate
        known = [one.day for one in rates if one.day < row["period_end"]]
        starting = [day for day in known if day <= row["period_start"]]
        if row["rate"] is not None:  # which of the dated rates count
            first = starting[-1] if row["is_flow"] else known[-1]
            assert (row["first_day"], row["last_day"]) == (first, known[-1]), row
        assert row["rate"] == rule(rates, Span(row["period_start"], row["period_end"])), row
