"""What recording keeps beside the observations, which are partitioned and so cannot tell these things quickly."""

from datetime import date, datetime

from sqlalchemy import BigInteger, DateTime, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from kpi_server.store.tables.base import refers


def _tenant() -> int:
    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    return number


class Series(SQLModel, table=True):
    """Where the observations of a measure, segment and grain begin and end, and which two periods are the latest."""

    __tablename__ = "series"
    __table_args__ = (refers("measure_id", "measures"),)

    organization_id: int = _tenant()
    measure_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    segment: str = Field(primary_key=True)
    grain: str = Field(primary_key=True)
    first_start: date
    previous_start: date | None = None
    last_start: date


class ExternalId(SQLModel, table=True):
    """The value that a system means by an id of its own; a partitioned table cannot keep such ids unique."""

    __tablename__ = "external_ids"
    __table_args__ = (refers("measure_id", "measures"),)

    organization_id: int = _tenant()
    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    measure_id: int = Field(sa_type=BigInteger)
    segment: str
    period: str


class IdempotencyKey(SQLModel, table=True):
    """What a mutation answered when it was first sent with a key."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_by_recorded_at", "organization_id", "recorded_at"),)

    organization_id: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="organizations.id", sa_column_kwargs={"autoincrement": False}
    )
    principal_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    key: str = Field(primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary)
    answer: dict[str, object] = Field(sa_type=JSONB)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class Import(SQLModel, table=True):
    """What became of a file or stream of observations; the first reasons why rows were rejected."""

    __tablename__ = "imports"
    __table_args__ = (refers("batch_id", "batches"),)

    organization_id: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="organizations.id", sa_column_kwargs={"autoincrement": False}
    )
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    name: str | None = None
    source: str
    format: str
    actor: str
    began_at: datetime = Field(sa_type=DateTime(timezone=True))
    ended_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded: int = Field(sa_type=BigInteger)
    corrected: int = Field(sa_type=BigInteger)
    unchanged: int = Field(sa_type=BigInteger)
    rejected: int = Field(sa_type=BigInteger)
    reasons: list[dict[str, object]] = Field(sa_type=JSONB)
    batch_id: int | None = Field(default=None, sa_type=BigInteger)
    content: str = Field(default="OBSERVATIONS", sa_column_kwargs={"server_default": "OBSERVATIONS"})
    """What its rows are: OBSERVATIONS or EVENTS."""


class ClosedPeriod(SQLModel, table=True):
    """A period whose values only those record who may restate them; `ended_in` is the batch that opened it again."""

    __tablename__ = "closed_periods"
    __table_args__ = (
        refers("batch_id", "batches"),
        Index(
            "closed_periods_standing",
            "organization_id",
            "period",
            unique=True,
            postgresql_where=text("ended_in is null"),
        ),
    )

    organization_id: int = _tenant()
    period: str = Field(primary_key=True)
    period_start: date
    period_end: date
    closed_at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str
    batch_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    ended_in: int | None = Field(default=None, sa_type=BigInteger)
