"""What is kept of calculated values, and which of them are to be calculated again."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import BigInteger, DateTime, Index, text
from sqlmodel import Field, SQLModel

from kpi_server.store.tables.base import exact

_CELL: Final = ("organization_id", "kpi_id", "segment", "grain", "period_start")


def _key() -> int:
    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    return number


class ComputedValue(SQLModel, table=True):
    """A revision of a KPI's calculated value at its own grain; what was calculated before stays.

    As with observations, exactly one row of a cell stands: its `ended_in` is null, and every other one names the
    batch since which it does not. Nothing is declared of what a row refers to: the one statement that appends rows has
    their KPIs and begins their batch, and comparing each row takes longer than appending it.

    The index of batches does not begin with the organization: while little is known of the table, cells would be looked
    for in it.
    """

    __tablename__ = "computed_values"
    __table_args__ = (
        Index("computed_values_standing", *_CELL, unique=True, postgresql_where=text("ended_in is null")),
        Index("computed_values_in_batch", "batch_id", "id"),
    )

    organization_id: int = _key()
    kpi_id: int = _key()
    """Of the measure that has the KPI's id: it stays when the KPI goes."""
    segment: str = Field(primary_key=True)
    grain: str = Field(primary_key=True)
    period_start: date = Field(primary_key=True)
    id: int = _key()
    period: str
    period_end: date
    value: Decimal | None = exact()
    text: str | None = None
    absence: str | None = None
    reason: str | None = None
    known: int | None = None
    """Of how many of `known_of` periods of `known_grain` the least known input is known."""
    known_of: int | None = None
    known_grain: str | None = None
    stale: bool
    version: int
    """Of the formula."""
    batch_id: int = Field(sa_type=BigInteger)
    ended_in: int | None = Field(default=None, sa_type=BigInteger)


class DirtyCell(SQLModel, table=True):
    """A KPI's value that is to be calculated again, since the batch that was the last to record something for it.

    A queue refers to nothing: what is gone by the time of its turn is dropped from it.
    """

    __tablename__ = "dirty_cells"

    organization_id: int = _key()
    kpi_id: int = _key()
    segment: str = Field(primary_key=True)
    grain: str = Field(primary_key=True)
    period_start: date = Field(primary_key=True)
    period: str
    period_end: date
    batch_id: int = Field(sa_type=BigInteger)


class Lease(SQLModel, table=True):
    """A KPI whose dirty cells a worker is calculating; after `until` another may take it."""

    __tablename__ = "leases"

    organization_id: int = _key()
    kpi_id: int = _key()
    number: int = Field(sa_type=BigInteger)
    until: datetime = Field(sa_type=DateTime(timezone=True))


class CalculationBasis(SQLModel, table=True):
    """What a KPI's kept values were calculated by: where it is another by now, all of them are calculated again."""

    __tablename__ = "calculation_bases"

    organization_id: int = _key()
    kpi_id: int = _key()
    basis: str
