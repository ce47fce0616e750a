"""What commands say of generated history."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from kpi_server.registry import Registry
from kpi_server.services.history import generate, withdraw
from kpi_server.store.database import Database

Past: TypeAlias = Callable[[Database, Registry, Sequence[str]], Awaitable[Sequence[str]]]
"""Does something to the history of organizations; a sentence for each of them."""


async def generate_history(database: Database, registry: Registry, slugs: Sequence[str]) -> Sequence[str]:
    """Generate it, where there is none."""
    histories = await generate(database, registry, slugs, datetime.now(UTC))
    await database.refresh_statistics()
    return [
        f"{one.slug}: generated {one.values:,} values of {one.measures} measures, {one.corrected:,} of them corrected."
        for one in histories
    ]


async def withdraw_history(database: Database, registry: Registry, slugs: Sequence[str]) -> Sequence[str]:
    """Let nothing of it stand."""
    withdrawn = await withdraw(database, registry, slugs, datetime.now(UTC))
    return [f"{slug}: withdrew {count:,} generated values." for slug, count in withdrawn.items()]
