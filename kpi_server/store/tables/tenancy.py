"""Organizations, who may see them, and the sequence of their changes."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Text, false
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

ENTITY_IDS = "entity_ids"  # one sequence for every row: an id names one thing, whatever its table


class Tenant(SQLModel, table=True):
    """The directory of organizations: id and slug, nothing else, so that a slug can be found before it is opened."""

    __tablename__ = "tenants"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    slug: str = Field(unique=True)


class Organization(SQLModel, table=True):
    """A tenant's own facts."""

    __tablename__ = "organizations"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    slug: str = Field(unique=True)
    name: str
    description: str | None = None
    currency: str
    time_zone: str
    calendar: str = Field(default="", sa_column_kwargs={"server_default": ""})
    undated_first: bool
    source_precedence: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"}
    )
    """Sources whose statements stand before those of others, the first before all; those not named rank alike."""
    source_document: str | None = None
    source_line: int | None = None


class Sequence(SQLModel, table=True):
    """The number of an organization's last committed write: feed cursor, version and system time in one."""

    __tablename__ = "sequences"

    organization_id: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="organizations.id", sa_column_kwargs={"autoincrement": False}
    )
    last: int = Field(sa_type=BigInteger)


class Batch(SQLModel, table=True):
    """One write: its rows carry the batch, and the transaction's last statement gives the batch its number."""

    __tablename__ = "batches"
    __table_args__ = (Index("batches_by_sequence", "organization_id", "sequence", unique=True),)

    organization_id: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="organizations.id", sa_column_kwargs={"autoincrement": False}
    )
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    action: str
    actor: str


class Change(SQLModel, table=True):
    """One row that a write touched, with its content before: the history of everything."""

    __tablename__ = "changes"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "batch_id"], ["batches.organization_id", "batches.id"]),
        Index("changes_by_entity", "organization_id", "entity_id"),
    )

    organization_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    batch_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    entity: str
    entity_id: int = Field(sa_type=BigInteger)
    operation: str
    before: dict[str, object] | None = Field(default=None, sa_type=JSONB)
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    """The KPI that the row is about, where it names one."""
    after: dict[str, object] | None = Field(default=None, sa_type=JSONB)
    """Of a standing whose status became another: its segment, and the status, null where it is gone. Of a closed period
    which it is."""


class FeedEpoch(SQLModel, table=True):
    """For how long cursors of the feed hold: another database, restored or copied, has another epoch. One row."""

    __tablename__ = "feed_epochs"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    epoch: str
    made_by: str
    """The server, timeline and database that made it; empty until a server has started on it."""


class Principal(SQLModel, table=True):
    """Someone or something that asks."""

    __tablename__ = "principals"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    name: str = Field(unique=True)


class ApiToken(SQLModel, table=True):
    """A bearer token: only its SHA-256 is kept; 256 random bits need no slow hash."""

    __tablename__ = "api_tokens"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    principal_id: int = Field(sa_type=BigInteger, foreign_key="principals.id", index=True)
    hash: bytes = Field(sa_type=LargeBinary, unique=True)
    hint: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    trusted_only: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Membership(SQLModel, table=True):
    """The role a principal has in an organization; read before the organization is known, so without row security."""

    __tablename__ = "memberships"

    organization_id: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="organizations.id", sa_column_kwargs={"autoincrement": False}
    )
    principal_id: int = Field(
        sa_column_args=(ForeignKey("principals.id"),),
        primary_key=True,
        sa_type=BigInteger,
        index=True,
        sa_column_kwargs={"autoincrement": False},
    )
    role: str
    department: str | None = None


class LoadedFamily(SQLModel, table=True):
    """A family that a catalog was loaded with, and the distribution it came from."""

    __tablename__ = "families"

    name: str = Field(primary_key=True)
    title: str
    description: str
    distribution: str
    version: str
