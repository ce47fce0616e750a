"""What published operations show that no document prints: measures and events, recorded by hand.

They lie in months that generated history fills too, so that the same operations show something in every demo.

Auterity, in June 2025: subscriptions bring 60,000, add-ons 15,000 and contracts 25,000, tokens 4,000 and calls 1,000,
together 105,000 a month; contracts take 60,000 from the year. May brings 90,000. 7 of 350 customers leave in June and
30 are won for 90,000; in May nobody is won, for 50,000. Goods cost 24,000 of 120,000 revenue, and in May 130,000 of
100,000. It spends 150,000 in June and 95,000 in May, and has 600,000 left.

In 2024 two customers leave each month; there are 280 in one half of the year and 320 in the other. 300 customers make
1,200 orders of 600,000 together, and buy for 4 years. The platform is down for 17,280 of 34,560,000 seconds.

Its sessions and requests are events, and so is what the AI Marketing Platform's customers pay: acme 1,000 from
5 January 2025 and 1,500 from 10 February, bolt 500 from 20 January and nothing from 3 March, cog 700 from 15 February;
usage adds 120 in February and 80 in March. It has 25 employees when 2025 begins; 2 leave in January, which ends with
26, and nobody in February, which ends with 28. In May all suppliers earn 5,000,000 in the German-speaking countries,
2,000,000 in France and 1,000,000 in Iberia; it earns 200,000 and 30,000 of them, and who knows what in Iberia.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from kpi_server.domain.event import SentEvent
from kpi_server.registry import Registry
from kpi_server.services.aggregation import aggregate
from kpi_server.services.events import EventCall, record_events
from kpi_server.services.recording import Sender
from kpi_server.store.database import Database
from kpi_server.store.organizations import id_of

OPERATIONS = (
    "active_users",
    "ai_usage",
    "availability",
    "cash_and_runway",
    "churn_by_month_and_year",
    "data_volume",
    "headcount_bridge",
    "mrr_bridge",
    "mrr_parts",
    "promoters_and_detractors",
    "recurring_revenue",
    "response_times",
    "share_by_region",
    "unit_economics",
    "value_score",
)

_PARTS_OF_MRR = tuple(
    (f"financial.{key}", "2025-06", f"component={component}", value)
    for key, component, value in (
        ("subscription_mrr", "base", 60_000),
        ("subscription_mrr", "add-on", 15_000),
        ("subscription_mrr", "enterprise-contract", 25_000),
        ("usage_fees", "ai-tokens", 4_000),
        ("usage_fees", "api-calls", 1_000),
    )
)
_MONTHS = tuple(
    (key, month, "", value)
    for month, values in (
        (
            "2025-05",
            {
                "financial.subscription_mrr": 90_000,
                "financial.sales_and_marketing_spend": 50_000,
                "customer.customers_won": 0,
                "financial.revenue": 100_000,
                "financial.cost_of_goods_sold": 130_000,
                "financial.expenses": 95_000,
                "financial.cash_reserves": 630_000,
                "financial.cash_received": 104_000,
                "financial.cash_paid": 96_500,
            },
        ),
        (
            "2025-06",
            {
                "financial.contract_value_adjustments": -60_000,
                "financial.sales_and_marketing_spend": 90_000,
                "customer.customers_won": 30,
                "customer.customers": 350,
                "customer.opening_customers": 350,
                "customer.customers_lost": 7,
                "financial.revenue": 120_000,
                "financial.cost_of_goods_sold": 24_000,
                "financial.expenses": 150_000,
                "financial.cash_reserves": 600_000,
                "financial.cash_received": 118_000,
                "financial.cash_paid": 148_000,
                "product.workflows": 150,
                "product.ai_workflows": 45,
                "product.ai_cost": 84,
                "product.ai_transactions": 1_200,
                "product.ai_ratings": 500,
                "product.satisfied_ai_ratings": 430,
                "technical.service_time": 2_592_000,
                "technical.downtime": 1_296,
            },
        ),
    )
    for key, value in values.items()
)
_YEAR = (
    *(("customer.customers_lost", f"2024-{month:02}", "", 2) for month in range(1, 13)),
    *(("customer.monthly_customers", f"2024-{month:02}", "", 280 if month < 7 else 320) for month in range(1, 13)),
    ("customer.customers", "2024", "", 300),
    ("financial.orders", "2024", "", 1_200),
    ("financial.order_value", "2024", "", 600_000),
    ("financial.customer_lifespan", "2024", "", 4),
    ("technical.service_time", "2024", "", 34_560_000),
    ("technical.downtime", "2024", "", 17_280),
)
_VOLUMES = (
    *(("technical.data_processed", f"2025-05-{day:02}", "", 80 * 10**9) for day in range(1, 31)),
    ("technical.data_processed", "2025-05-31", "", 100 * 10**9),
    *(("technical.data_processed", f"2025-06-{day:02}", "", 100 * 10**9) for day in range(1, 31)),
)
_ANSWERS = tuple(
    (f"customer.{key}", "2025-06", f"customer={customer}", value)
    for key, values in (("promoters", (30, 20)), ("detractors", (5, 15)), ("recommendation_answers", (50, 50)))
    for customer, value in zip(("enterprise", "self-service"), values, strict=True)
)
_USERS = {
    "dashboard_creators": 12,
    "source_connectors": 6,
    "report_makers": 10,
    "collaborators": 5,
    "advanced_analysts": 2,
    "api_users": 2,
    "active_users": 20,
}
_VALUE = (
    *(
        (f"product.{key}", "2025-06", "", {f"member {number}" for number in range(users)})
        for key, users in _USERS.items()
    ),
    ("product.users", "2025-06", "", 40),
    ("product.dashboards", "2025-06", "", 80),
)
_COHORTS = tuple(
    (f"product.{key}", "2025-06", f"cohort={cohort}", value)
    for cohort, users, active in (("2025-03", 50, 30), ("2025-04", 30, 27), ("2025-05", 0, 0))
    for key, value in (("cohort_users", users), ("cohort_users_active", active))
)
_FEES = (
    ("financial.usage_fees", "2025-02", "", 120),
    ("financial.usage_fees", "2025-03", "", 80),
    ("financial.revenue", "2025-03", "", 300_000),
)

_STUDENTS = tuple(
    (f"course.{key}", month, "", value)
    for month, values in (("2025-01", (120, 90, 75)), ("2025-02", (80, 66, 55)))
    for key, value in zip(("course_participants", "course_finishers", "certified_students"), values, strict=True)
)
_EMPLOYEES = tuple(
    (f"people.{key}", month, "", value)
    for month, values in (("2025-01", (25, 2, 26)), ("2025-02", (26, 0, 28)))
    for key, value in zip(("employees_at_start", "employees_left", "employees"), values, strict=True)
)
_MARKET = (
    ("market.market_revenue", "2025-05", "region=france", 2_000_000),
    ("market.market_revenue", "2025-05", "region=dach", 5_000_000),
    ("market.market_revenue", "2025-05", "region=iberia", 1_000_000),
    ("financial.revenue", "2025-05", "region=france", 30_000),
    ("financial.revenue", "2025-05", "region=dach", 200_000),
)
_FUNNEL = (
    ("customer.visitors", "2025-06", "channel=search", {f"visitor {number}" for number in range(14)}),
    ("customer.visitors", "2025-06", "channel=advertisement", {f"visitor {number}" for number in range(11, 20)}),
    ("customer.trials", "2025-06", "channel=search", 3),
    ("customer.trials", "2025-06", "channel=advertisement", 1),
    ("customer.trials_converted", "2025-06", "channel=search", 1),
)

RECORDED = {
    "auterity": (*_PARTS_OF_MRR, *_MONTHS, *_YEAR, *_VOLUMES, *_ANSWERS, *_COHORTS),
    "datainsight-pro": (*_VALUE, *_FUNNEL),
    "ai-marketing-platform": (*_FEES, *_STUDENTS, *_EMPLOYEES, *_MARKET),
}

_PAYING = (
    ("acme", "2025-01-05", 1_000),
    ("bolt", "2025-01-20", 500),
    ("acme", "2025-02-10", 1_500),
    ("cog", "2025-02-15", 700),
    ("bolt", "2025-03-03", 0),
)
_SESSIONS = (
    ("2025-05-03", ("ann", "ben", "cai", "ann")),
    ("2025-05-20", ("dee",)),
    ("2025-06-01", ("ann", "ben", "cai")),
    ("2025-06-02", ("ben", "eve", "eve")),
    ("2025-06-20", ("fay",)),
)
_TIMES = ((90, "0.12"), (6, "0.25"), (4, "0.8"))
"""How many requests of 1 June took how long."""


def _subscriptions() -> Iterator[SentEvent]:
    for number, (who, day, amount) in enumerate(_PAYING):
        yield SentEvent("subscription", who, _moment(day), f"subscription {number}", Decimal(amount))


def _sessions_and_requests() -> Iterator[SentEvent]:
    for day, people in _SESSIONS:
        for number, who in enumerate(people):
            yield SentEvent("session", who, _moment(day), f"session {day} {number}")
    for times, seconds in _TIMES:
        for number in range(times):
            yield SentEvent("request", "api", _moment("2025-06-01"), f"{seconds} {number}", Decimal(seconds))


def _moment(day: str) -> datetime:
    return datetime.strptime(f"{day} 09:00", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


async def happen(database: Database, registry: Registry, now: datetime) -> None:
    """Record the events and make measures of them."""
    for slug, events in (
        ("ai-marketing-platform", [*_subscriptions()]),
        ("auterity", [*_sessions_and_requests()]),
    ):
        sender = Sender(id_of(slug), 1, "a test", "billing")
        receipt = await record_events(database, registry, sender, EventCall(events, atomic=True, now=now))
        assert receipt.faults == ()
        made = [one for one in await aggregate(database, registry, id_of(slug), now) if one.cells]
        assert len(made) == len({event.kind for event in events})
