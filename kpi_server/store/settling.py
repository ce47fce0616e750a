"""Which of the statements about a cell stands, where that is not plain: several came at once, or one was withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kpi_server.store.database import Write
from kpi_server.store.reads import Record
from kpi_server.store.sql import statement

_SERIES: Final = ("measure_id", "segment", "grain")
_CELL: Final = (*_SERIES, "period_start")


async def withdraw(write: Write, stated: Sequence[Mapping[str, Any]]) -> None:
    """Take back what the senders of these observations stated of their cells."""
    if stated:
        senders = [row["source"] or row["document"] for row in stated]
        driver = await write.driver()
        await driver.execute(
            statement("withdraw_observations"), write.organization_id, *_columns(stated, _CELL), senders
        )


async def read_contested(write: Write) -> Sequence[Record]:
    """The cells of which several sources state something, with the keys of their measures."""
    rows: Sequence[Record] = await (await write.driver()).fetch(statement("contested_cells"), write.organization_id)
    return rows


async def settle(write: Write, stated: Sequence[Mapping[str, Any]]) -> None:
    """Let one statement stand in each cell of these observations, by precedence and then the latest; series follow."""
    if stated:
        await write.start()
        driver = await write.driver()
        cells = _columns(stated, _CELL)
        write.count(
            await driver.fetchval(
                statement("settle_observations"), write.organization_id, write.batch_id, *cells, write.change_count
            )
        )
        await driver.execute(statement("fit_series"), write.organization_id, *_columns(stated, _SERIES))


def _columns(stated: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[list[Any]]:
    return [[row[name] for row in stated] for name in names]
