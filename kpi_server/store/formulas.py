"""What PostgreSQL makes of a formula, to hold the two folds against each other."""

from collections.abc import Sequence
from decimal import Decimal

from kpi_server.domain.absence import Absent
from kpi_server.domain.conformance.calculators import Case
from kpi_server.domain.expression.calculator import Calculator
from kpi_server.store.database import Database


async def folded(database: Database, calculator: Calculator, cases: Sequence[Case]) -> list[Decimal | str | None]:
    """One result a case, in their order; None where there is none."""
    columns = [[_bound(case, slot) for case in cases] for slot in calculator.inputs]
    async with database.borrowed() as connection:
        rows = await connection.fetch(_statement(calculator), *columns)
    return [row[0] for row in rows]


def _statement(calculator: Calculator) -> str:
    """The formula over arrays, one a slot, whose elements at one place are the amounts of one case."""
    names = {slot: f"input_{number}" for number, slot in enumerate(calculator.inputs, start=1)}
    arrays = ", ".join(f"${number}::numeric[]" for number in range(1, len(names) + 1))
    formula = calculator.sql({slot: f"given.{name}" for slot, name in names.items()})
    rows = f"unnest({arrays}) with ordinality as given ({', '.join(names.values())}, place)"
    return f"select {formula} from {rows} order by given.place"  # noqa: S608 - a formula of names and literals


def _bound(case: Case, slot: str) -> Decimal | None:
    amount = case[slot]
    return None if isinstance(amount, Absent) else amount
