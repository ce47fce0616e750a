"""Documents, people, categories and the KPIs themselves."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from kpi_server.store.tables.base import TenantRow, exact, tenant_args


class Document(TenantRow, table=True):
    __tablename__ = "documents"
    __table_args__ = tenant_args("documents", department_id="departments", classification_id="classifications")

    title: str
    subtitle: str | None = None
    kind: str
    period: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    dated: str | None = None
    version: str | None = None
    approved_on: date | None = None
    next_review: str | None = None
    url: str | None = None
    department_id: int | None = Field(default=None, sa_type=BigInteger)
    classification_id: int | None = Field(default=None, sa_type=BigInteger)


class Statement(TenantRow, table=True):
    __tablename__ = "statements"
    __table_args__ = tenant_args("statements", kpi_id="kpis")

    section: str
    label: str | None = None
    text: str
    status: str | None = None
    colour: str | None = None
    trend: str | None = None
    arrow: str | None = None
    analysis: str | None = None
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)


class Department(TenantRow, table=True):
    __tablename__ = "departments"
    __table_args__ = tenant_args("departments")

    name: str


class Owner(TenantRow, table=True):
    """A role that owns things; people hold it."""

    __tablename__ = "owners"
    __table_args__ = tenant_args("owners", department_id="departments")

    title: str
    kind: str
    department_id: int | None = Field(default=None, sa_type=BigInteger)


class Person(TenantRow, table=True):
    __tablename__ = "people"
    __table_args__ = tenant_args("people", owner_id="owners")

    name: str
    owner_id: int = Field(sa_type=BigInteger)


class Responsibility(TenantRow, table=True):
    __tablename__ = "responsibilities"
    __table_args__ = tenant_args("responsibilities", owner_id="owners")

    owner_id: int = Field(sa_type=BigInteger)
    text: str


class Contact(TenantRow, table=True):
    __tablename__ = "contacts"
    __table_args__ = tenant_args("contacts")

    name: str
    duty: str
    email: str | None = None


class Category(TenantRow, table=True):
    __tablename__ = "categories"
    __table_args__ = tenant_args("categories", parent_id="categories")

    name: str
    description: str | None = None
    parent_id: int | None = Field(default=None, sa_type=BigInteger)


class Classification(TenantRow, table=True):
    __tablename__ = "classifications"
    __table_args__ = tenant_args("classifications")

    name: str
    text: str | None = None


class AccessLevel(TenantRow, table=True):
    __tablename__ = "access_levels"
    __table_args__ = tenant_args("access_levels")

    name: str
    role: str
    text: str


class Segment(TenantRow, table=True):
    """One value of a dimension; its key is `dimension=value`."""

    __tablename__ = "segments"
    __table_args__ = tenant_args("segments")

    dimension: str
    value: str
    name: str


class ExchangeRate(TenantRow, table=True):
    """What one unit of a currency is worth in another from a day on; its key is `USD/EUR 2026-01-02`."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        *tenant_args("exchange_rates"),
        Index("exchange_rates_by_day", "organization_id", "base", "quote", "day", unique=True),
    )

    base: str
    quote: str
    day: date
    rate: Decimal = exact()


class Kpi(TenantRow, table=True):
    """A metric that the organization manages; its key is `family.metric`."""

    __tablename__ = "kpis"
    __table_args__ = (
        *tenant_args(
            "kpis",
            category_id="categories",
            department_id="departments",
            owner_id="owners",
            classification_id="classifications",
        ),
        Index("kpis_by_family", "organization_id", "family"),
        Index("kpis_by_name", "organization_id", "name", "id"),
    )

    family: str
    name: str
    unit: str
    direction: str
    definition: str | None = None
    north_star: bool
    acceptable: Decimal | None = exact()
    near: Decimal | None = exact()
    basis: str = Field(default="REPORTED", sa_column_kwargs={"server_default": "REPORTED"})
    """Whether what is reported of it is current, or what is computed."""
    category_id: int | None = Field(default=None, sa_type=BigInteger)
    department_id: int | None = Field(default=None, sa_type=BigInteger)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    classification_id: int | None = Field(default=None, sa_type=BigInteger)


class KpiAlias(TenantRow, table=True):
    __tablename__ = "kpi_aliases"
    __table_args__ = (
        *tenant_args("kpi_aliases", kpi_id="kpis"),
        Index("kpi_aliases_by_folded", "organization_id", "folded"),
    )

    kpi_id: int = Field(sa_type=BigInteger)
    name: str
    folded: str
    """The name in lower case without spaces and signs: what is compared."""


class KpiNote(TenantRow, table=True):
    """A line about a KPI: DEFINITION, FORMULA, COMPONENT, USAGE, BENCHMARK or RATIONALE."""

    __tablename__ = "kpi_notes"
    __table_args__ = tenant_args("kpi_notes", kpi_id="kpis")

    kpi_id: int = Field(sa_type=BigInteger)
    kind: str
    label: str | None = None
    text: str
    points: int | None = None


class KpiRow(TenantRow, table=True):
    """One row, or section, in which a document lists a KPI."""

    __tablename__ = "kpi_rows"
    __table_args__ = tenant_args(
        "kpi_rows", kpi_id="kpis", category_id="categories", department_id="departments", owner_id="owners"
    )

    kpi_id: int = Field(sa_type=BigInteger)
    name: str
    definition: str | None = None
    alert: str | None = None
    category_id: int | None = Field(default=None, sa_type=BigInteger)
    department_id: int | None = Field(default=None, sa_type=BigInteger)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
