"""Measures of one organization, recorded by hand into a database that all tests of calculated values read.

In 2026 Auterity has, by plan (pro, free), customers at the start 100 and 200 in January and 110 and 240 in February,
and loses 3 and 10, then 4 and 12. December 2025 is known of the whole alone: 5 of 250. January 2025: 4 of 80 and 6 of
120. Subscriptions bring 1,000 in January 2026 and 1,100 in February, usage fees 10 and 20.50 on two days of January.

Its MRR moves, by plan (pro, free), from 700 and 300 in January 2026: 100 and 50 new, 40 more and 10 less of pro, 25 of
free lost; and in February from 830 and 325: 60 new and 20 more of pro, 15 of free lost, nothing given up.
"""

import asyncpg

from kpi_server.domain.period import parse_period
from kpi_server.store.organizations import id_of

ORGANIZATION = "auterity"

RECORDED = (
    *(
        ("customer.opening_customers", "2026-01", f"plan={plan}", value)
        for plan, value in (("pro", 100), ("free", 200))
    ),
    *(("customer.customers_lost", "2026-01", f"plan={plan}", value) for plan, value in (("pro", 3), ("free", 10))),
    *(
        ("customer.opening_customers", "2026-02", f"plan={plan}", value)
        for plan, value in (("pro", 110), ("free", 240))
    ),
    *(("customer.customers_lost", "2026-02", f"plan={plan}", value) for plan, value in (("pro", 4), ("free", 12))),
    *(("customer.opening_customers", "2025-01", f"plan={plan}", value) for plan, value in (("pro", 80), ("free", 120))),
    *(("customer.customers_lost", "2025-01", f"plan={plan}", value) for plan, value in (("pro", 4), ("free", 6))),
    ("customer.opening_customers", "2025-12", "", 250),
    ("customer.customers_lost", "2025-12", "", 5),
    ("financial.subscription_mrr", "2026-01", "", 1000),
    ("financial.subscription_mrr", "2026-02", "", 1100),
    ("financial.usage_fees", "2026-01-01", "", 10),
    ("financial.usage_fees", "2026-01-02", "", "20.50"),
    *(
        (f"financial.{movement}_mrr", month, f"plan={plan}", value)
        for month, movement, by_plan in (
            ("2026-01", "opening", {"pro": 700, "free": 300}),
            ("2026-01", "new", {"pro": 100, "free": 50}),
            ("2026-01", "expansion", {"pro": 40}),
            ("2026-01", "contraction", {"pro": 10}),
            ("2026-01", "churned", {"free": 25}),
            ("2026-02", "opening", {"pro": 830, "free": 325}),
            ("2026-02", "new", {"pro": 60}),
            ("2026-02", "expansion", {"pro": 20}),
            ("2026-02", "contraction", {"pro": 0}),
            ("2026-02", "churned", {"free": 15}),
        )
        for plan, value in by_plan.items()
    ),
)

_BATCH = """
with numbered as (
    update sequences set last = last + 1 where organization_id = $1 returning last
)
insert into batches select $1, nextval('entity_ids'), last, '2026-02-20T08:00:00Z', 'record', 'a test' from numbered
returning id
"""
_MEASURES = """
insert into measures (organization_id, id, key, batch_id)
select $1, nextval('entity_ids'), key, $2 from unnest($3::text[]) as key
"""
_OBSERVATIONS = """
insert into observations (
    organization_id, id, measure_id, segment, grain, period, period_start, period_end, value, text, position, origin,
    batch_id, source
)
select $1, nextval('entity_ids'), id, $4, $5, $6, $7, $8, $9::text::numeric, $9, 0, 'API', $2, 'billing'
from measures
where organization_id = $1 and key = $3
"""
_SERIES = """
insert into series
select organization_id, measure_id, segment, grain, min(period_start), null, max(period_start)
from observations
where organization_id = $1
group by organization_id, measure_id, segment, grain
on conflict do nothing
"""


async def record(address: str) -> None:
    """Record all of it under one number."""
    organization_id = id_of(ORGANIZATION)
    connection = await asyncpg.connect(address)
    try:
        batch_id = await connection.fetchval(_BATCH, organization_id)
        await connection.execute(_MEASURES, organization_id, batch_id, sorted({key for key, *_ in RECORDED}))
        for key, text, segment, value in RECORDED:
            period = parse_period(text)
            days = (period.grain.value, period.text, period.start, period.end)
            await connection.execute(_OBSERVATIONS, organization_id, batch_id, key, segment, *days, str(value))
        await connection.execute(_SERIES, organization_id)
    finally:
        await connection.close()
