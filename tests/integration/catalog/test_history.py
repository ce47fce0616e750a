"""Generated history in the database: marked, apart from the facts, adding up, ending in what is printed, removable."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kpi_server.domain.calculation import Wanted
from kpi_server.domain.period import parse_period
from kpi_server.domain.recording import Sent
from kpi_server.domain.retracting import Retraction
from kpi_server.services.calculation.calculating import Books, calculate
from kpi_server.services.history import generate, withdraw
from kpi_server.services.past import When, enter_past
from kpi_server.services.recording import Call, Sender, record
from kpi_server.services.retracting import RetractionCall, retract
from kpi_server.store.organizations import id_of
from kpi_server.store.past import marked

pytestmark = pytest.mark.families

SLUGS = ("ai-marketing-platform", "auterity", "datainsight-pro", "snapshot-co")
IDS = [id_of(slug) for slug in SLUGS]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = """
select md5(string_agg(row::text, ',' order by row::text)) from (
    select kpi_current::text as row from kpi_current union all select reported_figures::text from reported_figures
) as facts
"""
"""Everything that is reported, aimed at or current."""
_STANDING = """
from observations join measures as measure
    on measure.organization_id = observations.organization_id and measure.id = measure_id
where ended_in is null and origin = 'GENERATED'
"""
OPENINGS = f"select count(*) {_STANDING} and measure.key = 'financial.opening_mrr'"
BRIDGED = f"select count(distinct measure.organization_id) {_STANDING} and measure.key = 'financial.opening_mrr'"
BROKEN = f"""
with moved as (
    select observations.organization_id, segment, period_start,
        sum(value) filter (where measure.key = 'financial.opening_mrr') as opening,
        sum(
            case
                when measure.key in ('financial.opening_mrr', 'financial.new_mrr', 'financial.expansion_mrr') then value
                when measure.key in ('financial.churned_mrr', 'financial.contraction_mrr') then -value
            end
        ) as closing
    {_STANDING}
    group by 1, 2, 3
),
chained as (
    select closing, lead(opening) over (partition by organization_id, segment order by period_start) as next
    from moved
    where opening is not null
)
select count(*) from chained where next <> closing
"""
"""How many months open, in an organization and a segment, with another amount than the one before closed with."""
PRINTED = {
    # AI Marketing Platform in March 2025: gross margin 78 % (002:108), MRR €100K (002:106), CAC €2,400 (002:115).
    ("ai-marketing-platform", "financial.gross_margin", "2025-03"): ("0.78", "0.005"),
    ("ai-marketing-platform", "financial.mrr", "2025-03"): ("100000", "500"),
    ("ai-marketing-platform", "financial.cac", "2025-03"): ("2400", "0.5"),
    # DataInsight Pro: 387 customers (003:161), NPS 52 (003:91), gross revenue retention 91 % (003:114).
    ("datainsight-pro", "customer.total_customers", "2025-06"): ("387", "0"),
    ("datainsight-pro", "customer.nps", "2025-06"): ("52", "0.5"),
    ("datainsight-pro", "financial.gross_revenue_retention", "2025-06"): ("0.91", "0.005"),
    # Snapshot Co. in March 2024: ARR $4.2M (000:20), 425K users a month (000:13), 22 minutes to recover (000:41).
    ("snapshot-co", "financial.arr", "2024-03"): ("4200000", "50000"),
    ("snapshot-co", "product.mau", "2024-03"): ("425000", "500"),
    ("snapshot-co", "technical.mttr", "2024-03"): ("1320", "30"),
    # Auterity prints no numbers but targets: NPS above 50 (004:518).
    ("auterity", "customer.nps", "2025-06"): ("50", "0.5"),
    # 95 and 99 of 100 requests within 500 ms and 1,000 ms (004:324, 004:325), read from histograms within 1 %.
    ("auterity", "technical.api_response_time_p95", "2025-06"): ("0.5", "0.005"),
    ("auterity", "technical.api_response_time_p99", "2025-06"): ("1", "0.01"),
}

FEATURES = {
    "workflow-builder": "0.82",
    "ai-processing": "0.58",
    "real-time-collaboration": "0.35",
    "advanced-analytics": "0.28",
    "template-library": "0.75",
}
"""Auterity's adoption by feature (004:708 to 004:712); of all features together it prints none."""


@pytest.mark.full  # fifteen seconds: two years of four companies; tests/unit/domain/test_history.py has the rules
async def test_history_is_generated_beside_the_facts_and_withdrawn_again(seeded_database, registry):
    """One database for all of it: generating takes seconds."""
    async with seeded_database.read(IDS) as connection:
        facts = await connection.fetchval(FACTS)
        before = await connection.fetchval("select count(*) from observations where ended_in is null")

    histories = await generate(seeded_database, registry, SLUGS, NOW)
    assert [one.slug for one in histories] == [*SLUGS]
    assert all(one.values > 0 and one.corrected > 0 for one in histories)

    async with seeded_database.read(IDS) as connection:
        assert await connection.fetchval(FACTS) == facts
        await check_rows(connection, sum(one.values for one in histories), sum(one.corrected for one in histories))
        for (slug, key, period), (expected, tolerance) in PRINTED.items():
            value = await calculated(connection, registry, slug, key, period)
            assert abs(value - Decimal(expected)) <= Decimal(tolerance), (slug, key, value)
        for feature, share in FEATURES.items():
            segment = f"feature={feature}"
            value = await calculated(
                connection, registry, "auterity", "product.feature_adoption", "2025-06", segment=segment
            )
            assert abs(value - Decimal(share)) <= Decimal("0.005"), (feature, value)
        day, month = [
            await calculated(connection, registry, "auterity", key, period)
            for key, period in (("product.dau", "2025-06-30"), ("product.mau", "2025-06"))
        ]
        assert abs(day / month - Decimal("0.3")) < Decimal("0.01")  # a day's users are among the month's
        opening = await calculated(connection, registry, SLUGS[0], "financial.closing_mrr", "2025-02")
        assert 80_000 < opening < 130_000  # of €100K MRR (002:106)
        assert await connection.fetchval(BROKEN) == 0
        assert await connection.fetchval(OPENINGS) == 24 * 4 * await connection.fetchval(BRIDGED)
        await check_restated(connection, registry)

    again = await generate(seeded_database, registry, SLUGS, NOW)
    assert [(one.measures, one.values) for one in again] == [(0, 0)] * 4

    till = Sender(id_of("snapshot-co"), 1, "till", "till")
    async with seeded_database.read([id_of("snapshot-co")]) as connection:
        key, period, segment = await connection.fetchrow(
            "select measure.key, period, segment from observations join measures as measure on measure.id = measure_id "
            "where ended_in is null and sketch_places is null limit 1"
        )
    told = Sent(None, period, Decimal(1), segment, measure=key)
    assert (await record(seeded_database, registry, till, Call([told], True, None, NOW))).recorded == 1
    gone = await withdraw(seeded_database, registry, SLUGS, NOW)
    assert gone == {one.slug: one.values - (one.slug == "snapshot-co") for one in histories}
    taken = RetractionCall([Retraction(None, key, period, segment)], True, NOW)
    assert (await retract(seeded_database, registry, till, taken)).retracted == 1  # and nothing generated stands again
    async with seeded_database.read(IDS) as connection:
        assert await connection.fetchval("select count(*) from observations where ended_in is null") == before
        assert await connection.fetchval(FACTS) == facts
    assert await withdraw(seeded_database, registry, SLUGS, NOW) == dict.fromkeys(SLUGS, 0)


async def check_rows(connection, values, corrected):
    """Every row is marked; one stands for each cell, and the corrected ones are kept beside."""
    rows = await connection.fetch(
        "select ended_in is null as stands, count(*) from observations where origin = 'GENERATED' group by 1"
    )
    assert {row["stands"]: row["count"] for row in rows} == {True: values, False: corrected}
    assert (
        await connection.fetchval("select count(*) from observations where source = 'GENERATED'") == values + corrected
    )
    known = await connection.fetchval(
        "select count(*) from kpis join measures using (organization_id, id) "
        "join observations on observations.organization_id = kpis.organization_id and measure_id = kpis.id "
        "where observations.origin = 'GENERATED'"
    )
    assert known == 0  # none of them is a KPI's own value


async def check_restated(connection, registry):
    """What was late or corrected came second: as of the number before, some sums were others."""
    last = await connection.fetchval("select last from sequences where organization_id = $1", id_of(SLUGS[0]))
    row = await connection.fetchrow(
        "select measures.key, observations.period from observations join measures "
        "on measures.organization_id = observations.organization_id and measures.id = measure_id "
        "where observations.organization_id = $1 and ended_in is not null and grain = 'MONTH' order by 1, 2 limit 1",
        id_of(SLUGS[0]),
    )
    now = await calculated(connection, registry, SLUGS[0], row["key"], row["period"])
    await enter_past(connection.fetch, id_of(SLUGS[0]), When(last - 1))
    then = await calculated(connection, registry, SLUGS[0], row["key"], row["period"], run=marked(connection.fetch))
    assert then != now


async def calculated(connection, registry, slug, key, period, run=None, segment=""):
    wanted = Wanted(key, segment, parse_period(period))
    books = Books(id_of(slug), parse_period("2026-03-01").start)
    (found,) = await calculate(run or connection.fetch, registry, books, [wanted])
    return found.outcome
