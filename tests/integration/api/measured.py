"""Measures of two organizations, recorded by hand into a database that all tests of calculated values read.

What most published operations show is recorded besides: published.py.

In 2026 Auterity has, by plan (pro, free), customers at the start 100 and 200 in January and 110 and 240 in February,
and loses 3 and 10, then 4 and 12. December 2025 is known of the whole alone: 5 of 250. January 2025: 4 of 80 and 6 of
120. Subscriptions bring 1,000 in January 2026 and 1,100 in February, usage fees 10 and 20.50 on two days of January.

Its MRR moves, by plan (pro, free), from 700 and 300 in January 2026: 100 and 50 new, 40 more and 10 less of pro, 25 of
free lost; and in February from 830 and 325: 60 new and 20 more of pro, 15 of free lost, nothing given up.

In January 14 people come to its website by search and 9 by advertisement, 3 of them by both; 3 and 1 begin a trial and
one becomes a customer. In February 16, 12 and 7 of 20 users use three features, and 5 one of which nobody says who may
use it. Of the first ten days of February the platform is down 864 seconds on two. 120 students end a course in January
and 80 in February; 90 and 66 finish, 75 and 55 earn the certificate.

Its margin in January 2026 is (1,000 - 181) / 1,000 = 81.9 %, which a system called "bi" states as 0.82, and as 0.80 in
plan=pro, where it is (500 - 90) / 500 = 82 %.

DataInsight Pro's document 003 is taken to be of May 2025, when its measures give 480,000 MRR, 400 customers, 87.5 %
margin and 12 of 400 customers lost: a lifetime value of 1,200 x 87.5 % / 3 % = 35,000. A customer costs 81,600 / 12 =
6,800 to win.
"""

import asyncpg

from kpi_server.domain.period import parse_period
from kpi_server.domain.sketch.distinct import distinct, estimate
from kpi_server.store.organizations import id_of
from tests.integration.api import published

ORGANIZATION = "auterity"

OPERATIONS = ("adoption_by_feature", "course_funnel", "error_budget", "signup_funnel", *published.OPERATIONS)
"""The published operations that show recorded measures, which no document prints: they are asked here."""

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
    ("customer.visitors", "2026-01", "channel=search", {f"visitor {number}" for number in range(14)}),
    ("customer.visitors", "2026-01", "channel=advertisement", {f"visitor {number}" for number in range(11, 20)}),
    ("customer.trials", "2026-01", "channel=search", 3),
    ("customer.trials", "2026-01", "channel=advertisement", 1),
    ("customer.trials_converted", "2026-01", "channel=search", 1),
    *(
        ("product.feature_users", "2026-02", f"feature={feature}", {f"user {number}" for number in range(users)})
        for feature, users in (
            ("workflow-builder", 16),
            ("ai-processing", 12),
            ("real-time-collaboration", 7),
            ("template-library", 5),
        )
    ),
    *(
        ("product.eligible_users", "2026-02", f"feature={feature}", 20)
        for feature in ("workflow-builder", "ai-processing", "real-time-collaboration")
    ),
    *(("technical.service_time", f"2026-02-{day:02}", "", 86400) for day in range(1, 11)),
    *(("technical.downtime", f"2026-02-{day:02}", "", 864 if day in {3, 7} else 0) for day in range(1, 11)),
    *(
        (f"course.{key}", month, "", value)
        for month, values in (("2026-01", (120, 90, 75)), ("2026-02", (80, 66, 55)))
        for key, value in zip(("course_participants", "course_finishers", "certified_students"), values, strict=True)
    ),
)

STATED = (
    ("financial.revenue", "2026-01", "plan=pro", 500),
    ("financial.revenue", "2026-01", "plan=free", 500),
    ("financial.cost_of_goods_sold", "2026-01", "plan=pro", 90),
    ("financial.cost_of_goods_sold", "2026-01", "plan=free", 91),
    ("financial.gross_margin", "2026-01", "", "0.82"),
    ("financial.gross_margin", "2026-01", "plan=pro", "0.80"),
)

FRAMEWORK = "datainsight-pro"

OF_FRAMEWORK = tuple(
    (key, "2025-05", "", value)
    for key, value in (
        ("financial.subscription_mrr", 470_000),
        ("financial.usage_fees", 10_000),
        ("financial.revenue", 800_000),
        ("financial.cost_of_goods_sold", 100_000),
        ("financial.sales_and_marketing_spend", 81_600),
        ("customer.customers", 400),
        ("customer.opening_customers", 400),
        ("customer.customers_lost", 12),
        ("customer.customers_won", 12),
    )
)

_DATED = """
update reported_figures set period = '2025-05', period_start = '2025-05-01', period_end = '2025-06-01'
where organization_id = $1 and document = '003'
"""
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
on conflict do nothing
"""
_OBSERVATIONS = """
insert into observations (
    organization_id, id, measure_id, segment, grain, period, period_start, period_end, value, text, position, origin,
    batch_id, source, sketch_places, sketch_amounts
)
select $1, nextval('entity_ids'), id, $4, $5, $6, $7, $8, $9::text::numeric, $9, 0, 'API', $2, $12, $10, $11
from measures
where organization_id = $1 and key = $3
"""
_SERIES = """
insert into series
select organization_id, measure_id, segment, grain, min(period_start), null, max(period_start)
from observations
where organization_id = $1
group by organization_id, measure_id, segment, grain
on conflict (organization_id, measure_id, segment, grain) do update
set first_start = excluded.first_start, last_start = excluded.last_start
"""


async def record(address: str) -> None:
    """Record all of it, that of each organization under one number."""
    connection = await asyncpg.connect(address)
    try:
        await _record(connection, id_of(ORGANIZATION), {"billing": RECORDED, "bi": STATED})
        await _record(connection, id_of(FRAMEWORK), {"billing": OF_FRAMEWORK})
        await connection.execute(_DATED, id_of(FRAMEWORK))
        for slug, rows in published.RECORDED.items():
            await _record(connection, id_of(slug), {"billing": rows})
    finally:
        await connection.close()


def _stored(value: object) -> tuple[str, tuple[int, ...] | None, tuple[int, ...] | None]:
    """A number, or a sketch of the subjects with about how many they are."""
    if not isinstance(value, set):
        return str(value), None, None
    sketch = distinct(value)
    return str(estimate(sketch)), sketch.places, sketch.amounts


async def _record(
    connection: asyncpg.Connection, organization_id: int, by_source: dict[str, tuple[tuple[str, str, str, object], ...]]
) -> None:
    batch_id = await connection.fetchval(_BATCH, organization_id)
    keys = {key for rows in by_source.values() for key, *_ in rows}
    await connection.execute(_MEASURES, organization_id, batch_id, sorted(keys))
    for source, rows in by_source.items():
        for key, text, segment, value in rows:
            period = parse_period(text)
            days = (period.grain.value, period.text, period.start, period.end)
            cell = (organization_id, batch_id, key, segment, *days)
            await connection.execute(_OBSERVATIONS, *cell, *_stored(value), source)
    await connection.execute(_SERIES, organization_id)
