"""What PostgreSQL makes of events is what the rules in Python make of them."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_server.domain.aggregate import Movement
from kpi_server.domain.calendar import Calendar
from kpi_server.domain.event import Event
from kpi_server.domain.period import parse_period
from kpi_server.domain.sketch.distinct import distinct
from kpi_server.domain.sketch.histogram import histogram
from kpi_server.store.events import StoredEvents, append_events
from kpi_server.store.organizations import claim, id_of
from kpi_server.store.tables.tenancy import Organization

HERE = id_of("here")
BERLIN = Calendar(time_zone="Europe/Berlin")
MONTHS = [parse_period(f"2026-0{month}") for month in (1, 2, 3)]


def event(place, *, kind="request", subject="ada", at, amount=None, currency=None, **attributes):
    """An event of 2026 at a day and time such as "01-31 22:59"."""
    moment = datetime.strptime(f"2026-{at}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    known = None if amount is None else Decimal(amount)
    return Event(place, kind, subject, moment, f"e-{place}", known, currency, attributes)


@pytest.fixture
def ask(database):
    """Records events, then asks something of those of some periods."""

    async def asking(events, question, *, periods=MONTHS, kind="request", values=()):
        async with database.write(HERE, action="test", actor="test") as write:
            row = Organization(
                id=HERE, slug="here", name="Here", currency="EUR", time_zone="Europe/Berlin", undated_first=False
            )
            await claim(write, row)
            assert (await append_events(write, "crm", events)).unchanged == 0
            driver = await write.driver()
            await driver.execute(
                "insert into exchange_rates "
                "(organization_id, id, key, position, origin, batch_id, base, quote, day, rate) values "
                "($1, 1, 'a', 1, 'API', $2, 'USD', 'EUR', '2026-01-01', 0.5), "
                "($1, 2, 'b', 2, 'API', $2, 'USD', 'EUR', '2026-02-01', 0.8)",
                HERE,
                write.batch_id,
            )
        async with database.read([HERE]) as connection:
            keys = sorted({value.partition("=")[0] for value in values})
            found = StoredEvents(connection.fetch, HERE, kind, periods, BERLIN, "EUR", keys, values)
            return await getattr(found, question)()

    return asking


def drawn(number):
    """Events of three months, in no order: some subjects often, amounts of every size."""
    chance = random.Random(5)  # noqa: S311 - the same events each run
    plans = ["pro", "free", "lapsed"]
    return [
        Event(
            place,
            "request",
            f"user-{chance.randrange(150)}é",
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(60 * 24 * 89)),
            f"e-{place}",
            Decimal(chance.randrange(-1000, 10**6)).scaleb(-chance.randrange(12)),
            None,
            {"plan": plan} if (plan := chance.choice([*plans, ""])) else {},
        )
        for place in range(number)
    ]


def grouped(events):
    """Their subjects and amounts by month (in Berlin) and segment."""
    groups = defaultdict(list)
    for one in events:
        day = BERLIN.day(one.occurred_at)
        plan = one.attributes.get("plan")
        groups[f"{day:%Y-%m}", f"plan={plan if plan in ('pro', 'free') else 'other'}"].append(one)
    return groups


@pytest.mark.parametrize(("question", "rule"), [("distinct", "subject"), ("histogram", "amount")])
async def test_sketches_are_those_that_python_makes(ask, question, rule):
    events = drawn(1200)
    found = await ask(events, question, values=["plan=free", "plan=pro"])
    make = {"subject": distinct, "amount": histogram}[rule]
    assert {(str(one.period), one.segment): one.sketch for one in found} == {
        where: make(getattr(one, rule) for one in those) for where, those in grouped(events).items()
    }


async def test_totals_are_counts_and_sums(ask):
    events = drawn(300)
    found = await ask(events, "totals", values=["plan=free", "plan=pro"])
    assert {(str(one.period), one.segment): (one.number, one.amount) for one in found} == {
        where: (len(those), sum(one.amount for one in those)) for where, those in grouped(events).items()
    }


async def test_without_declared_segments_there_is_the_whole_alone(ask):
    events = [event(1, at="01-15 10:00", amount="1", plan="pro"), event(2, at="01-16 10:00", amount="2")]
    (total,) = await ask(events, "totals")
    assert (str(total.period), total.segment, total.number, total.amount) == ("2026-01", "", 2, 3)


async def test_a_period_ends_at_the_organizations_midnight(ask):
    """Berlin's February begins at 23:00 UTC on 31 January."""
    events = [event(1, at="01-31 22:59", amount="1"), event(2, at="01-31 23:00", amount="10")]
    found = await ask(events, "totals")
    assert {str(one.period): one.amount for one in found} == {"2026-01": 1, "2026-02": 10}


async def test_money_is_converted_by_the_rate_of_the_events_day(ask):
    dollars = [event(place, at=f"0{place}-10 10:00", amount="100", currency="USD") for place in (1, 2)]
    found = await ask([*dollars, event(3, at="02-11 10:00", amount="7")], "totals")
    assert {str(one.period): one.amount for one in found} == {"2026-01": 50, "2026-02": 87}


async def test_what_subjects_stand_at_moves(ask):
    """Acme grows in February; Bolt shrinks in February and leaves in March; Cog comes in February, on another plan in
    March for the same money; Dot comes and leaves within February; Eel came before all that."""
    stated = [
        ("acme", "01-10 09:00", "100", "pro"), ("acme", "02-10 09:00", "150", "pro"),
        ("bolt", "01-20 09:00", "80", "free"), ("bolt", "02-01 09:00", "30", "free"),
        ("bolt", "03-05 09:00", "0", "free"),
        ("cog", "02-15 09:00", "40", "free"), ("cog", "03-15 09:00", "40", "pro"),
        ("dot", "02-03 09:00", "500", "pro"), ("dot", "02-20 09:00", "0", "pro"),
    ]  # fmt: skip
    events = [
        event(place, kind="subscription", subject=subject, at=at, amount=amount, plan=plan)
        for place, (subject, at, amount, plan) in enumerate(stated)
    ]
    found = await ask(events, "movements", kind="subscription", values=["plan=free", "plan=pro"])
    named = {(str(one.period), one.segment): tuple(map(int, one[2:])) for one in found}
    # opening, entered, grown, shrunk, left, closing
    assert named == {
        ("2026-01", ""): (0, 180, 0, 0, 0, 180),
        ("2026-01", "plan=free"): (0, 80, 0, 0, 0, 80),
        ("2026-01", "plan=pro"): (0, 100, 0, 0, 0, 100),
        ("2026-02", ""): (180, 40, 50, 50, 0, 220),
        ("2026-02", "plan=free"): (80, 40, 0, 50, 0, 70),
        ("2026-02", "plan=pro"): (100, 0, 50, 0, 0, 150),
        ("2026-03", ""): (220, 0, 0, 0, 30, 190),
        ("2026-03", "plan=free"): (70, 0, 0, 0, 70, 0),
        ("2026-03", "plan=pro"): (150, 40, 0, 0, 0, 190),
    }
    assert all(bridged(one) for one in found)


def bridged(one: Movement) -> bool:
    return one.opening + one.entered + one.grown - one.shrunk - one.left == one.closing


async def test_random_movements_bridge_and_are_what_a_walk_through_the_events_gives(ask):
    chance = random.Random(3)  # noqa: S311 - the same events each run
    start = datetime(2026, 1, 1, tzinfo=UTC)
    events = [
        Event(
            place, "subscription", f"c{chance.randrange(12)}", start + timedelta(hours=chance.randrange(24 * 88)),
            f"e-{place}", Decimal(chance.choice([0, 0, 10, 20, 30])), None, {"plan": chance.choice(["pro", "free"])},
        )
        for place in range(150)
    ]  # fmt: skip
    found = await ask(events, "movements", kind="subscription", values=["plan=free", "plan=pro"])
    assert all(bridged(one) for one in found)
    whole = {str(one.period): one for one in found if not one.segment}
    for month in MONTHS:
        assert whole[str(month)].closing == sum(standing(events, month.end).values())
        assert whole[str(month)].opening == sum(standing(events, month.start).values())


def standing(events, day: date):
    """What each subject stands at just before a day begins in Berlin."""
    last = {}
    for one in sorted(events, key=lambda event: (event.occurred_at, event.place)):
        if one.occurred_at < BERLIN.midnight(day):
            last[one.subject] = one.amount
    return last
