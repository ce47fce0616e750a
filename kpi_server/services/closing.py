"""Closing periods, and opening them again: what is recorded in a closed one has to be restated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kpi_server.domain.closing import closable, openable
from kpi_server.domain.recording import Fault
from kpi_server.services.recording import terms_of
from kpi_server.store.closing import close_periods, open_periods
from kpi_server.store.database import Database
from kpi_server.store.recording import read_terms

CLOSE: Final = "close"
OPEN: Final = "reopen"


@dataclass(frozen=True)
class ClosingReceipt:
    """How many periods were closed or opened, and how many were so before; with faults nothing was done."""

    changed: int = 0
    unchanged: int = 0
    version: int = 0
    faults: tuple[Fault, ...] = ()


async def change_closing(
    database: Database, organization_id: int, actor: str, periods: Sequence[str], now: datetime, *, action: str
) -> ClosingReceipt:
    """Close the periods, or open them again; all of them or nothing."""
    async with database.write_in_turn(organization_id, action=action, actor=actor) as write:
        footing = await read_terms(write)
        terms = terms_of(footing, now, restates=False)
        named, faults = (closable if action == CLOSE else openable)(periods, terms)
        if faults:
            return ClosingReceipt(version=footing.version, faults=tuple(faults))
        wanted = [period for period in named if (period in footing.closed) == (action == OPEN)]
        if wanted and action == CLOSE:
            await close_periods(write, wanted, now)
        elif wanted:
            await open_periods(write, wanted)
    return ClosingReceipt(len(wanted), len(named) - len(wanted), write.sequence or footing.version)
