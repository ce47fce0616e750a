"""Lists of one table's rows under an organization, narrowed by what callers ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, LiteralString, TypeAlias, TypeVar

from kpi_server.api.arguments import checked
from kpi_server.api.connections import Connection, Listing, PageArguments, connect
from kpi_server.api.loaders import Table
from kpi_server.api.request import Info
from kpi_server.api.types.node import Node
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.rows import list_of

Entry = TypeVar("Entry", bound=Node)

Condition: TypeAlias = tuple[LiteralString, Any]
"""A condition on `entry` with `{}` for its value; without a value (None) it does not count."""

OF_DOCUMENT: Final = "entry.document = {}::text"
OF_KPI: Final = (
    "entry.kpi_id in (select kpi.id from kpis as kpi"
    " where kpi.organization_id = entry.organization_id and kpi.key = {}::text)"
)
OF_COLOUR: Final = "entry.colour = {}::text"
FOR_AUDIENCE: Final = "position(lower({}::text) in lower(entry.audience)) > 0"  # words as they are, no wildcards


@dataclass(frozen=True)
class Rows(Generic[Entry]):
    """All rows of one kind in an organization, in document order."""

    kind: type[Entry]
    table: Table
    organization_id: int


def listed(
    info: Info, rows: Rows[Entry], page: PageArguments, *, conditions: Iterable[Condition] = ()
) -> Connection[Entry]:
    """A page of the rows that fulfil every condition.

    Raises:
        BadInput: the arguments name no page, or a cursor is none of this list.
    """
    clauses = Clauses()
    clauses.add("entry.organization_id = {}::bigint", rows.organization_id)
    for condition, value in conditions:
        if value is not None:
            clauses.add(condition, value)
    listing = Listing(f"{rows.kind.__name__}:{rows.organization_id}", list_of(rows.table, clauses), clauses)
    return connect(info.context, listing, page, rows.kind.of)


def asked(text: str | None, name: str) -> str | None:
    """A text of a filter, if there is one.

    Raises:
        BadInput: it is too long or cannot be stored.
    """
    return None if text is None else checked(text, name)
