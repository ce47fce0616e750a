"""Which of the statements about a cell stands, where that is not plain: several came at once, or one was withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kpi_server.store.database import Write
from kpi_server.store.sql import statement

_CELL: Final = ("measure_id", "segment", "grain", "period_start")


async def withdraw(write: Write, stated: Sequence[Mapping[str, Any]]) -> None:
    """Take back what the senders of these observations stated of their cells."""
    senders = [row["source"] or row["document"] for row in stated]
    await _execute(write, "withdraw_observations", (write.organization_id,), stated, senders)


async def settle(write: Write, stated: Sequence[Mapping[str, Any]]) -> None:
    """Let one statement stand in each cell of these observations: the latest that was not withdrawn."""
    await write.start()
    await _execute(write, "settle_observations", (write.organization_id, write.batch_id), stated)


async def _execute(
    write: Write, name: str, owner: tuple[int, ...], stated: Sequence[Mapping[str, Any]], *more: Sequence[str]
) -> None:
    if stated:
        cells = ([row[column] for row in stated] for column in _CELL)
        await (await write.driver()).execute(statement(name), *owner, *cells, *more)
