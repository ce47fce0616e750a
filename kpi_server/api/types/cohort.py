"""Cohort tables: who joined together, by age, against what each age should reach."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import strawberry

from kpi_server.api.execution.obtaining import Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info
from kpi_server.api.scalars import Period
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import Unit, formatted, number
from kpi_server.domain import target as targets
from kpi_server.domain import unit as units
from kpi_server.domain.absence import Absence
from kpi_server.domain.cohort import AgeUnit, Cells, CohortKind, average, column_target, net_revenue_retention
from kpi_server.domain.figure import parse_figure
from kpi_server.domain.unit import parse_unit
from kpi_server.store.reads import Key, Record

describe(
    CohortKind,
    "What the cells of a cohort table hold.",
    {
        "RETENTION": "Which share of a cohort is still there.",
        "REVENUE": "What a cohort pays.",
        "ADOPTION": "Which share of a cohort uses something.",
    },
)
describe(
    AgeUnit,
    "What the age of a cohort is counted in.",
    {"MONTH": "Months since it joined.", "WEEK": "Weeks since it joined."},
)


@strawberry.type(description="A written insight beside a cohort table.")
class Insight:
    text: str = strawberry.field(description="The words as printed.")
    source: Source = strawberry.field(description="Where they are printed.")


@strawberry.type(description="What a column of a cohort table should reach.")
class CohortTarget:
    column: int = strawberry.field(description="The age it is for.")
    of_total: bool = strawberry.field(description="Whether it is for the computed last column at that age.")
    text: str = strawberry.field(description="The words as printed.")
    exact: Decimal | None = strawberry.field(description="The bound, exactly; ratios are fractions.")
    source: Source = strawberry.field(description="Where it is printed.")
    rule: strawberry.Private[targets.Target]

    @computed("The bound, for charts.")
    def value(self) -> float | None:
        return number(self.exact)

    @classmethod
    def read(cls, record: Record, unit: units.Unit) -> "CohortTarget":
        """Of a row of `cohort_targets` of a table in this unit."""
        return cls(
            column=record["column"],
            of_total=record["of_total"],
            text=record["text"],
            exact=record["value"],
            source=source_of(record),
            rule=column_target(record["text"], unit, of_total=record["of_total"]),
        )


@strawberry.type(description="One cohort at one age.")
class CohortCell:
    column: int = strawberry.field(description="The age, in the table's `columnUnit`.")
    text: str = strawberry.field(description="The cell as printed.")
    exact: Decimal | None = strawberry.field(description="The number, exactly; ratios are fractions.")
    target: CohortTarget | None = strawberry.field(description="What this age should reach.")
    unit: strawberry.Private[units.Unit]

    @computed("The number, for charts.")
    def value(self) -> float | None:
        return number(self.exact)

    @computed('For reading: "92 %", "$1,280/month".')
    def formatted(self) -> str | None:
        return formatted(self.exact, None, None, self.unit)

    @computed("Why there is no number: an empty cell is of an age that the cohort has not reached.")
    def absence(self) -> Absence | None:
        return None if self.exact is not None else parse_figure(self.text, self.unit).absence

    @computed("Whether the cell reaches its target; null without a number or a target.")
    def met(self) -> bool | None:
        return None if self.target is None else targets.met(self.target.rule, self.exact)


@strawberry.type(description="The mean of one age over the cohorts that have reached it.")
class CohortAverage:
    column: int = strawberry.field(description="The age.")
    cohorts: int = strawberry.field(description="How many cohorts have reached it.")
    value: float | None = strawberry.field(description="The plain mean of their cells, for charts.")
    formatted: str | None = strawberry.field(description='For reading: "91.5 %".')


@strawberry.type(description="One cohort: those who joined together, or one of what they use.")
class CohortRow:
    label: str = strawberry.field(description="Its name as printed.")
    period: Period | None = strawberry.field(description="When it joined.")
    total_text: str | None = strawberry.field(description="The computed last column as printed.")
    total: Decimal | None = strawberry.field(description="The computed last column as printed, exactly.")
    source: Source = strawberry.field(description="Where it is printed.")
    key: strawberry.Private[Key]
    table: strawberry.Private[Record]

    @classmethod
    def of(cls, record: Record, table: Record) -> "CohortRow":
        return cls(
            label=record["label"],
            period=record["period"],
            total_text=record["total_text"],
            total=record["total"],
            source=source_of(record),
            key=(record["organization_id"], record["id"]),
            table=table,
        )

    @computed("Its cells, one for each of the table's ages.")
    async def cells(self, info: Info) -> list[CohortCell]:
        rows = await _cells(info, self.key)
        aims = {aim.column: aim for aim in await _targets(info, self.table) if not aim.of_total}
        unit = parse_unit(self.table["unit"])
        return [
            CohortCell(
                column=row["column"], text=row["text"], exact=row["value"], target=aims.get(row["column"]), unit=unit
            )
            for row in rows
        ]

    @computed(
        "Net revenue retention: the revenue at the latest age over that at age 0. Null while there is only age 0, and "
        "in tables that hold no revenue."
    )
    async def nrr(self, info: Info) -> float | None:
        return number(await self._nrr(info))

    @computed("What the net revenue retention should be, and at which age.")
    async def nrr_target(self, info: Info) -> CohortTarget | None:
        return next((aim for aim in await _targets(info, self.table) if aim.of_total), None)

    @computed("Whether it is so at that age; null before the cohort has reached it.")
    async def nrr_met(self, info: Info) -> bool | None:
        aim = next((aim for aim in await _targets(info, self.table) if aim.of_total), None)
        return None if aim is None else targets.met(aim.rule, await self._nrr(info, age=aim.column))

    async def _nrr(self, info: Info, *, age: int | None = None) -> Decimal | None:
        if self.table["kind"] != CohortKind.REVENUE:
            return None
        return net_revenue_retention(_by_age(await _cells(info, self.key)), age=age)


@strawberry.type(description="A table of cohorts by age.")
class CohortTable(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    kind: CohortKind = strawberry.field(description="What its cells hold.")
    column_unit: AgeUnit = strawberry.field(description="What the ages are counted in.")
    total_label: str | None = strawberry.field(description="The heading of a computed last column.")

    @computed("What its cells are in.")
    def unit(self) -> Unit:
        return Unit.shown(parse_unit(self.record["unit"]))

    @computed("The ages it shows.")
    def columns(self) -> list[int]:
        return _columns(self.record)

    @computed("Its cohorts, from top to bottom as printed.")
    async def rows(self, info: Info) -> list[CohortRow]:
        return [CohortRow.of(row, self.record) for row in await self._rows(info)]

    @computed("The mean of each age over the cohorts that have reached it; sizes of cohorts are not known.")
    async def averages(self, info: Info) -> list[CohortAverage]:
        keys = [(row["organization_id"], row["id"]) for row in await self._rows(info)]
        cells = await info.context.loaders.children("cohort_cells", "cohort_row_id").load_many(keys)
        cohorts, unit = [_by_age(rows) for rows in cells], parse_unit(self.record["unit"])
        return [_average(cohorts, column, unit) for column in _columns(self.record)]

    @computed("What its columns should reach.")
    async def targets(self, info: Info) -> list[CohortTarget]:
        return await _targets(info, self.record)

    @computed("What is written beside it.")
    async def insights(self, info: Info) -> list[Insight]:
        rows = await info.context.loaders.children("insights", "cohort_table_id").load(self.row_key)
        return [Insight(text=row["text"], source=source_of(row)) for row in rows]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _rows(self, info: Info) -> list[Record]:
        return await info.context.loaders.children("cohort_rows", "cohort_table_id").load(self.row_key)


COHORT_TABLES: Final = row_kind(
    CohortTable,
    "cohort_tables",
    columns.own_key(),
    columns.text("name"),
    columns.choice("kind", CohortKind),
    columns.choice("column_unit", AgeUnit),
    columns.text("total_label", nullable=True),
    DOCUMENT,
)


@strawberry.type(description="What an organization knows of its cohorts.")
class CohortLists(Node):
    """The part of an organization that is about its cohorts."""

    cohorts = connection_field(COHORT_TABLES, "Its cohort tables.")


async def _cells(info: Info, row: Key) -> list[Record]:
    return await info.context.loaders.children("cohort_cells", "cohort_row_id").load(row)


async def _targets(info: Info, table: Record) -> list[CohortTarget]:
    key = (table["organization_id"], table["id"])
    rows = await info.context.loaders.children("cohort_targets", "cohort_table_id").load(key)
    unit = parse_unit(table["unit"])
    return [CohortTarget.read(row, unit) for row in rows]


def _columns(table: Record) -> list[int]:
    columns: list[int] = json.loads(table["columns"])
    return columns


def _by_age(cells: Sequence[Record]) -> Cells:
    return {cell["column"]: cell["value"] for cell in cells}


def _average(cohorts: Sequence[Cells], column: int, unit: units.Unit) -> CohortAverage:
    values = [cohort.get(column) for cohort in cohorts]
    mean = average(values)
    return CohortAverage(
        column=column,
        cohorts=sum(value is not None for value in values),
        value=number(mean),
        formatted=formatted(mean, None, None, unit),
    )
