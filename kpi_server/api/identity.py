"""Opaque names: global ids of things, and cursors into lists. Both are checked whole; nothing else is accepted."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import strawberry

from kpi_server.domain.opaque import pack, unpack
from kpi_server.errors import BadInput
from kpi_server.store.reads.keyset import SortKey, SortValue

_LARGEST: Final = 2**63 - 1
_ID: Final = re.compile(r"([A-Z][A-Za-z]{0,39}):(0|[1-9][0-9]{0,18}):(0|[1-9][0-9]{0,18})")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,200}(\.[0-9]{1,200})?")


@dataclass(frozen=True)
class GlobalId:
    """What a global id names: a type of the schema, the organization and the row."""

    kind: str
    organization_id: int
    row_id: int


def global_id(kind: str, organization_id: int, row_id: int) -> strawberry.ID:
    """The opaque id of a thing."""
    return strawberry.ID(pack(f"{kind}:{organization_id}:{row_id}"))


def read_global_id(text: str) -> GlobalId:
    """What an id names.

    Raises:
        BadInput: it is none of our ids.
    """
    match = _ID.fullmatch(unpack(text) or "")
    if match is None or max(int(match[2]), int(match[3])) > _LARGEST:
        raise BadInput("this is no id of this server: take ids from the field `id` as they are")
    return GlobalId(match[1], int(match[2]), int(match[3]))


def cursor(list_name: str, values: Sequence[SortValue]) -> str:
    """The opaque place of a row in a list: the list's name and the row's sort values."""
    plain = [_plain(value) for value in values]
    return pack(json.dumps([list_name, *plain], ensure_ascii=False, separators=(",", ":")))


def read_cursor(text: str, list_name: str, keys: Sequence[SortKey]) -> tuple[SortValue, ...]:
    """The sort values that a cursor holds.

    Raises:
        BadInput: it is no cursor, or one of another list or order.
    """
    name, values = _cursor_parts(text)
    if name != list_name or len(values) != len(keys):
        raise BadInput("this cursor belongs to another list or order: take cursors from the list they continue")
    return tuple(_sort_value(value, key) for value, key in zip(values, keys, strict=True))


def _plain(value: SortValue) -> int | str | None:
    """A value as JSON holds it; the driver reads 10000 as 1E+4, which is written out."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def _cursor_parts(text: str) -> tuple[Any, list[Any]]:
    unpacked = unpack(text)
    try:
        parts = json.loads(unpacked or "")
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or not parts:
        raise _not_a_cursor()
    return parts[0], parts[1:]


def _sort_value(value: Any, key: SortKey) -> SortValue:
    if value is None and key.nullable:
        return None
    match key.type:
        case "bigint" if type(value) is int and abs(value) <= _LARGEST:
            return value
        case "numeric" if isinstance(value, str) and _NUMBER.fullmatch(value):
            return Decimal(value)
        case "date" if isinstance(value, str) and _DAY.fullmatch(value):
            return _day(value)
        case "text" if isinstance(value, str) and "\x00" not in value and _is_encodable(value):
            return value
    raise _not_a_cursor()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _not_a_cursor() from error


def _not_a_cursor() -> BadInput:
    return BadInput("this is no cursor of this server: take cursors from `pageInfo` or `edges` as they are")


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)
