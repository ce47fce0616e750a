"""Arguments are checked before anything is asked of the database."""

import pytest

from kpi_server.api.arguments import checked, segment_text, wanted_slice
from kpi_server.api.connections import BY_POSITION
from kpi_server.api.identity import cursor
from kpi_server.errors import BadInput
from kpi_server.store.reads.keyset import Slice


def _slice(**given):
    arguments = {"first": None, "after": None, "last": None, "before": None} | given
    return wanted_slice(list_name="Kpi:1", keys=BY_POSITION, **arguments)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Slice(20)),
        ({"first": 1}, Slice(1)),
        ({"first": 100}, Slice(100)),
        ({"last": 0}, Slice(0, backward=True)),
        ({"last": 100}, Slice(100, backward=True)),
        ({"after": cursor("Kpi:1", (5, 6))}, Slice(20, after=(5, 6))),
        ({"last": 2, "before": cursor("Kpi:1", (5, 6))}, Slice(2, backward=True, before=(5, 6))),
    ],
)
def test_a_page_is_what_relays_arguments_say(given, expected):
    assert _slice(**given) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"first": 0}, "`first` is between 1 and 100, not 0"),
        ({"first": 101}, "`first` is between 1 and 100, not 101"),
        ({"last": -1}, "`last` is between 0 and 100, not -1"),
        ({"last": 101}, "`last` is between 0 and 100, not 101"),
        ({"first": 1, "last": 0}, "ask for `first` or for `last`, not for both"),
    ],
)
def test_a_page_that_is_none_is_refused(given, message):
    with pytest.raises(BadInput) as refused:
        _slice(**given)
    assert refused.value.message == message


@pytest.mark.parametrize(("segment", "text"), [(None, ""), ("", ""), ("Plan = Enterprise", "plan=enterprise")])
def test_a_segment_has_one_canonical_text(segment, text):
    assert segment_text(segment) == text


def test_a_text_is_as_long_as_a_name_at_most():
    assert checked("x" * 200, "text") == "x" * 200
    with pytest.raises(BadInput, match="longer than 200"):
        checked("x" * 201, "text")
