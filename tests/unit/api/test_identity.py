"""Ids and cursors are opaque, read back exactly, and nothing else is accepted."""

import base64
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.api.identity import GlobalId, cursor, global_id, read_cursor, read_global_id
from kpi_server.errors import BadInput
from kpi_server.store.reads.keyset import SortKey

LARGEST = 2**63 - 1
KEYS = (SortKey("name", "text", nullable=True), SortKey("share", "numeric", nullable=True), SortKey("id", "bigint"))


def _packed(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(st.integers(0, LARGEST), st.integers(0, LARGEST))
def test_a_global_id_is_read_back(organization_id, row_id):
    assert read_global_id(global_id("Kpi", organization_id, row_id)) == GlobalId("Kpi", organization_id, row_id)


def test_a_global_id_is_base64_of_kind_organization_and_row():
    assert global_id("Kpi", 1, 2) == "S3BpOjE6Mg"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Kpi:1:2",
        "S3BpOjE6Mg=",  # the padding is not ours
        "S3BpOjE6Mh",  # another spelling of the same bytes
        "S3Bp OjE6Mg",
        _packed("Kpi:1"),
        _packed("Kpi:1:2:3"),
        _packed("Kpi:01:2"),
        _packed("Kpi:-1:2"),
        _packed("Kpi:1:2\n"),
        _packed("kpi:1:2"),
        _packed(f"Kpi:1:{LARGEST + 1}"),
        _packed("Kpi:١:2"),
        "é",
        "A" * 4000,
    ],
)
def test_what_is_no_global_id_is_refused(text):
    with pytest.raises(BadInput, match="this is no id of this server"):
        read_global_id(text)


@given(
    st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50),
    st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    st.integers(-LARGEST, LARGEST),
)
def test_a_cursor_is_read_back(name, share, row_id):
    assert read_cursor(cursor("Kpi:1", (name, share, row_id)), "Kpi:1", KEYS) == (name, share, row_id)


def test_a_cursor_writes_numbers_out_and_holds_days():
    keys = (SortKey("value", "numeric"), SortKey("due_on", "date", nullable=True))
    assert read_cursor(cursor("List", (Decimal("1E+4"), date(2026, 3, 31))), "List", keys) == (10000, date(2026, 3, 31))
    assert read_cursor(cursor("List", (Decimal("1E-7"), None)), "List", keys) == (Decimal("0.0000001"), None)


@pytest.mark.parametrize("day", ["2026-02-30", "2026-3-1", "", "tomorrow", 20260301, None])
def test_a_cursor_with_a_day_that_does_not_exist_is_refused(day):
    with pytest.raises(BadInput, match="this is no cursor of this server"):
        read_cursor(_packed(json.dumps(["List", day])), "List", (SortKey("due_on", "date"),))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        _packed("{}"),
        _packed("[]"),
        _packed("7"),
        _packed("[" * 1000),
        _packed('["Kpi:1","a","1",true]'),
        _packed('["Kpi:1","a","1",1.5]'),
        _packed('["Kpi:1","a","1",null]'),
        _packed('["Kpi:1","a","1","7"]'),
        _packed('["Kpi:1","a",1,7]'),
        _packed('["Kpi:1","a","NaN",7]'),
        _packed('["Kpi:1","a","Infinity",7]'),
        _packed('["Kpi:1","a","1e9",7]'),
        _packed('["Kpi:1",7,"1",7]'),
        _packed('["Kpi:1","\\u0000","1",7]'),
        _packed('["Kpi:1","\\ud800","1",7]'),
        _packed(f'["Kpi:1","a","1",{LARGEST + 1}]'),
        _packed(f'["Kpi:1","a","1",{"9" * 1500}]'),
        "A" * 4000,
    ],
)
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(BadInput, match="this is no cursor of this server"):
        read_cursor(text, "Kpi:1", KEYS)


@pytest.mark.parametrize("values", [("a", Decimal(1), 7), ("a", Decimal(1)), ()])
def test_a_cursor_of_another_list_or_order_is_refused(values):
    with pytest.raises(BadInput, match="this cursor belongs to another list or order"):
        read_cursor(cursor("Kpi:2" if len(values) == 3 else "Kpi:1", values), "Kpi:1", KEYS)
