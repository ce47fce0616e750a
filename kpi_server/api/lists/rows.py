"""Lists of rows under an organization: declared once by kind, shown as a connection that is filtered and sorted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, LiteralString, Protocol, TypeVar

import strawberry
from strawberry.types import get_object_definition

from kpi_server.api.connections import After, Before, Connection, First, Last, Listing, PageArguments, connect
from kpi_server.api.execution.obtaining import Listed
from kpi_server.api.fields import computed
from kpi_server.api.lists.columns import Column, Question
from kpi_server.api.lists.filters import add_conditions, filter_type
from kpi_server.api.lists.orders import order_type, sorted_by
from kpi_server.api.loaders import Table
from kpi_server.api.request import Info
from kpi_server.api.types.node import Node
from kpi_server.store.reads import Record
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.rows import list_of

Entry = TypeVar("Entry", bound=Node)


class Holder(Protocol):
    """What lists hang off: it knows its organization."""

    @property
    def organization_id(self) -> int: ...


Select = Callable[[Clauses, Sequence[str]], str]
"""Makes the select of a kind's rows from its conditions and the expressions it is sorted by."""


@dataclass(frozen=True)
class RowKind(Generic[Entry]):
    """A kind of row: what its lists can be filtered and sorted by, and the inputs made from that."""

    node: type[Entry]
    select: Select
    columns: tuple[Column, ...]
    questions: tuple[Question, ...]
    filter_type: Any
    order_type: Any
    entry: Callable[[Record], Entry]
    row: LiteralString

    @property
    def name(self) -> str:
        return self.node.__name__


def row_kind(
    node: type[Entry],
    select: Table | Select,
    *members: Column | Question,
    row: LiteralString = "entry",
    entry: Callable[[Record], Entry] | None = None,
) -> RowKind[Entry]:
    """A kind of row: a node, the table it is read from (or its own select), its columns and its questions.

    `row` is what the select calls the row, `entry` makes the node of what it reads.
    """
    columns = tuple(_described(member, node) for member in members if isinstance(member, Column))
    questions = tuple(member for member in members if isinstance(member, Question))
    name = node.__name__
    return RowKind(
        node=node,
        select=_plain(select) if isinstance(select, str) else select,
        columns=columns,
        questions=questions,
        filter_type=filter_type(name, columns, questions),
        order_type=order_type(name, columns),
        entry=entry or node.of,
        row=row,
    )


def connection_field(kind: RowKind[Entry], description: str, *, only: LiteralString | None = None) -> Any:
    """The field that lists the rows of a kind; `only` is a condition that all of them fulfil."""

    def resolve(
        root: Holder,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Any = None,  # noqa: A002  # the name that callers write
        order_by: Any = None,
    ) -> Any:
        clauses = Clauses()
        clauses.within(kind.row, root.organization_id)
        if only is not None:
            clauses.add_plain(only)
        page = PageArguments(first, after, last, before)
        wanted = Wanted(root.organization_id, clauses, filter, order_by)
        return listed(info, kind, page, wanted, entry=kind.entry)

    return listing_field(kind, description, resolve)


def listing_field(kind: RowKind[Entry], description: str, resolve: Callable[..., Any]) -> Any:
    """A field over a resolver with the arguments `filter` and `order_by`, typed by the kind."""
    resolve.__annotations__.update(
        {
            "filter": Annotated[kind.filter_type | None, strawberry.argument(description="Which are wanted.")],
            "order_by": Annotated[
                list[kind.order_type] | None,  # type: ignore[name-defined]
                strawberry.argument(description="What they are sorted by, first to last."),
            ],
            "return": Connection[kind.node],  # type: ignore[name-defined]
        }
    )
    return computed(description, obtained=Listed())(resolve)


@dataclass(frozen=True)
class Wanted:
    """What a caller asks of a list: of an organization, under conditions of the list itself, filtered and sorted."""

    organization_id: int
    clauses: Clauses
    filter: object | None
    orders: Sequence[Any] | None


def listed(
    info: Info, kind: RowKind[Entry], page: PageArguments, wanted: Wanted, *, entry: Callable[[Record], Entry]
) -> Connection[Entry]:
    """A page of the rows that are wanted.

    Raises:
        BadInput: the arguments name no page, a cursor is none of this list, or the filter or order cannot be had.
    """
    add_conditions(
        wanted.clauses,
        wanted.filter,
        columns=kind.columns,
        questions=kind.questions,
        organization_id=wanted.organization_id,
    )
    order = sorted_by(wanted.orders, kind.columns)
    name = f"{kind.name}:{wanted.organization_id}"
    listing = Listing(
        f"{name}:{order.name}" if order.name else name,
        kind.select(wanted.clauses, order.expressions),
        wanted.clauses,
        order.keys,
    )
    return connect(info.context, listing, page, entry)


def _plain(table: Table) -> Select:
    return lambda clauses, expressions: list_of(table, clauses, expressions)


def _described(column: Column, node: type[Node]) -> Column:
    if column.description is not None:
        return column
    fields = get_object_definition(node, strict=True).fields
    description = next(field.description for field in fields if field.python_name == column.name)
    return replace(column, description=description)
