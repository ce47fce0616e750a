"""What callers sort by becomes sort keys that end in the unique one, with a name that cursors carry."""

from types import SimpleNamespace

import pytest

from kpi_server.api.lists import columns
from kpi_server.api.lists.orders import sorted_by
from kpi_server.api.types.enums import NullsPlace, SortDirection
from kpi_server.errors import BadInput
from kpi_server.store.reads.keyset import SortKey

COLUMNS = (
    columns.text("name", "Its name."),
    columns.decimal("value", "Its value."),
    columns.prose("text", "Its words."),
    *(columns.text(letter, "A letter.") for letter in "abcd"),
)
POSITION, ID = SortKey("position", "bigint"), SortKey("id", "bigint")


def by(field, direction=SortDirection.ASC, nulls=NullsPlace.LAST):
    return SimpleNamespace(field=field, direction=direction, nulls=nulls)


@pytest.mark.parametrize(
    ("orders", "name", "keys", "expressions"),
    [
        (None, "", (POSITION, ID), ()),
        ([], "", (POSITION, ID), ()),
        ([by("POSITION", SortDirection.DESC)], "position-", (SortKey("position", "bigint", descending=True), ID), ()),
        (
            [by("NAME")],
            "name+",
            (SortKey("order_name", "text"), POSITION, ID),
            ('lower(left(entry."name", 100)) collate "C" as order_name',),
        ),
        (
            [by("VALUE", SortDirection.DESC, NullsPlace.FIRST), by("POSITION")],
            "value-^,position+",
            (SortKey("order_value", "numeric", True, nullable=True, nulls_first=True), POSITION, ID),
            ('entry."value" as order_value',),
        ),
        (
            [by("NAME", nulls=NullsPlace.FIRST)],  # there are none, so where they stand says nothing
            "name+",
            (SortKey("order_name", "text"), POSITION, ID),
            ('lower(left(entry."name", 100)) collate "C" as order_name',),
        ),
    ],
)  # fmt: skip
def test_orders_become_sort_keys(orders, name, keys, expressions):
    assert sorted_by(orders, COLUMNS) == (name, keys, expressions)


def test_a_property_is_sorted_by_once():
    with pytest.raises(BadInput, match="`orderBy` names a property twice"):
        sorted_by([by("NAME"), by("NAME", SortDirection.DESC)], COLUMNS)


def test_five_properties_are_allowed_and_no_more():
    five = [by(field) for field in ("NAME", "VALUE", "A", "B", "C")]
    sorted_by(five, COLUMNS)
    with pytest.raises(BadInput, match="`orderBy` names 6 properties; 5 are allowed"):
        sorted_by([*five, by("D")], COLUMNS)
