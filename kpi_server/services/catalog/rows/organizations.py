"""An organization, its documents, its people and how its KPIs are grouped."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kpi_server.services.catalog.rows.words import Dimension, Judgement, Key, KpiKey, PeriodText, Row, Text, Words

CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.")]


class Calendar(BaseModel):
    """When an organization's weeks and fiscal years begin; without it, as with ISO weeks and calendar years."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    week_start: Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] = "MONDAY"
    """The first day of its weeks."""
    fiscal_offset: Annotated[int, Field(ge=-11, le=11)] = 0
    """Months from January of the year that names it to a fiscal year's first: -3 begins FY2026 in October 2025."""
    pattern: Literal["4-4-5", "4-5-4", "5-4-4"] | None = None
    """Weeks of a quarter's thirds, where fiscal years are of whole weeks."""
    opening: Literal["NEAREST", "ON_OR_BEFORE"] = "NEAREST"
    """With a pattern: the week that opens a year begins nearest to its first month's first day, or on or before it."""


class Organization(Row):
    """The tenant: everything else belongs to it."""

    slug: Key
    name: Words
    description: Text | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217; money without a sign is in it.")]
    time_zone: str = "UTC"
    """IANA name; days begin at its midnight."""
    calendar: Calendar | None = None
    """When its weeks and fiscal years begin."""
    undated_first: bool = False
    """Whether figures of undated documents order before dated ones."""
    source_precedence: tuple[Words, ...] = ()
    """Systems whose values stand before those of others, the first before all; documents are CATALOG, events EVENTS."""


class Document(Row):
    """A document the facts are from; its key is the first part of every source."""

    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=80)]
    title: Words
    subtitle: Words | None = None
    kind: Literal["REPORT", "FRAMEWORK", "MONITORING", "SUMMARY", "OTHER"] = "OTHER"
    period: PeriodText | None = None
    """The period its figures are of."""
    dated: PeriodText | None = None
    """The date it bears, as precise as printed."""
    version: Words | None = None
    """The version it bears, for a document without a date."""
    approved_on: date | None = None
    next_review: PeriodText | None = None
    department: Key | None = None
    classification: Key | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)] | None = None


class Statement(Judgement):
    """A line of a document's prose: summary, highlight, purpose, headline status, note."""

    section: Words
    label: Words | None = None
    text: Text
    kpi: KpiKey | None = None


class Department(Row):
    """A department."""

    key: Key
    name: Words


class Owner(Row):
    """A role that owns KPIs, risks, initiatives or actions."""

    key: Key
    title: Words
    kind: Literal["EXECUTIVE", "SUPPORT", "TEAM", "OTHER"] = "EXECUTIVE"
    department: Key | None = None


class Person(Row):
    """A named person and the role they hold."""

    key: Key
    name: Words
    owner: Key


class Responsibility(Row):
    """What a role answers for, in a document's words."""

    owner: Key
    text: Text


class Contact(Row):
    """Whom to ask for what."""

    key: Key
    name: Words
    duty: Text
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=300)] | None = None


class Category(Row):
    """A group of KPIs; a sub-category names its parent."""

    key: Key
    name: Words
    parent: Key | None = None
    description: Text | None = None


class Classification(Row):
    """A label of confidentiality and what it covers."""

    key: Key
    name: Words
    text: Text | None = None


class AccessLevel(Row):
    """What a level of people may see."""

    key: Key
    name: Words
    role: Literal["EXECUTIVE", "DEPARTMENT", "SUPPORT", "EXTERNAL"]
    text: Text


class ExchangeRate(Row):
    """What one unit of a currency is worth in another from a day on, until the next rate."""

    base: CurrencyCode
    quote: CurrencyCode
    day: date
    rate: Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,18})?$", description="A number above zero.")]


class SegmentValue(Row):
    """One value of a dimension by which figures and targets are told apart."""

    dimension: Dimension
    value: Key
    name: Words
