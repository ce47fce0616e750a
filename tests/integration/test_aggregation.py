"""Events become measures, and measures metrics: recorded through the service, aggregated, calculated."""

import asyncio
import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_server.domain.calculation import Wanted
from kpi_server.domain.event import SentEvent
from kpi_server.domain.period import parse_period
from kpi_server.plugin import Cell
from kpi_server.plugin import aggregate as declared
from kpi_server.registry import Registry
from kpi_server.services.aggregation import Aggregated, aggregate, keep_aggregating
from kpi_server.services.calculation.calculating import Books, calculate
from kpi_server.services.catalog.loading import seed
from kpi_server.services.events import EventCall, record_events
from kpi_server.services.recording import Sender
from kpi_server.store.organizations import id_of

pytestmark = pytest.mark.families

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HERE = id_of("shop")
CATALOG = """\
organization: {slug: shop, source: "menu:1", name: Shop, currency: EUR, time_zone: Europe/Berlin}
documents:
  - {key: menu, source: "menu:1", title: Menu}
segments:
  - {dimension: plan, value: pro, source: "menu:2", name: Pro}
  - {dimension: plan, value: free, source: "menu:3", name: Free}
"""
SUBSCRIPTIONS = [
    ("acme", "01-10", 100, "pro"),
    ("acme", "02-10", 150, "pro"),
    ("bolt", "01-20", 80, "free"),
    ("bolt", "02-01", 30, "free"),
    ("bolt", "03-05", 0, "free"),
    ("cog", "02-15", 40, "free"),
    ("cog", "03-15", 40, "pro"),
]
"""Who pays what a month from which day on, on which plan."""


def subscriptions(stated=SUBSCRIPTIONS, **more):
    return [
        SentEvent("subscription", who, moment(f"{day} 09:00"), f"{who} {day}", Decimal(amount), None, (("plan", plan),))
        for who, day, amount, plan in stated
    ]


def moment(text):
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


@pytest.fixture
async def shop(database, registry, tmp_path):
    """An organization that tells plans apart; asking it to load another text edits its catalog."""

    async def load(text=CATALOG):
        (tmp_path / "shop").mkdir(exist_ok=True)
        (tmp_path / "shop" / "all.yaml").write_text(text, encoding="utf-8")
        (receipt,) = await seed(database, registry, [tmp_path / "shop"])
        assert receipt.problems == ()

    await load()
    return load


@pytest.fixture
def send(database, registry, shop):
    """Records events of a billing system and aggregates; what came of each aggregate that had something to make."""

    async def sending(events, *, now=NOW, registry=registry):
        sender = Sender(HERE, 7, "billing", "billing")
        receipt = await record_events(database, registry, sender, EventCall(events, True, now))
        assert receipt.faults == ()
        return made_of(await aggregate(database, registry, HERE, now))

    return sending


def made_of(found):
    return [one for one in found if one != Aggregated(one.aggregate)]


async def standing(database, measure):
    """By period and segment, what stands of a measure."""
    async with database.read([HERE]) as connection:
        rows = await connection.fetch(
            "select period, segment, value, source from observations o join measures m on m.id = o.measure_id "
            "where m.key = $1 and ended_in is null",
            measure,
        )
    assert {row["source"] for row in rows} <= {"EVENTS"}
    return {(row["period"], row["segment"]): row["value"] for row in rows}


async def calculated(database, registry, key, period, segment=""):
    async with database.read([HERE]) as connection:
        wanted = Wanted(key, segment, parse_period(period))
        (found,) = await calculate(connection.fetch, registry, Books(HERE, NOW.date()), [wanted])
    return found.outcome


async def version(database):
    async with database.read([HERE]) as connection:
        return await connection.fetchval("select last from sequences")


async def test_what_waits_is_made_in_the_background_and_what_fails_stops_nobody(database, registry, shop, caplog):
    """As where the process that recorded the events ended before it made anything of them."""
    sender = Sender(HERE, 7, "billing", "billing")
    lost = SentEvent("subscription", "yen", moment("03-01 09:00"), "y-1", Decimal(5), "JPY")
    session = SentEvent("session", "ada", moment("03-01 09:00"), "s-1")
    receipt = await record_events(database, registry, sender, EventCall([lost, session], True, NOW))
    assert receipt.faults == ()
    task = asyncio.create_task(keep_aggregating(database, registry))
    try:
        async with asyncio.timeout(30):
            while not (await standing(database, "product.active_users") and await failures(database)):
                assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert await standing(database, "product.active_users") == {("2026-03-01", "plan=other"): 1}
    assert await failures(database) == ["financial.subscriptions"]
    assert [record for record in caplog.records if record.name.startswith("kpi_server")] == []


async def test_it_ends_when_it_is_cancelled_even_where_an_error_hides_that(database, registry, monkeypatch):
    begun = asyncio.Event()

    async def interrupted(_):
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError("the driver was interrupted") from None

    monkeypatch.setattr("kpi_server.store.events.organizations_with_events", interrupted)
    task = asyncio.create_task(keep_aggregating(database, registry))
    async with asyncio.timeout(30):
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


async def failures(database):
    async with database.read([HERE]) as connection:
        return [row[0] for row in await connection.fetch("select aggregate from aggregation_failures")]


async def test_subscriptions_become_recurring_revenue_and_its_bridge(send, database, registry):
    assert await send(subscriptions()) == [Aggregated("financial.subscriptions", 3, 54)]
    assert await standing(database, "financial.subscription_mrr") == {
        ("2026-01", ""): 180, ("2026-01", "plan=free"): 80, ("2026-01", "plan=pro"): 100,
        ("2026-02", ""): 220, ("2026-02", "plan=free"): 70, ("2026-02", "plan=pro"): 150,
        ("2026-03", ""): 190, ("2026-03", "plan=free"): 0, ("2026-03", "plan=pro"): 190,
    }  # fmt: skip
    bridge = {
        "opening_mrr": 180, "new_mrr": 40, "expansion_mrr": 50, "contraction_mrr": 50, "churned_mrr": 0,
    }  # fmt: skip
    for measure, value in bridge.items():
        assert (await standing(database, f"financial.{measure}"))["2026-02", ""] == value
    # (180 + 50 - 50 - 0) / 180, and in March (220 + 0 - 0 - 30) / 220 = 0.8636…
    retention = "financial.net_revenue_retention"
    assert await calculated(database, registry, retention, "2026-02") == 1
    assert await calculated(database, registry, retention, "2026-03") == Decimal("0.863636363636")


async def test_a_late_event_makes_just_the_months_up_to_its_customers_next_one(send, database):
    await send(subscriptions())
    before = await version(database)
    late = subscriptions([("bolt", "01-05", 60, "free")])  # until 20 January, all within the month
    assert await send(late) == [Aggregated("financial.subscriptions", 1, 18)]
    async with database.read([HERE]) as connection:
        rows = await connection.fetch(
            "select distinct o.period from observations o join batches b on b.id = o.batch_id where b.sequence > $1",
            before,
        )
    assert rows == []  # at the month's end Bolt stands where it stood: nothing was written
    later = subscriptions([("acme", "01-25", 120, "pro")])  # until 10 February
    assert await send(later) == [Aggregated("financial.subscriptions", 2, 36)]
    assert (await standing(database, "financial.subscription_mrr"))["2026-01", ""] == 200
    assert (await standing(database, "financial.expansion_mrr"))["2026-02", ""] == 30  # 120 to 150


async def test_a_month_that_begins_without_events_is_made(send, database, registry):
    await send(subscriptions())
    april = await aggregate(database, registry, HERE, NOW + timedelta(days=20))
    assert made_of(april) == [Aggregated("financial.subscriptions", 1, 18)]
    stood = await standing(database, "financial.subscription_mrr")
    assert (stood["2026-04", ""], stood["2026-04", "plan=pro"]) == (190, 190)
    again = await aggregate(database, registry, HERE, NOW + timedelta(days=21))
    assert made_of(again) == []


async def test_what_is_sent_again_changes_nothing(send, database):
    await send(subscriptions())
    before = await version(database)
    assert await send(subscriptions()) == []
    assert await version(database) == before


def session(user, at, plan="pro"):
    return SentEvent("session", user, moment(at), f"{user} {at}", attributes=(("plan", plan),))


async def test_sessions_become_daily_and_monthly_active_users(send, database, registry):
    """Ada comes on two days: each counts her, and the month counts her once. Berlin's 2 March begins at 23:00 UTC."""
    await send(
        [
            session("ada", "03-01 10:00"), session("ada", "03-01 11:00"), session("bob", "03-01 12:00", "free"),
            session("ada", "03-01 23:30"), session("cyd", "03-02 08:00"), session("dan", "02-28 08:00", "basic"),
        ]
    )  # fmt: skip
    assert await calculated(database, registry, "product.dau", "2026-03-01") == 2
    assert await calculated(database, registry, "product.dau", "2026-03-02") == 2
    assert await calculated(database, registry, "product.mau", "2026-03") == 3
    assert await calculated(database, registry, "product.active_users", "2026-Q1") == 4
    assert await calculated(database, registry, "product.mau", "2026-03", "plan=pro") == 2
    assert await calculated(database, registry, "product.average_daily_users", "2026-03") == 2
    assert await calculated(database, registry, "product.peak_daily_users", "2026-Q1") == 2
    assert await calculated(database, registry, "product.dau_mau", "2026-03") == Decimal("0.666666666667")
    assert set(await standing(database, "product.active_users")) == {
        ("2026-02-28", "plan=other"), ("2026-03-01", "plan=free"),
        ("2026-03-01", "plan=pro"), ("2026-03-02", "plan=pro"),
    }  # fmt: skip


async def test_a_late_session_makes_its_day_alone(send, registry, database):
    await send([session("ada", "03-01 10:00"), session("bob", "03-02 10:00")])
    assert await send([session("cyd", "03-01 11:00")]) == [Aggregated("product.sessions", 1, 5)]
    assert await calculated(database, registry, "product.mau", "2026-03") == 3


async def test_requests_become_a_95th_percentile_over_any_span(send, database, registry):
    """Of 100 requests of a week 6 are slow, all on one day: the week's P95 is slow, that of most days is not."""
    fast = [(f"03-0{day} 10:{minute:02}", "0.1") for day in (2, 3) for minute in range(47)]
    slow = [(f"03-03 11:{minute:02}", "4") for minute in range(6)]
    await send([SentEvent("request", "/report", moment(at), at, Decimal(seconds)) for at, seconds in [*fast, *slow]])
    p95 = "technical.api_response_time_p95"
    near = {"rel": Decimal("0.01")}
    assert await calculated(database, registry, p95, "2026-03-02") == pytest.approx(Decimal("0.1"), **near)
    assert await calculated(database, registry, p95, "2026-03-03") == pytest.approx(Decimal(4), **near)
    assert await calculated(database, registry, p95, "2026-W10") == pytest.approx(Decimal(4), **near)
    # exactly, from the sums: (94 · 0.1 + 6 · 4) / 100
    assert await calculated(database, registry, "technical.api_response_time", "2026-W10") == Decimal("0.334")


async def test_money_without_a_rate_is_refused_by_currency_and_day_until_there_is_one(send, shop, database):
    dollars = subscriptions([("acme", "02-10", 100, "pro")])
    dollars = [dollars[0]._replace(currency="USD")]
    assert await send(dollars) == [
        Aggregated("financial.subscriptions", failure="no rate from USD to EUR is known on 2026-02-10")
    ]
    assert await standing(database, "financial.subscription_mrr") == {}
    rates = 'exchange_rates:\n  - {base: USD, quote: EUR, day: "2026-02-01", rate: "0.9", source: "menu:4"}\n'
    await shop(CATALOG + rates)
    assert await send(dollars) == [Aggregated("financial.subscriptions", 2, 24)]
    assert (await standing(database, "financial.subscription_mrr"))["2026-03", ""] == 90


async def test_other_segments_make_everything_anew_and_withdraw_what_is_not_said_any_more(send, shop, database):
    await send([session("ada", "03-01 10:00", "basic"), session("bob", "03-02 10:00", "basic")])
    assert set(await standing(database, "product.active_users")) == {
        ("2026-03-01", "plan=other"), ("2026-03-02", "plan=other"),
    }  # fmt: skip
    await shop(CATALOG + '  - {dimension: plan, value: basic, source: "menu:4", name: Basic}\n')
    assert await send([]) == [Aggregated("product.sessions", 2, 10)]
    assert set(await standing(database, "product.active_users")) == {
        ("2026-03-01", "plan=basic"), ("2026-03-02", "plan=basic"),
    }  # fmt: skip
    async with database.read([HERE]) as connection:
        left = await connection.fetch("select distinct segment from series where segment <> ''")
    assert [row["segment"] for row in left] == ["plan=basic"]


async def test_incremental_is_what_all_at_once_gives(send, shop, database, registry):
    """Two hundred events in five calls and in no order leave the same as when everything is made anew."""
    chance = random.Random(13)  # noqa: S311 - the same events each run
    events = []
    for number in range(200):
        at = datetime(2025, 11, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 139))
        who, plan = f"c{chance.randrange(15)}", (("plan", chance.choice(["pro", "free", "basic"])),)
        pays = Decimal(chance.choice([0, 10, 20, 30]))
        events.append(SentEvent("subscription", who, at, f"b{number}", pays, attributes=plan))
        events.append(SentEvent("session", who, at, f"s{number}", attributes=plan))
    for part in range(5):
        await send(events[part::5])
    outputs = [f"{key.partition('.')[0]}.{out}" for key, one in registry.aggregates.items() for out in one.outputs]
    stood = {key: await standing(database, key) for key in outputs}
    assert len(stood["financial.subscription_mrr"]) == 5 * 4  # months by segments, "other" and the whole
    async with database.write(HERE, action="test", actor="test") as write:
        await (await write.driver()).execute("delete from aggregations")
        write.keep()
    before = await version(database)
    assert [one.failure for one in await aggregate(database, registry, HERE, NOW)] == [None, None, None]
    assert {key: await standing(database, key) for key in outputs} == stood
    assert await version(database) == before


async def test_two_at_once_make_the_same_once(send, shop, database, registry):
    sender = Sender(HERE, 7, "billing", "billing")
    await record_events(database, registry, sender, EventCall(subscriptions(), True, NOW))
    before = await version(database)
    found = await asyncio.gather(*(aggregate(database, registry, HERE, NOW) for _ in range(3)))
    made = defaultdict(int)
    for one in (one for each in found for one in each):
        made[one.aggregate] += one.periods
    assert made["financial.subscriptions"] == 3
    assert await version(database) == before + 1


def with_aggregate(registry: Registry, one) -> Registry:
    """The registry with an aggregate in the place of the product family's."""
    product = registry.family("product")
    families = [replace(family, aggregates=(one,)) if family is product else family for family in registry.families]
    return replace(registry, families=tuple(families))


async def test_an_aggregate_that_fails_stops_no_other_and_is_tried_again(send, database, registry):
    @declared(kind="session", outputs=("active_users",))
    async def sessions(events):
        """Fails."""
        raise ZeroDivisionError("nothing to divide by")

    events = [session("ada", "03-01 10:00"), *subscriptions()]
    assert await send(events, registry=with_aggregate(registry, sessions)) == [
        Aggregated("financial.subscriptions", 3, 54),
        Aggregated("product.sessions", failure="ZeroDivisionError: nothing to divide by"),
    ]
    assert await send([]) == [Aggregated("product.sessions", 1, 5)]


async def test_an_aggregate_that_answers_what_it_may_not_is_told_so(send, database, registry):
    @declared(kind="session", outputs=("active_users",))
    async def sessions(events):
        """Answers a number where a sketch is recorded."""
        return [Cell("active_users", events.periods[0], "", Decimal(1))]

    assert await send([session("ada", "03-01 10:00")], registry=with_aggregate(registry, sessions)) == [
        Aggregated("product.sessions", failure="active_users of 2026-03-01 is no sketch")
    ]
    assert await standing(database, "product.active_users") == {}
