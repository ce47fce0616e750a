"""The event stream: single things that happened, what their senders call them, and how far they are aggregated."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, DateTime, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from kpi_server.store.tables.base import exact, refers


def _tenant() -> int:
    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    return number


class Event(SQLModel, table=True):
    """One event; it never changes. Its id is larger than that of every event recorded before it."""

    __tablename__ = "events"
    __table_args__ = (
        refers("batch_id", "batches"),
        Index("events_by_subject", "organization_id", "kind", "subject", "occurred_at", "id"),
        Index("events_by_id", "organization_id", "kind", "id"),
        {"postgresql_partition_by": "RANGE (occurred_at)"},
    )

    organization_id: int = _tenant()
    kind: str = Field(primary_key=True)
    occurred_at: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    subject: str
    amount: Decimal | None = exact()
    currency: str | None = None
    """Null: the organization's."""
    attributes: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    source: str
    external_id: str
    batch_id: int = Field(sa_type=BigInteger)


class EventName(SQLModel, table=True):
    """What a system calls an event, and a digest of what it said; a partitioned table cannot keep names unique."""

    __tablename__ = "event_names"

    organization_id: int = _tenant()
    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary)


class Aggregation(SQLModel, table=True):
    """How far an organization's events are aggregated: the last event that counts, and the last period made.

    `definition` is a digest of the rules they were aggregated by: with others everything is aggregated anew.
    """

    __tablename__ = "aggregations"

    organization_id: int = _tenant()
    aggregate: str = Field(primary_key=True)
    definition: str
    event_id: int = Field(sa_type=BigInteger)
    last_start: date | None = None


class AggregationFailure(SQLModel, table=True):
    """Why an aggregate could not be made the last time; the row goes when it is made."""

    __tablename__ = "aggregation_failures"

    organization_id: int = _tenant()
    aggregate: str = Field(primary_key=True)
    failed_at: datetime = Field(sa_type=DateTime(timezone=True))
    failure: str
