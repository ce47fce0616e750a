"""The one arithmetic of the rules: Decimal with 34 significant digits, half-even."""

from contextlib import AbstractContextManager
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

PRECISION = 34


def precise() -> AbstractContextManager[Context]:
    """A block in which Decimal arithmetic keeps 34 digits, whatever the caller's own context is.

    A fresh context each time: a shared one collects flags, which would be state.

    >>> with precise():
    ...     Decimal(2) / Decimal(3)
    Decimal('0.6666666666666666666666666666666667')
    """
    return localcontext(_context())


def _context() -> Context:
    return Context(prec=PRECISION, rounding=ROUND_HALF_EVEN)


def divide(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """The quotient to 34 digits, or None where it is undefined (a divisor of zero).

    >>> divide(Decimal(22), Decimal(30))
    Decimal('0.7333333333333333333333333333333333')
    >>> divide(Decimal(1), Decimal(0)) is None
    True
    """
    if not divisor:
        return None
    return _context().divide(dividend, divisor)


def plain(value: Decimal) -> str:
    """The number written out, without an exponent and without trailing zeros.

    >>> plain(Decimal("5.0")), plain(Decimal("1E+3")), plain(Decimal("0.10"))
    ('5', '1000', '0.1')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def trimmed(value: Decimal) -> Decimal:
    """The number without trailing zeros, and without an exponent.

    >>> str(trimmed(Decimal("1030.500000"))), str(trimmed(Decimal("2E+3")))
    ('1030.5', '2000')
    """
    return Decimal(plain(value))
