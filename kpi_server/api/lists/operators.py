"""What a column can be compared with: one input for each kind of value, each operator turned into SQL in one place.

Comparing follows SQL, as Hasura and PostGraphile do: a row without a value fulfils no operator but `isNull`, neither
`eq` nor `ne`, and `not` leaves it out as well.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import EnumMeta, StrEnum
from functools import cache
from typing import Any, Final

import strawberry
from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from kpi_server.api.arguments import checked
from kpi_server.api.scalars import Period
from kpi_server.errors import BadInput
from kpi_server.store.reads.clauses import Clauses

MOST_VALUES: Final = 100
"""The longest list of values that one operator takes."""

EQ: Final = "Exactly this."
NE: Final = "Another value than this; rows without a value are left out."
IN: Final = "One of these; of none, no row."
NOT_IN: Final = "None of these; rows without a value are left out, unless the list is empty."
IS_NULL: Final = "Without a value (true), or with one (false)."
BETWEEN: Final = "Between these, both included."


def _operator(description: str, *, name: str | None = None) -> Any:
    return strawberry.field(default=None, description=description, name=name)


@strawberry.input(description="How a text is compared; everything given must hold.")
class TextFilter:
    eq: str | None = _operator("Exactly this, capitals too.")
    ne: str | None = _operator(NE)
    in_: list[str] | None = _operator(IN, name="in")
    not_in: list[str] | None = _operator(NOT_IN)
    contains: str | None = _operator("With these words in it; capitals do not matter, signs are taken as they are.")
    starts_with: str | None = _operator("Beginning like this; capitals do not matter.")
    ends_with: str | None = _operator("Ending like this; capitals do not matter.")
    is_null: bool | None = _operator(IS_NULL)


@strawberry.input(description="How the key of a thing is compared; everything given must hold.")
class KeyFilter:
    eq: str | None = _operator(EQ)
    ne: str | None = _operator(NE)
    in_: list[str] | None = _operator(IN, name="in")
    not_in: list[str] | None = _operator(NOT_IN)
    is_null: bool | None = _operator("Naming none (true), or one (false).")


@strawberry.input(description="How a list of texts is searched; everything given must hold.")
class TextsFilter:
    has: str | None = _operator("With exactly this among them.")
    has_any: list[str] | None = _operator("With at least one of these among them.")
    is_empty: bool | None = _operator("Without any (true), or with some (false).")


@strawberry.input(description="Two whole numbers and all between them.")
class IntRange:
    low: int = strawberry.field(description="The smallest.")
    high: int = strawberry.field(description="The greatest.")


@strawberry.input(description="How a whole number is compared; everything given must hold.")
class IntFilter:
    eq: int | None = _operator(EQ)
    ne: int | None = _operator(NE)
    in_: list[int] | None = _operator(IN, name="in")
    not_in: list[int] | None = _operator(NOT_IN)
    lt: int | None = _operator("Less than this.")
    lte: int | None = _operator("This or less.")
    gt: int | None = _operator("More than this.")
    gte: int | None = _operator("This or more.")
    between: IntRange | None = _operator(BETWEEN)
    is_null: bool | None = _operator(IS_NULL)


@strawberry.input(description="Two numbers and all between them.")
class DecimalRange:
    low: Decimal = strawberry.field(description="The smallest.")
    high: Decimal = strawberry.field(description="The greatest.")


@strawberry.input(description="How a number is compared, exactly; everything given must hold.")
class DecimalFilter:
    eq: Decimal | None = _operator("Exactly this; 1.50 is 1.5.")
    ne: Decimal | None = _operator(NE)
    in_: list[Decimal] | None = _operator(IN, name="in")
    not_in: list[Decimal] | None = _operator(NOT_IN)
    lt: Decimal | None = _operator("Less than this.")
    lte: Decimal | None = _operator("This or less.")
    gt: Decimal | None = _operator("More than this.")
    gte: Decimal | None = _operator("This or more.")
    between: DecimalRange | None = _operator(BETWEEN)
    is_null: bool | None = _operator(IS_NULL)


@strawberry.input(description="Two days and all between them.")
class DateRange:
    low: date = strawberry.field(description="The first.")
    high: date = strawberry.field(description="The last.")


@strawberry.input(description="How a day is compared; everything given must hold.")
class DateFilter:
    eq: date | None = _operator(EQ)
    ne: date | None = _operator(NE)
    in_: list[date] | None = _operator(IN, name="in")
    not_in: list[date] | None = _operator(NOT_IN)
    lt: date | None = _operator("Before this.")
    lte: date | None = _operator("On this or before.")
    gt: date | None = _operator("After this.")
    gte: date | None = _operator("On this or after.")
    between: DateRange | None = _operator(BETWEEN)
    is_null: bool | None = _operator(IS_NULL)


@strawberry.input(description="How a period is compared; everything given must hold.")
class PeriodFilter:
    eq: Period | None = _operator("Exactly this: 2026-Q1 is not 2026-01.")
    ne: Period | None = _operator(NE)
    in_: list[Period] | None = _operator(IN, name="in")
    not_in: list[Period] | None = _operator(NOT_IN)
    is_null: bool | None = _operator(IS_NULL)


@strawberry.input(description="How yes or no is compared; everything given must hold.")
class BooleanFilter:
    eq: bool | None = _operator(EQ)
    ne: bool | None = _operator(NE)
    is_null: bool | None = _operator(IS_NULL)


@cache
def choice_filter(enum: EnumMeta) -> Any:
    """The operators on the values of an enum; one input for each enum, wherever it stands."""
    name = f"{enum.__name__}Filter"
    cls: Any = type(name, (), {"__doc__": None})
    optional, several = enum | None, list[enum] | None  # type: ignore[valid-type]
    cls.__annotations__ = {"eq": optional, "ne": optional, "in_": several, "not_in": several, "is_null": bool | None}
    cls.eq, cls.ne = _operator(EQ), _operator(NE)
    cls.in_, cls.not_in = _operator(IN, name="in"), _operator(NOT_IN)
    cls.is_null = _operator(IS_NULL)
    return strawberry.input(cls, description="How the value is compared; everything given must hold.")


_SIGNS: Final = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def given(wanted: object) -> list[tuple[str, str, Any]]:
    """What an input says, as (attribute, its name for callers, value); null says nothing."""
    names = {
        entry.python_name: entry.graphql_name or to_camel_case(entry.python_name)
        for entry in get_object_definition(wanted, strict=True).fields
    }
    said = ((entry.name, getattr(wanted, entry.name)) for entry in fields(wanted))  # type: ignore[arg-type]
    return [(name, names[name], value) for name, value in said if value is not None]


def operator_condition(clauses: Clauses, operator: str, value: Any, *, sql: str, kind: str, place: str) -> str:
    """The condition that one operator asks of an SQL expression of type `kind`; `place` is where the caller wrote it.

    Raises:
        BadInput: a text cannot be stored or is too long, or a list is too long.
    """
    if operator == "is_null":
        return f"{sql} is null" if value else f"{sql} is not null"
    if operator == "is_empty":
        return f"(jsonb_array_length({sql}) = 0) = {clauses.bind(value)}::boolean"
    if operator == "between":
        low, high = clauses.bind(_plain(value.low, place)), clauses.bind(_plain(value.high, place))
        return f"{sql} between {low}::{kind} and {high}::{kind}"
    if operator in {"in_", "not_in", "has_any"}:
        return _of_several(operator, clauses.bind(_several(value, place)), sql=sql, kind=kind)
    return _of_one(operator, clauses.bind(_plain(value, place)), sql=sql, kind=kind)


def _of_one(operator: str, bound: str, *, sql: str, kind: str) -> str:
    match operator:
        case "contains":
            return f"position(lower({bound}::text) in lower({sql})) > 0"
        case "starts_with":
            return f"starts_with(lower({sql}), lower({bound}::text))"
        case "ends_with":
            return f"right(lower({sql}), char_length(lower({bound}::text))) = lower({bound}::text)"
        case "has":
            return f"{sql} ? {bound}::text"
        case _:
            return f"{sql} {_SIGNS[operator]} {bound}::{kind}"


def _of_several(operator: str, bound: str, *, sql: str, kind: str) -> str:
    match operator:
        case "has_any":
            return f"{sql} ?| {bound}::text[]"
        case "in_":
            return f"{sql} = any ({bound}::{kind}[])"
        case _:
            return f"{sql} <> all ({bound}::{kind}[])"


def _several(values: Sequence[Any], place: str) -> list[Any]:
    if len(values) > MOST_VALUES:
        raise BadInput(f"`{place}` has {len(values)} values; {MOST_VALUES} are allowed")
    return [_plain(value, place) for value in values]


def _plain(value: Any, place: str) -> Any:
    """A value as the driver takes it."""
    if isinstance(value, StrEnum):
        return value.value
    return checked(value, place) if isinstance(value, str) else value
