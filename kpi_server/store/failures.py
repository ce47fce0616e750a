"""What a driver's exception means to a caller: the database is away, or it took too long."""

from enum import StrEnum

import asyncpg
from sqlalchemy.exc import DBAPIError


class Failure(StrEnum):
    """A failure that is nobody's mistake; asking again later may succeed."""

    UNAVAILABLE = "UNAVAILABLE"
    TIMEOUT = "TIMEOUT"


_AWAY = (
    OSError,  # refused, reset, unreachable; also the driver's time limit on connecting
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


def failure_of(error: BaseException) -> Failure | None:
    """How the database failed, or None when the exception is not a failure of the database."""
    error = _of_driver(error)
    if isinstance(error, asyncpg.QueryCanceledError):
        return Failure.TIMEOUT
    if isinstance(error, _AWAY) or _is_closed(error) or _is_ending(error):
        return Failure.UNAVAILABLE
    return None


def _of_driver(error: BaseException) -> BaseException:
    """What the driver raised: SQLAlchemy, through which is written, puts exceptions of its own around it."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return error
    return error.orig.__cause__ or error.orig


def _is_closed(error: BaseException) -> bool:
    """Whether a connection or its pool is closed: the driver has one class for that and for wrong calls.

    A connection that the server ended is taken back by the pool at once, under whoever still uses it.
    """
    return isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in ("clos", "released back"))


def _is_ending(error: BaseException) -> bool:
    """Whether the server said its last words on a connection that is not closed yet.

    The driver, which nobody asked anything then, is left in its state 2, of an error, and takes no question.
    """
    return isinstance(error, asyncpg.InternalClientError) and "another operation (2)" in str(error)
