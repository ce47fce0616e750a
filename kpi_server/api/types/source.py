"""Where a fact is from."""

from datetime import datetime
from typing import Final

import strawberry

from kpi_server.api.execution.obtaining import OBTAINED, Column, Rule
from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.store.reads import Key, Record

SOURCE_COLUMNS: Final = ("document", "line", "origin", "batch_id")
"""The columns that say where a value is from."""


def system_of(origin: str) -> str | None:
    """Who recorded a row, where no document did."""
    return None if origin == "CATALOG" else origin


@strawberry.type(description="Where a fact is from: a document's line, or the system that sent it.")
class Source:
    document: str | None = strawberry.field(description='The document, by key: "003"; null when none printed it.')
    line: int | None = strawberry.field(description="The line in the document, from 1.")
    system: str | None = strawberry.field(
        description="Who recorded it, where no document did.", metadata={OBTAINED: Rule(system_of, ("origin",))}
    )
    organization_id: strawberry.Private[int]
    batch_id: strawberry.Private[int | None]

    @property
    def recorded_in(self) -> Key | None:
        """The batch in which a system recorded it."""
        return None if self.system is None or self.batch_id is None else (self.organization_id, self.batch_id)

    @computed("Where the document can be read, if it says so.", obtained=Column("paper.url"))
    async def url(self, info: Info) -> str | None:
        if self.document is None:
            return None
        found = await info.context.loaders.documents.load((self.organization_id, self.document))
        return next((row["url"] for row in found), None)

    @computed("When the server recorded it.", obtained=Column("batch.recorded_at"))
    async def recorded_at(self, info: Info) -> datetime | None:
        if self.batch_id is None:
            return None
        recorded: datetime | None = await info.context.loaders.batches.load((self.organization_id, self.batch_id))
        return recorded


def source_of(record: Record) -> Source:
    """The source that a row carries."""
    return Source(
        document=record["document"],
        line=record["line"],
        system=system_of(record.get("source") or record["origin"]),
        organization_id=record["organization_id"],
        batch_id=record["batch_id"],
    )
