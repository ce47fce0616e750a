"""What callers may ask of lists: filters and orders, turned into conditions and sort keys."""

from typing import Final

import strawberry

from kpi_server.api.arguments import checked, segment_text
from kpi_server.api.connections import BY_POSITION
from kpi_server.api.types.enums import KpiOrderField, RiskOrder, SortDirection
from kpi_server.domain.status import Colour, Status, colour
from kpi_server.errors import BadInput
from kpi_server.store.reads.keyset import SortKey
from kpi_server.store.reads.kpi_rows import KpiRowConditions
from kpi_server.store.reads.kpis import KpiConditions

MOST_ORDERS: Final = len(KpiOrderField)

BY_EXPOSURE: Final = (
    SortKey("exposure", "numeric", descending=True, nullable=True),
    SortKey("severity", "bigint", descending=True, nullable=True),
    *BY_POSITION,
)


@strawberry.input(description="Which KPIs are wanted; everything given must hold.")
class KpiFilter:
    family: str | None = strawberry.field(default=None, description='Of this family: "financial".')
    category: str | None = strawberry.field(
        default=None,
        description="In this category or one inside it, by key; it is enough that a document lists it there.",
    )
    owner: str | None = strawberry.field(default=None, description='Owned by this role, by key: "cmo".')
    department: str | None = strawberry.field(default=None, description="Of this department, by key.")
    status: list[Status] | None = strawberry.field(default=None, description="With one of these statuses today.")
    colour: Colour | None = strawberry.field(default=None, description="With this light today.")
    segment: str | None = strawberry.field(
        default=None,
        description='With a figure or target in this segment ("plan=enterprise"), by which they are then judged.',
    )
    text: str | None = strawberry.field(
        default=None, description="With these words in key, name, definition or an alias, capitals or not."
    )
    classification: str | None = strawberry.field(default=None, description="With this classification, by key.")
    north_star: bool | None = strawberry.field(default=None, description="The one that counts most, or all others.")
    has_target: bool | None = strawberry.field(default=None, description="With an active target, or without one.")


@strawberry.input(description="What KPIs are sorted by.")
class KpiOrder:
    field: KpiOrderField = strawberry.field(default=KpiOrderField.POSITION, description="The property.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="Which end comes first.")


@strawberry.input(description="Which rows of documents are wanted; everything given must hold.")
class KpiRowFilter:
    document: str | None = strawberry.field(default=None, description='Printed in this document: "001".')
    owner: str | None = strawberry.field(default=None, description="Naming this role as the owner, by key.")
    department: str | None = strawberry.field(default=None, description="Under this department, by key.")
    category: str | None = strawberry.field(default=None, description="Under this category, by key.")


def kpi_conditions(wanted: KpiFilter | None, *, family: str | None = None) -> KpiConditions:
    """The conditions of a filter; `family` narrows it further.

    Raises:
        BadInput: a text is too long or cannot be stored, or the segment is none.
    """
    if wanted is None:
        return KpiConditions(family=family)
    if family is not None and wanted.family not in (None, family):
        return KpiConditions(family=family, statuses=())
    return KpiConditions(
        family=family or _checked(wanted.family, "family"),
        category=_checked(wanted.category, "category"),
        owner=_checked(wanted.owner, "owner"),
        department=_checked(wanted.department, "department"),
        classification=_checked(wanted.classification, "classification"),
        segment=None if wanted.segment is None else segment_text(wanted.segment),
        statuses=_statuses(wanted),
        text=_checked(wanted.text, "text"),
        north_star=wanted.north_star,
        has_target=wanted.has_target,
    )


def kpi_sort_keys(orders: list[KpiOrder] | None) -> tuple[SortKey, ...]:
    """The sort keys of an order, ending in the unique one; the catalog's own when nothing is said.

    Raises:
        BadInput: a property is named twice.
    """
    if not orders:
        return BY_POSITION
    if len({order.field for order in orders}) < len(orders):
        raise BadInput("`orderBy` names a property twice")
    return (*(_sort_key(order) for order in orders), SortKey("id", "bigint"))


def risk_sort_keys(order: RiskOrder) -> tuple[SortKey, ...]:
    return BY_EXPOSURE if order is RiskOrder.EXPOSURE else BY_POSITION


def row_conditions(wanted: KpiRowFilter | None) -> KpiRowConditions:
    """The conditions of a filter on rows.

    Raises:
        BadInput: a text is too long or cannot be stored.
    """
    if wanted is None:
        return KpiRowConditions()
    return KpiRowConditions(
        document=_checked(wanted.document, "document"),
        owner=_checked(wanted.owner, "owner"),
        department=_checked(wanted.department, "department"),
        category=_checked(wanted.category, "category"),
    )


def _checked(text: str | None, name: str) -> str | None:
    return None if text is None else checked(text, name)


def _statuses(wanted: KpiFilter) -> tuple[str, ...] | None:
    """The statuses that both `status` and `colour` allow."""
    if wanted.status is None and wanted.colour is None:
        return None
    allowed = tuple(Status) if wanted.status is None else tuple(wanted.status)
    return tuple(status.value for status in allowed if wanted.colour in (None, colour(status)))


def _sort_key(order: KpiOrder) -> SortKey:
    descending = order.direction is SortDirection.DESC
    match order.field:
        case KpiOrderField.POSITION:
            return SortKey("position", "bigint", descending)
        case KpiOrderField.NAME:
            return SortKey("folded_name", "text", descending)
        case KpiOrderField.KEY:
            return SortKey("key", "text", descending)
        case KpiOrderField.ATTAINMENT:
            return SortKey("attainment", "numeric", descending, nullable=True)
        case KpiOrderField.STATUS:
            return SortKey("severity", "bigint", descending, nullable=True)
