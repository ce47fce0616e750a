"""Cursors of the feed hold a position and nothing else; every table is told as something."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.feed import KINDS, VALUES, FeedCursor, Part, Position, read_feed_cursor
from kpi_server.domain.opaque import pack
from kpi_server.errors import BadInput
from kpi_server.store.catalog import TENANT_TABLES

NUMBERS = st.integers(0, 2**63 - 1)
CURSORS = st.builds(
    FeedCursor,
    st.from_regex("[0-9a-f]{16}", fullmatch=True),
    st.integers(1, 2**63 - 1),
    st.builds(Position, st.integers(0, 2**63 - 2), st.sampled_from(Part), NUMBERS),
)


@given(CURSORS)
def test_a_cursor_is_read_as_what_it_was(cursor):
    assert read_feed_cursor(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "feed:0123456789abcdef:1:1:9:0",  # not packed
        pack("feed:0123456789abcdef:1:1:9:0") + "=",  # not as it was given out
        pack("feed:0123456789ABCDEF:1:1:9:0"),
        pack("feed:0123456789abcdef:0:1:9:0"),  # there is no such organization
        pack("feed:0123456789abcdef:1:01:9:0"),
        pack("feed:0123456789abcdef:1:1:5:0"),  # there is no such part
        pack("feed:0123456789abcdef:1:9223372036854775808:9:0"),  # beyond what a number can be
        pack("feed:0123456789abcdef:1:9223372036854775807:9:0"),  # none can come behind it
        pack('["owners",1,2]'),
        "\ud800",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(BadInput, match="no cursor of the feed"):
        read_feed_cursor(text)


def test_a_row_of_every_table_of_facts_is_told_as_something():
    assert {table.name for table in TENANT_TABLES} <= KINDS.keys() | {VALUES}
    assert VALUES not in KINDS


def test_positions_are_in_the_order_in_which_events_are_told():
    in_order = [Position(1), Position(2, Part.ROWS, 7), Position(2, Part.VALUES, 1), Position(2, Part.CALCULATED, 1)]
    assert all(one < other for one, other in pairwise([*in_order, Position(2)]))
