"""The context of one operation."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from kpi_server.api.following import Following
from kpi_server.api.loaders import Loaders
from kpi_server.api.types.kpi import Kpi
from kpi_server.domain.access import Scope
from kpi_server.registry import Registry
from kpi_server.services.aggregation import aggregate
from kpi_server.services.closing import ClosingReceipt, change_closing
from kpi_server.services.events import EventCall, EventReceipt, record_events
from kpi_server.services.past import Past
from kpi_server.services.recording import Call, Receipt, Sender, record
from kpi_server.services.retracting import RetractionCall, RetractionReceipt, retract
from kpi_server.store.database import Database
from kpi_server.store.reads import Record
from kpi_server.store.reads.clauses import Moment


@dataclass
class Context:
    """What a resolver may use; `connection` holds a snapshot of the scope's organizations and nothing else.

    In the `past` it shows an organization as it was, and `now` is then. Changes are told for `feed_kept`. With
    `following` it is one page of a subscription. `statements` counts what was read: an operation's number of statements
    is part of its contract. A connection runs one at a time: `turns` is None where each has a connection of its own.
    """

    scope: Scope
    connection: Any
    registry: Registry
    now: datetime
    database: Database
    statement_timeout_s: float | None = None
    past: Past | None = None
    feed_kept: timedelta = timedelta(days=30)
    following: Following | None = None
    statements: int = 0
    turns: asyncio.Lock | None = field(default_factory=asyncio.Lock)

    @cached_property
    def loaders(self) -> Loaders:
        """What resolvers read with; operations that are all planned never need it."""
        return Loaders(self.fetch, self.registry, self.now)

    async def fetch(self, statement: str, *parameters: Any) -> Sequence[Record]:
        """The rows of a statement, run at the operation's moment."""
        parameters = tuple([self.now if value is Moment.NOW else value for value in parameters])
        self.statements += 1
        rows: Sequence[Record]
        if self.turns is None:
            rows = await self.connection.fetch(statement, *parameters)
        else:
            async with self.turns:
                rows = await self.connection.fetch(statement, *parameters)
        return rows

    async def record(self, sender: Sender, call: Call) -> Receipt:
        """Record observations in a transaction of their own; what is read afterwards sees them."""
        receipt = await record(self.database, self.registry, sender, call)
        await self._renew()
        return receipt

    async def retract(self, sender: Sender, call: RetractionCall) -> RetractionReceipt:
        """Retract observations in a transaction of their own; what is read afterwards sees that."""
        receipt = await retract(self.database, self.registry, sender, call)
        await self._renew()
        return receipt

    async def change_closing(self, organization_id: int, periods: Sequence[str], action: str) -> ClosingReceipt:
        """Close periods or open them again in a transaction of their own; what is read afterwards sees that."""
        actor = self.scope.principal
        receipt = await change_closing(self.database, organization_id, actor, periods, self.now, action=action)
        await self._renew()
        return receipt

    async def record_events(self, sender: Sender, call: EventCall) -> EventReceipt:
        """Record events and make measures of them, in transactions of their own; what is read afterwards sees both."""
        receipt = await record_events(self.database, self.registry, sender, call)
        if receipt.kinds:
            await aggregate(self.database, self.registry, sender.organization_id, self.now, kinds=receipt.kinds)
        await self._renew()
        return receipt

    async def _renew(self) -> None:
        async with self.turns or nullcontext():
            await self.database.renew(
                self.connection, self.scope.organization_ids, statement_timeout_s=self.statement_timeout_s
            )
        self.loaders = Loaders(self.fetch, self.registry, self.now)

    def kpi(self, record: Record) -> Kpi:
        """A KPI; what was read with it of the whole is not read again."""
        kpi = Kpi.of(record)
        standing = record["standing"]
        if standing is None or not standing["segment"]:
            self.loaders.kpis.prime(kpi.row_key, record)
        return kpi
