"""The scalars of the schema; every number that must be exact travels as a string."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from kpi_server.domain.event import read_moment
from kpi_server.domain.period import PERIODS, is_period
from kpi_server.domain.recording import read_number
from kpi_server.errors import BadInput

Period = NewType("Period", str)
Cursor = NewType("Cursor", str)
SentDecimal = NewType("SentDecimal", Decimal)
SentDateTime = NewType("SentDateTime", datetime)
SentPeriod = NewType("SentPeriod", str)

_DECIMALS: Final = "https://www.w3.org/TR/xmlschema11-2/#decimal"
_MOMENTS: Final = "https://scalars.graphql.org/andimarek/date-time"
_DECIMAL: Final = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME: Final = re.compile(
    rf"{_DATE.pattern}[Tt][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,9}})?([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
)
_DURATION: Final = re.compile(
    r"P(?=[0-9T])(?:(?P<days>[0-9]{1,5})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,5})H)?(?:(?P<minutes>[0-9]{1,5})M)?(?:(?P<seconds>[0-9]{1,5}(?:\.[0-9]{1,6})?)S)?)?"
)


def _read_decimal(value: Any) -> Decimal:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise BadInput('a Decimal is a string such as "12.50": digits, no exponent')
    return Decimal(value)


def _read_date(value: Any) -> date:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError as error:
        raise BadInput(f"there is no such day: {error}") from error
    raise BadInput('a Date is a string such as "2026-03-31"')


def _read_date_time(value: Any) -> datetime:
    try:
        if isinstance(value, str) and _DATE_TIME.fullmatch(value):
            moment = datetime.fromisoformat(value.upper())
            moment.astimezone(UTC)  # where it is compared and stored
            return moment
    except (ValueError, OverflowError) as error:
        raise BadInput("there is no such moment between the years 1 and 9999 in UTC") from error
    raise BadInput('a DateTime is a string with its offset, such as "2026-03-31T12:30:00Z"')


def _read_duration(value: Any) -> timedelta:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadInput('a Duration is a string of days, hours, minutes and seconds such as "PT1S" or "PT1H30M"')
    return timedelta(**{part: float(number) for part, number in found.groupdict().items() if number is not None})


def _written_duration(value: timedelta) -> str:
    return f"PT{value.total_seconds():f}".rstrip("0").rstrip(".") + "S"


def _read_period(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput('a Period is a string such as "2026-Q1"')
    if not is_period(value):
        raise BadInput(f'"{value}" is no period; periods read like {PERIODS}')
    return value


def _read_cursor(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput("a Cursor is a string taken from `pageInfo` or `edges`")
    return value


def _sent(example: str, read: Callable[[str], Any]) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if not isinstance(value, str):
            raise BadInput(f"it is sent as a string such as {example}")
        return read(value)

    return parse


def _sent_scalar(name: str, example: str, read: Callable[[str], Any], url: str | None = None) -> ScalarDefinition:
    """A scalar of inputs, in whose place what cannot be read is kept until everything beside it is checked as well."""
    kind = name.removeprefix("Sent")
    return strawberry.scalar(
        name=name,
        description=f"A {kind} where many things are sent at once: {example}. What cannot be read is told in `errors` "
        "with everything else that is wrong, and does not refuse the request.",
        specified_by_url=url,
        parse_value=_sent(example, read),
    )


def _written_out(value: Decimal) -> str:
    return format(value, "f")


SCALARS: Final[Mapping[object, ScalarDefinition]] = MappingProxyType(
    {
        Decimal: strawberry.scalar(
            name="Decimal",
            description='An exact number, as a string of digits: "1200000", "0.032".',
            specified_by_url=_DECIMALS,
            serialize=_written_out,
            parse_value=_read_decimal,
        ),
        date: strawberry.scalar(
            name="Date",
            description="A day: 2026-03-31.",
            specified_by_url="https://scalars.graphql.org/andimarek/local-date",
            serialize=date.isoformat,
            parse_value=_read_date,
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description="A moment, with its offset: 2026-03-31T12:30:00+00:00.",
            specified_by_url=_MOMENTS,
            serialize=datetime.isoformat,
            parse_value=_read_date_time,
        ),
        timedelta: strawberry.scalar(
            name="Duration",
            description='How long, in days, hours, minutes and seconds as ISO 8601 has them: "PT1S", "PT1H30M".',
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#appendix-A",
            serialize=_written_duration,
            parse_value=_read_duration,
        ),
        Period: strawberry.scalar(
            name="Period",
            description=(
                'A period: "2026", "2026-Q1", "2026-03", "2026-W07" or "2026-03-31"; of fiscal years "FY2026", '
                '"FY2026-Q1", "FY2026-P03".'
            ),
            serialize=str,
            parse_value=_read_period,
        ),
        SentDecimal: _sent_scalar("SentDecimal", '"1200.50"', read_number, _DECIMALS),
        SentDateTime: _sent_scalar("SentDateTime", '"2026-03-31T12:30:00Z"', read_moment, _MOMENTS),
        SentPeriod: _sent_scalar("SentPeriod", '"2026-Q1"', str),
        Cursor: strawberry.scalar(
            name="Cursor",
            description="The place of an entry in a list: opaque, taken from `pageInfo` or `edges` as it is.",
            specified_by_url="https://relay.dev/graphql/connections.htm#sec-Cursor",
            serialize=str,
            parse_value=_read_cursor,
        ),
    }
)
