"""A connection says which page it is before anything is read."""

from types import SimpleNamespace

import pytest

from kpi_server.api.connections import Listing, PageArguments, connect
from kpi_server.errors import BadInput
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.keyset import Slice

NOTHING_TO_READ_WITH = SimpleNamespace()
LISTING = Listing("Thing:1", "select 1", Clauses())


@pytest.mark.parametrize(
    ("page", "part"),
    [
        (PageArguments(), Slice(20)),
        (PageArguments(first=3), Slice(3)),
        (PageArguments(last=0), Slice(0, backward=True)),
    ],
)
def test_a_connection_describes_its_page(page, part):
    connection = connect(NOTHING_TO_READ_WITH, LISTING, page, dict)
    assert connection.listing is LISTING
    assert connection.part == part


def test_a_page_that_is_none_is_refused_before_anything_is_read():
    with pytest.raises(BadInput, match="`first` is between 1 and 100, not 0"):
        connect(NOTHING_TO_READ_WITH, LISTING, PageArguments(first=0), dict)
