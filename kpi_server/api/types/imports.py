"""Imports: what became of the files and streams that an organization was sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Listing,
    PageArguments,
    connect,
    connect_known,
)
from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.domain.importing.rows import Content, Format
from kpi_server.store.reads import Record
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.imports import imports
from kpi_server.store.reads.keyset import SortKey

_NEWEST_FIRST = (SortKey("id", "bigint", descending=True),)

describe(
    Format, "How the rows of a file are written.", {"CSV": "Cells under a header.", "NDJSON": "A JSON object a line."}
)

describe(
    Content,
    "What the rows of a file are.",
    {
        "OBSERVATIONS": "Values of KPIs and measures.",
        "EVENTS": "Single things that happened.",
        "RETRACTIONS": "Values that are taken back.",
    },
)


@strawberry.type(description="A row that was not recorded, and why.")
class Rejection:
    line: int = strawberry.field(description="The line of the file on which the row begins, from 1.")
    field: str | None = strawberry.field(description="The field that is wrong; null where it is the whole row.")
    code: str = strawberry.field(description="The kind of mistake: a code of docs/errors.md.")
    message: str = strawberry.field(description="What is wrong and what to do about it.")

    @classmethod
    def of(cls, reason: Mapping[str, Any]) -> "Rejection":
        return cls(line=reason["index"], field=reason["field"] or None, code=reason["code"], message=reason["message"])


@strawberry.type(description="The receipt of a file or stream: what became of its rows.")
class Import:
    record: strawberry.Private[Record]
    name: str | None = strawberry.field(description="What the sender calls it: the name of a file.")
    source: str = strawberry.field(description="The system that its rows come from.")
    by: str = strawberry.field(description="Who sent it.")
    content: Content = strawberry.field(description="What its rows are.")
    format: Format = strawberry.field(description="How its rows are written.")
    began_at: datetime = strawberry.field(description="When its first rows came.")
    ended_at: datetime = strawberry.field(description="When all of it was recorded, and seen from then on.")
    accepted: int = strawberry.field(description="How many rows were taken: the new, the corrected and the unchanged.")
    recorded: int = strawberry.field(description="How many values or events are new.")
    corrected: int = strawberry.field(description="How many take the place of another value of the same source.")
    unchanged: int = strawberry.field(description="How many the source had stated before, word for word.")
    rejected: int = strawberry.field(description="How many rows were not taken.")
    version: int | None = strawberry.field(description="The number of the write; null where nothing is new.")

    @classmethod
    def of(cls, record: Record) -> "Import":
        counts = {name: record[name] for name in ("recorded", "corrected", "unchanged")}
        names = ("name", "source", "began_at", "ended_at", "rejected", "version")
        return cls(
            record=record,
            by=record["actor"],
            content=Content(record["content"]),
            format=Format(record["format"]),
            accepted=sum(counts.values()),
            **counts,
            **{name: record[name] for name in names},
        )

    @computed("The rows that were not taken, by line: the first thousand reasons.")
    async def rejections(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Rejection]:
        reasons = await info.context.loaders.reasons_of_imports.load(
            (self.record["organization_id"], self.record["id"])
        )
        entries = [(f"{place:06}", Rejection.of(reason)) for place, reason in enumerate(reasons)]
        return connect_known(f"Rejection:{self.record['id']}", entries, PageArguments(first, after, last, before))

    @computed("How many calculated values still wait to be calculated again because of it.")
    async def waiting(self, info: Info) -> int:
        if self.record["batch_id"] is None:
            return 0
        count: int = await info.context.loaders.waiting.load((self.record["organization_id"], self.record["batch_id"]))
        return count

    @computed("For how many seconds they have been waiting; 0 when none is.")
    async def lag_seconds(self, info: Info) -> float:
        waits = await self.waiting(info)
        return max(0.0, (info.context.now - self.ended_at).total_seconds()) if waits else 0.0


@strawberry.type(description="What an organization was sent.")
class ImportLists(Node):
    """The part of an organization that is about its imports."""

    @computed("What became of the files and streams that it was sent, the newest first.")
    async def imports(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        source: Annotated[str | None, strawberry.argument(description="Only those of this system.")] = None,
    ) -> Connection[Import]:
        clauses = Clauses()
        clauses.within("entry", self.organization_id)
        if source is not None:
            clauses.add("entry.source = {}::text", checked(source, "source"))
        if info.context.past is not None:
            clauses.add("entry.ended_at <= {}::timestamptz", info.context.past.recorded_at)
        listing = Listing(f"Import:{self.organization_id}", imports(clauses), clauses, _NEWEST_FIRST)
        return connect(info.context, listing, PageArguments(first, after, last, before), Import.of)
