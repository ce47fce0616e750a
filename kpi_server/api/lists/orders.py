"""What lists can be sorted by: the inputs that a declaration makes, and the sort keys that wishes come to."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

import strawberry

from kpi_server.api.connections import BY_POSITION
from kpi_server.api.lists.columns import Column
from kpi_server.api.types.enums import NullsPlace, SortDirection, describe
from kpi_server.errors import BadInput
from kpi_server.store.reads.keyset import SortKey

POSITION: Final = "POSITION"
MOST_ORDERS: Final = 5


class Sorted(NamedTuple):
    """A list's order: its name, the sort keys, and the expressions that the rows must carry for them."""

    name: str
    keys: tuple[SortKey, ...]
    expressions: tuple[str, ...]


DOCUMENT_ORDER: Final = Sorted("", BY_POSITION, ())


def order_type(name: str, columns: Sequence[Column]) -> Any:
    """The input `<Name>Order`, over an enum `<Name>OrderField` of the columns that can be sorted by."""
    sortable = {column.name.upper(): column for column in columns if column.sorting is not None}
    fields = StrEnum(f"{name}OrderField", {POSITION: POSITION, **{field: field for field in sortable}})  # type: ignore[misc]
    words = {field: str(column.description) for field, column in sortable.items()}
    describe(fields, "What they can be sorted by.", {POSITION: "The documents' own order.", **words})
    cls: Any = type(f"{name}Order", (), {"__doc__": None})
    cls.__annotations__ = {"field": fields, "direction": SortDirection, "nulls": NullsPlace}
    cls.field = strawberry.field(description="The property.")
    cls.direction = strawberry.field(default=SortDirection.ASC, description="Which end comes first.")
    cls.nulls = strawberry.field(default=NullsPlace.LAST, description="Where those without a value stand.")
    return strawberry.input(cls, description="What they are sorted by.")


def sorted_by(orders: Sequence[Any] | None, columns: Sequence[Column]) -> Sorted:
    """The order that is wished for; what it leaves open is decided by the documents' order and the unique id.

    Raises:
        BadInput: a property is named twice, or there are too many.
    """
    if not orders:
        return DOCUMENT_ORDER
    if len({order.field for order in orders}) < len(orders):
        raise BadInput("`orderBy` names a property twice")
    if len(orders) > MOST_ORDERS:
        raise BadInput(f"`orderBy` names {len(orders)} properties; {MOST_ORDERS} are allowed")
    by_name = {column.name.upper(): column for column in columns}
    keys = tuple(_key(order, by_name) for order in orders)
    unique = next((place for place, order in enumerate(orders) if _is_unique(order, by_name)), None)
    if unique is None:
        open_still = BY_POSITION if POSITION not in {order.field for order in orders} else BY_POSITION[1:]
        deciding = (*keys, *open_still)
    else:  # what comes behind it decides nothing, and an index that ends with it gives the order
        deciding = keys[: unique + 1]
    expressions = tuple(
        f"{_expression(by_name[order.field])} as {key.column}"
        for order, key in zip(orders, keys, strict=True)
        if order.field != POSITION
    )
    return Sorted(",".join(map(_named, keys)), deciding, expressions)


def _is_unique(order: Any, by_name: dict[str, Column]) -> bool:
    return order.field != POSITION and by_name[order.field].is_unique


def _key(order: Any, by_name: dict[str, Column]) -> SortKey:
    descending = order.direction is SortDirection.DESC
    if order.field == POSITION:
        return SortKey("position", "bigint", descending)
    column = by_name[order.field]
    return SortKey(
        f"order_{column.name}",
        "text" if column.sorting is None else column.sorting.type,
        descending,
        nullable=column.nullable,
        nulls_first=column.nullable and order.nulls is NullsPlace.FIRST,
    )


def _expression(column: Column) -> str:
    return column.sql if column.sorting is None else column.sorting.sql


def _named(key: SortKey) -> str:
    return f"{key.column.removeprefix('order_')}{'-' if key.descending else '+'}{'^' if key.nulls_first else ''}"
