"""What has an id, and how rows become nodes."""

from dataclasses import fields
from functools import cache
from typing import Self

import strawberry

from kpi_server.api.execution.obtaining import TYPE_NAME, Rule
from kpi_server.api.fields import computed
from kpi_server.api.identity import global_id
from kpi_server.store.reads import Record


@strawberry.interface(description="Anything with an id of its own.")
class Node:
    record: strawberry.Private[Record]

    @computed(
        "An opaque id: for `node`, caches and comparisons.",
        obtained=Rule(global_id, (TYPE_NAME, "organization_id", "id")),
    )
    def id(self) -> strawberry.ID:
        return global_id(type(self).__name__, self.organization_id, self.record["id"])

    @property
    def organization_id(self) -> int:
        return int(self.record["organization_id"])

    @property
    def row_key(self) -> tuple[int, int]:
        return self.organization_id, int(self.record["id"])

    def parent_key(self, column: str) -> tuple[int, int] | None:
        """The row that this one names in a column."""
        named = self.record[column]
        return None if named is None else (self.organization_id, int(named))

    @classmethod
    def of(cls, record: Record) -> Self:
        """The node of a row: fields without a resolver are its columns of the same name."""
        columns = _columns(cls)  # type: ignore[arg-type]  # a class can be hashed, though these instances cannot
        return cls(record=record, **{name: record[name] for name in columns})


@cache
def _columns(cls: type[Node]) -> tuple[str, ...]:
    return tuple(entry.name for entry in fields(cls) if entry.init and entry.name != "record")
