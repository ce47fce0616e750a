"""What every tenant table has in common.

`organization_id` is first in every key: it is the tenant, the row-level-security key and the distribution key.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

EXACT = Numeric()  # unconstrained: the scale of what was recorded is kept


class TenantRow(SQLModel):
    """A row of one organization, with where it is printed and the write it came with.

    `document` and `line` say where it is printed; the document is named by its key, so a source needs no join.
    `key` is the row's natural name within its table and organization: stable when the row's content changes.
    `origin` is CATALOG, API or GENERATED: a catalog load touches only rows of its own origin.
    """

    organization_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    key: str
    position: int = Field(sa_type=BigInteger)
    document: str | None = None
    line: int | None = Field(default=None, sa_type=Integer)
    origin: str
    batch_id: int = Field(sa_type=BigInteger)


def refers(column: str, table: str) -> ForeignKeyConstraint:
    """A reference to another row of the same organization."""
    return ForeignKeyConstraint(["organization_id", column], [f"{table}.organization_id", f"{table}.id"])


def tenant_args(table: str, **references: str) -> tuple[Any, ...]:
    """The constraints of a tenant table: its natural key, its batch, and the rows it names."""
    named = {"batch_id": "batches", **references}
    return (
        UniqueConstraint("organization_id", "key", name=f"{table}_key"),
        *(refers(column, target) for column, target in named.items()),
        *(Index(f"{table}_by_{column.removesuffix('_id')}", "organization_id", column) for column in references),
    )


def exact(*, default: Decimal | None = None) -> Any:
    """A column that keeps every digit."""
    return Field(default=default, sa_type=EXACT)


def json_list() -> Any:
    """A column that holds a list of texts."""
    return Field(default_factory=list, sa_type=JSONB)
