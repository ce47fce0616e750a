"""Merging sketches: its laws, and that parts give what the whole gives."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.sketch.distinct import distinct
from kpi_server.domain.sketch.histogram import histogram
from kpi_server.domain.sketch.sparse import EMPTY, Sketch, Sparse, merge, of_places

KINDS = st.sampled_from(Sketch)
SKETCHES = st.dictionaries(st.integers(0, 20), st.integers(1, 53), max_size=12).map(of_places)
SUBJECTS = st.lists(st.text(max_size=6), max_size=30)
VALUES = st.lists(st.decimals(min_value=-1000, max_value=1000, places=3), max_size=30)


@given(KINDS, SKETCHES, SKETCHES, SKETCHES)
def test_merging_does_not_depend_on_grouping_or_order(kind: Sketch, one: Sparse, two: Sparse, three: Sparse) -> None:
    together = merge(kind, (one, two, three))
    assert merge(kind, (merge(kind, (one, two)), three)) == together
    assert merge(kind, (three, merge(kind, (two, one)))) == together


@given(KINDS, SKETCHES)
def test_the_empty_sketch_adds_nothing(kind: Sketch, one: Sparse) -> None:
    assert merge(kind, (EMPTY, one)) == one
    assert merge(kind, ()) == EMPTY


@given(SKETCHES)
def test_merging_a_distinct_sketch_with_itself_changes_nothing(one: Sparse) -> None:
    assert merge(Sketch.DISTINCT, (one, one)) == one


@given(SUBJECTS, SUBJECTS)
def test_merged_subjects_are_the_union_of_subjects(one: list[str], two: list[str]) -> None:
    assert merge(Sketch.DISTINCT, (distinct(one), distinct(two))) == distinct([*one, *two])


@given(VALUES, VALUES)
def test_merged_values_are_all_values(one: list[Decimal], two: list[Decimal]) -> None:
    assert merge(Sketch.HISTOGRAM, (histogram(one), histogram(two))) == histogram([*one, *two])
