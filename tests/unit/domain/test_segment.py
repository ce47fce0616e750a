"""Segments: one text for one part, whatever its order and case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.segment import WHOLE, parse_segment, read_segment
from kpi_server.errors import BadInput


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ({}, ""),
        ({"plan": "enterprise"}, "plan=enterprise"),
        ({"region": "EU", "Plan": " Enterprise "}, "plan=enterprise,region=eu"),
        ({"touchpoint": "Post-Support"}, "touchpoint=post-support"),
        ({"feature": "Workflow  Builder"}, "feature=workflow builder"),
        ({"city": "Zürich"}, "city=zürich"),
    ],
)
def test_a_segment_has_one_text(pairs: dict[str, str], text: str) -> None:
    segment = parse_segment(pairs)
    assert str(segment) == text
    assert read_segment(text) == segment
    assert segment.is_whole is (text == "")


def test_the_whole_is_the_empty_segment() -> None:
    assert parse_segment({}) == WHOLE == read_segment("  ")


@pytest.mark.parametrize(
    "pairs",
    [{"": "x"}, {"1plan": "x"}, {"pl an": "x"}, {"plan": ""}, {"plan": "  "}, {"plan": "a,b"}, {"plan": "a=b"},
     {"plan": "a\x00b"}, {"plan": "x", "PLAN": "y"}],
)  # fmt: skip
def test_an_unclear_segment_is_refused(pairs: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        parse_segment(pairs)


@pytest.mark.parametrize("text", ["plan", "plan=a,", "=a", "plan=a,plan=b", "plan=a,Plan=a", "plan=a=b"])
def test_a_text_that_is_no_segment_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_segment(text)


KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
VALUES = st.from_regex(r"[A-Za-z0-9+-]{1,8}( [A-Za-z0-9]{1,8})?", fullmatch=True)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_segment_survives_its_text(pairs: dict[str, str]) -> None:
    segment = parse_segment(pairs)
    assert read_segment(str(segment)) == segment
    assert parse_segment(dict(reversed(list(pairs.items())))) == segment
