"""Sketches as text: one text each, and nothing hostile gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.sketch.distinct import distinct
from kpi_server.domain.sketch.notation import LONGEST_NOTATION, parse_sketch, print_sketch
from kpi_server.domain.sketch.sparse import EMPTY, Sketch, Sparse, of_places
from kpi_server.errors import BadInput

HISTOGRAMS = st.dictionaries(st.integers(-3140, 3140), st.integers(1, 10**9)).map(of_places)
DISTINCTS = st.dictionaries(st.integers(0, 4095), st.integers(1, 53)).map(of_places)
LIKELY = st.lists(
    st.sampled_from(["DISTINCT", "HISTOGRAM", " ", ":", "-", "0", "1", "53", "4096", "٣", "\n"]), max_size=9
)


@given(HISTOGRAMS, DISTINCTS)
def test_a_sketch_is_read_as_it_was_printed(histogram: Sparse, distinct: Sparse) -> None:
    assert parse_sketch(Sketch.HISTOGRAM, print_sketch(Sketch.HISTOGRAM, histogram)) == histogram
    assert parse_sketch(Sketch.DISTINCT, print_sketch(Sketch.DISTINCT, distinct)) == distinct


def test_the_largest_sketches_are_short_enough() -> None:
    registers = Sparse(tuple(range(4096)), (53,) * 4096)
    buckets = Sparse(tuple(range(-3140, 3141)), (10**12 // 6281,) * 6281)
    for kind, sketch in ((Sketch.DISTINCT, registers), (Sketch.HISTOGRAM, buckets)):
        assert len(print_sketch(kind, sketch)) <= LONGEST_NOTATION
        assert parse_sketch(kind, print_sketch(kind, sketch)) == sketch


def test_an_empty_sketch_is_its_kind_alone() -> None:
    assert parse_sketch(Sketch.DISTINCT, "DISTINCT") == distinct([]) == EMPTY


@given(st.sampled_from(Sketch), LIKELY.map("".join) | st.text(max_size=30))
def test_a_text_is_refused_or_the_only_one_of_its_sketch(kind: Sketch, text: str) -> None:
    try:
        sketch = parse_sketch(kind, text)
    except BadInput:
        return
    assert print_sketch(kind, sketch) == text


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("DISTINCT", "", "reads like"),
        ("DISTINCT", "HISTOGRAM 1:1", "reads like"),
        ("DISTINCT", "DISTINCT ", "no place:amount pair"),
        ("DISTINCT", "DISTINCT  1:1", "no place:amount pair"),
        ("DISTINCT", "DISTINCT 1:1\n", "no place:amount pair"),
        ("DISTINCT", "DISTINCT 01:1", "no place:amount pair"),
        ("DISTINCT", "DISTINCT +1:1", "no place:amount pair"),
        ("DISTINCT", "DISTINCT ١:1", "no place:amount pair"),
        ("DISTINCT", "DISTINCT 1:0", "no place:amount pair"),
        ("DISTINCT", "DISTINCT 1:-1", "no place:amount pair"),
        ("DISTINCT", "DISTINCT 1:1.5", "no place:amount pair"),
        ("DISTINCT", "DISTINCT 1:1 1:1", "ascend"),
        ("DISTINCT", "DISTINCT 2:1 1:1", "ascend"),
        ("DISTINCT", "DISTINCT 4096:1", "no place of a DISTINCT sketch"),
        ("DISTINCT", "DISTINCT -1:1", "no place of a DISTINCT sketch"),
        ("DISTINCT", "DISTINCT 1:54", "too large an amount"),
        ("HISTOGRAM", "HISTOGRAM 3141:1", "no place of a HISTOGRAM sketch"),
        ("HISTOGRAM", "HISTOGRAM -0:1", "no place:amount pair"),
        ("HISTOGRAM", "HISTOGRAM 1:1000000000001", "too large an amount"),
        ("HISTOGRAM", "HISTOGRAM 1:1000000000000 2:1", "at most 1000000000000 values"),
        ("HISTOGRAM", "HISTOGRAM 1:99999999999999999999", "no place:amount pair"),
        ("HISTOGRAM", "HISTOGRAM " + "1:1 " * 40_000, "at most 131072 characters"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(kind: str, text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        parse_sketch(Sketch(kind), text)
