"""Who may see what, whom to ask, how figures are reviewed, and where data come from and how they are checked."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import strawberry

from kpi_server.api.execution.obtaining import Many, Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info, KpiReference
from kpi_server.api.types.catalog import Classification
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.domain.access import Role
from kpi_server.domain.cadence import Cadence


class ControlKind(StrEnum):
    BOOLEAN = "BOOLEAN"
    NUMBER = "NUMBER"
    TEXT = "TEXT"


describe(
    ControlKind,
    "What a check on data answers.",
    {"BOOLEAN": "Whether it holds.", "NUMBER": "A number.", "TEXT": "Words."},
)


@strawberry.type(description="Whom to ask.")
class Contact(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name: Data Analyst.")
    duty: str = strawberry.field(description="What it is asked about.")
    email: str | None = strawberry.field(description="Its address.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="What a role may see, in a document's words.")
class AccessLevel(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name as printed.")
    role: Role = strawberry.field(description="The role it is of.")
    text: str = strawberry.field(description="What the role may see.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A step or guideline of a review.")
class ReviewStep(Node):
    name: str = strawberry.field(description="Its name.")
    text: str = strawberry.field(description="What is done or asked for.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A review: of performance, or of targets.")
class Review(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    cadence: Cadence | None = strawberry.field(description="How often it takes place.")
    text: str | None = strawberry.field(description="What it is about.")

    @computed("Its steps or guidelines.", obtained=Many("review_steps", "review_id"))
    async def steps(self, info: Info) -> list[ReviewStep]:
        rows = await info.context.loaders.children("review_steps", "review_id").load(self.row_key)
        return [ReviewStep.of(row) for row in rows]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A system that figures come from.")
class DataSource(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    text: str = strawberry.field(description="What it holds.")

    @computed("The KPIs whose figures come from it.")
    async def kpis(self, info: Info) -> list[KpiReference]:
        links = await info.context.loaders.children("data_source_kpis", "data_source_id").load(self.row_key)
        records = await info.context.loaders.kpis.load_many([(self.organization_id, link["kpi_id"]) for link in links])
        return [info.context.kpi(record) for record in records if record is not None]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A check on incoming data.")
class QualityControl(Node):
    group: str = strawberry.field(description='The group it belongs to: "completeness".')
    name: str = strawberry.field(description="Its name as printed.")
    kind: ControlKind = strawberry.field(description="What it answers.")
    text: str | None = strawberry.field(description="The comment or example printed beside it.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="What one unit of a currency is worth in another from a day on, until the next rate.")
class ExchangeRate(Node):
    key: str = strawberry.field(description='Its key: "USD/EUR 2026-01-02".')
    base: str = strawberry.field(description="The ISO 4217 code of what is worth it.")
    quote: str = strawberry.field(description="The ISO 4217 code of what it is worth.")
    day: date = strawberry.field(description="The day from which on it holds.")
    rate: Decimal = strawberry.field(description="How much of the quote one unit of the base is, exactly.")

    @computed("Where it is from.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


CLASSIFICATIONS: Final = row_kind(
    Classification,
    "classifications",
    columns.own_key(),
    columns.text("name"),
    columns.prose("text", nullable=True),
    DOCUMENT,
)
ACCESS_LEVELS: Final = row_kind(
    AccessLevel,
    "access_levels",
    columns.own_key(),
    columns.text("name"),
    columns.choice("role", Role),
    columns.prose("text"),
    DOCUMENT,
)
CONTACTS: Final = row_kind(
    Contact,
    "contacts",
    columns.own_key(),
    columns.text("name"),
    columns.prose("duty"),
    columns.text("email", nullable=True),
    DOCUMENT,
)
REVIEWS: Final = row_kind(
    Review,
    "reviews",
    columns.own_key(),
    columns.text("name"),
    columns.choice("cadence", Cadence, nullable=True),
    columns.prose("text", nullable=True),
    DOCUMENT,
)
DATA_SOURCES: Final = row_kind(
    DataSource,
    "data_sources",
    columns.own_key(),
    columns.text("name"),
    columns.prose("text"),
    columns.keys_over(
        "kpis", "data_source_kpis", "data_source_id", "The KPIs whose figures come from it, by their keys."
    ),
    DOCUMENT,
)
QUALITY_CONTROLS: Final = row_kind(
    QualityControl,
    "quality_controls",
    columns.text("group"),
    columns.text("name"),
    columns.choice("kind", ControlKind),
    columns.prose("text", nullable=True),
    DOCUMENT,
)


EXCHANGE_RATES: Final = row_kind(
    ExchangeRate,
    "exchange_rates",
    columns.own_key(),
    columns.text("base"),
    columns.text("quote"),
    columns.day("day", nullable=False),
    columns.decimal("rate", nullable=False),
    DOCUMENT,
)


@strawberry.type(description="How an organization governs its KPIs.")
class GovernanceLists(Node):
    """The part of an organization that is about access, reviews and data."""

    classifications = connection_field(CLASSIFICATIONS, "Its labels of confidentiality.")
    access_levels = connection_field(ACCESS_LEVELS, "What its documents grant to whom.")
    contacts = connection_field(CONTACTS, "Whom to ask.")
    reviews = connection_field(REVIEWS, "Its reviews, of performance and of targets.")
    data_sources = connection_field(DATA_SOURCES, "The systems that its figures come from.")
    quality_controls = connection_field(QUALITY_CONTROLS, "The checks on its incoming data.")
    exchange_rates = connection_field(EXCHANGE_RATES, "The rates by which amounts of other currencies are converted.")
