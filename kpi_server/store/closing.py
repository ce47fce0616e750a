"""Closed periods in the database: one row a closing, which the batch ends that opens the period again."""

from collections.abc import Sequence
from datetime import datetime

from kpi_server.domain.period import Period
from kpi_server.store.database import Operation, Write


async def close_periods(write: Write, periods: Sequence[Period], now: datetime) -> None:
    """Close periods that are not closed."""
    await write.start()
    await (await write.driver()).executemany(
        "insert into closed_periods (organization_id, period, period_start, period_end, closed_at, actor, batch_id) "
        "values ($1, $2, $3, $4, $5, $6, $7)",
        [
            (write.organization_id, period.text, period.start, period.end, now, write.actor, write.batch_id)
            for period in periods
        ],
    )
    _note(write, periods, "INSERT")


async def open_periods(write: Write, periods: Sequence[Period]) -> None:
    """Open periods again that are closed."""
    await write.start()
    await (await write.driver()).execute(
        "update closed_periods set ended_in = $2 "
        "where organization_id = $1 and period = any ($3::text[]) and ended_in is null",
        write.organization_id,
        write.batch_id,
        [period.text for period in periods],
    )
    _note(write, periods, "DELETE")


def _note(write: Write, periods: Sequence[Period], operation: Operation) -> None:
    for period in periods:
        write.record("closed_periods", write.batch_id, operation, after={"period": period.text})
