"""What a driver's exception means: some say the same of a database that is away and of a wrong call."""

import asyncpg
import pytest
from sqlalchemy.exc import InterfaceError

from kpi_server.store.failures import Failure, failure_of


def wrapped(error):
    """As SQLAlchemy hands on what the driver raised."""
    own = Exception("an adapter's own")
    own.__cause__ = error
    return InterfaceError("select 1", {}, own)


@pytest.mark.parametrize("around", [lambda error: error, wrapped])
@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (asyncpg.InterfaceError("connection is closed"), Failure.UNAVAILABLE),
        (
            asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
            Failure.UNAVAILABLE,
        ),
        (asyncpg.CrashShutdownError("terminating connection"), Failure.UNAVAILABLE),
        (asyncpg.QueryCanceledError("canceling statement due to statement timeout"), Failure.TIMEOUT),
        (asyncpg.InternalClientError("cannot switch to state 15; another operation (12) is in progress"), None),
        (asyncpg.InterfaceError("cannot perform operation: another operation is in progress"), None),
        (asyncpg.UniqueViolationError("duplicate key"), None),
    ],
)
def test_a_failure_of_the_database_is_told_from_a_mistake(around, error, failure):
    assert failure_of(around(error)) is failure
