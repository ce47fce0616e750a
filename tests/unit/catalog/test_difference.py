"""The difference between what is stored and what is desired: nothing for the same, just the edit for an edit."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_server.registry import build as build_registry
from kpi_server.services.catalog.building import build
from kpi_server.services.catalog.reading import read_folder
from kpi_server.store.catalog import Ref, differ

keys = st.text("abcdef", min_size=1, max_size=3)
values = st.one_of(
    st.none(), st.text(max_size=5), st.integers(), st.booleans(), st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(date(2000, 1, 1)), st.lists(st.text(max_size=3), max_size=2),
)  # fmt: skip
tables = st.dictionaries(
    st.sampled_from(["owners", "kpis", "targets"]),
    st.dictionaries(keys, st.fixed_dictionaries({"title": values, "text": values}), max_size=4),
)


def _stored(desired):
    """What the database would hold after these rows were written: an id each, references resolved."""
    places = [(table, key) for table, rows in desired.items() for key in rows]
    ids = {place: number for number, place in enumerate(places, start=1)}
    return {
        table: {
            key: {"id": ids[table, key], "key": key}
            | {
                name: ids[value.table, value.key] if isinstance(value, Ref) else value
                for name, value in columns.items()
            }
            for key, columns in rows.items()
        }
        for table, rows in desired.items()
    }


@settings(deadline=None)  # a busy machine is no fault
@given(tables)
def test_rows_just_stored_do_not_differ(desired):
    difference = differ(_stored(desired), desired)
    assert (difference.added, difference.changed, difference.gone) == ({}, {}, {})


@settings(deadline=None)
@given(tables, tables)
def test_difference_names_every_row_that_appears_or_goes(before, after):
    difference = differ(_stored(before), after)
    old = {(table, key) for table, rows in before.items() for key in rows}
    new = {(table, key) for table, rows in after.items() for key in rows}
    assert {(table, key) for table, rows in difference.added.items() for key in rows} == new - old
    assert {(table, key) for table, rows in difference.gone.items() for key in rows} == old - new


def test_reference_to_another_row_is_a_change():
    desired = {"owners": {"a": {}, "b": {}}, "kpis": {"k": {"owner_id": Ref("owners", "a")}}}
    moved = desired | {"kpis": {"k": {"owner_id": Ref("owners", "b")}}}
    assert differ(_stored(desired), moved).changed == {"kpis": {"k": {"owner_id": Ref("owners", "b")}}}


def test_number_written_with_more_zeros_is_the_same_number():
    stored = {"targets": {"t": {"id": 1, "key": "t", "value": Decimal("0.9")}}}
    assert differ(stored, {"targets": {"t": {"value": Decimal("0.90")}}}).changed == {}


ROWS = [
    'owners: [{key: a, source: "menu:2", title: A}]',
    'figures: [{kpi: custom.loaves, source: "menu:9", text: "70", placement: TILE}]',
    'kpi_rows: [{kpi: custom.loaves, source: "menu:10", name: Loaves, owner: a}]',
    'targets: [{kpi: custom.loaves, source: "menu:10", text: "80"}]',
]


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (2, 0, 3, 1)])
def test_order_of_files_does_not_matter(write, order):
    folder = write(*ROWS)
    expected = build(read_folder(folder), build_registry([])).tables
    for name, index in zip("bcde", order, strict=True):
        (folder / f"{name}.yaml").write_text(ROWS[index], encoding="utf-8")
    assert build(read_folder(folder), build_registry([])).tables == expected
