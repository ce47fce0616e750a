"""Inputs: which measure or metric a parameter reads, of which periods, and what a missing one counts as."""

from dataclasses import dataclass, replace
from enum import StrEnum

from kpi_server.domain.period import Grain


class Missing(StrEnum):
    """What a missing input does.

    REQUIRED: there is no result. ZERO: it counts as zero, as for count flows. CARRY: the last value known stands in, as
    for balances, and the result is marked as stale.
    """

    REQUIRED = "REQUIRED"
    ZERO = "ZERO"
    CARRY = "CARRY"


class Shift(StrEnum):
    """Of which period an input is: the result's own, the one before, or the same one a year before."""

    NONE = "NONE"
    PREVIOUS = "PREVIOUS"
    YEAR_BEFORE = "YEAR_BEFORE"


@dataclass(frozen=True)
class Rolling:
    """So many periods up to and including the one asked for."""

    periods: int


@dataclass(frozen=True)
class ToDate:
    """From the first day of the period of that grain, in which the one asked for ends, to that end."""

    grain: Grain


@dataclass(frozen=True, kw_only=True)
class Input:
    """What a parameter of a calculator reads.

    Attributes:
        key: A measure or metric of the own family, or one of another with its family ("customer.customers"); empty: the
            one that is named like the parameter.
        missing: What a missing value does.
        carry: With CARRY, how many periods back a value may be.
        shift: Of which period it is.
        span: The periods that are rolled up to one value; None: the one period. Only a measure can be rolled up.
    """

    key: str = ""
    missing: Missing = Missing.REQUIRED
    carry: int = 0
    shift: Shift = Shift.NONE
    span: Rolling | ToDate | None = None


def of(key: str) -> Input:
    """The measure or metric of that key, as it stands.

    >>> of("customer.customers").key
    'customer.customers'
    """
    return Input(key=key)


def previous(key: str = "") -> Input:
    """The value of the period before, of the same grain.

    >>> previous("mrr").shift is Shift.PREVIOUS
    True
    """
    return Input(key=key, shift=Shift.PREVIOUS)


def year_before(key: str = "") -> Input:
    """The value of the same period a year before.

    >>> year_before("arr").shift is Shift.YEAR_BEFORE
    True
    """
    return Input(key=key, shift=Shift.YEAR_BEFORE)


def rolling(key: str, periods: int) -> Input:
    """A measure over so many periods, the one asked for included, rolled up as the measure says.

    >>> rolling("orders", 3).span
    Rolling(periods=3)
    """
    return Input(key=key, span=Rolling(periods))


def to_date(key: str, grain: Grain) -> Input:
    """A measure from the first day of the year, quarter … to the end of the period asked for.

    Of a shorter grain, the last period inside: fees of the month are in a quarter those of its last month.

    >>> to_date("orders", Grain.YEAR).span
    ToDate(grain=<Grain.YEAR: 'YEAR'>)
    """
    return Input(key=key, span=ToDate(grain))


def optional(read: str | Input = "") -> Input:
    """A value that counts as zero where there is none: only for flows that are recorded when they happen.

    >>> optional("refunds").missing is Missing.ZERO
    True
    >>> optional(to_date("refunds", Grain.YEAR)).span
    ToDate(grain=<Grain.YEAR: 'YEAR'>)
    """
    return replace(Input(key=read) if isinstance(read, str) else read, missing=Missing.ZERO)


def carried(key: str, periods: int) -> Input:
    """The last value known of up to so many periods back; what comes of it is marked as stale.

    >>> carried("customers", 2).carry
    2
    """
    return Input(key=key, missing=Missing.CARRY, carry=periods)
