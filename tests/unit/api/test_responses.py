"""Answers are kept by question and stamp, within a number of bytes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.api.responses import MOST_SEEN, Responses, tag_of

DAY = date(2026, 3, 1)
STAMP = ((7, 1, DAY),)
LATER = ((7, 2, DAY),)


def test_a_question_is_repeated_from_the_second_time_on():
    responses = Responses(100)
    assert [responses.is_repeated("a"), responses.is_repeated("b"), responses.is_repeated("a")] == [False, False, True]


def test_no_question_is_repeated_where_nothing_is_kept():
    responses = Responses(0)
    assert [responses.is_repeated("a"), responses.is_repeated("a")] == [False, False]


def test_questions_are_remembered_up_to_a_number_and_the_oldest_forgotten():
    responses = Responses(100)
    for number in range(MOST_SEEN):
        responses.is_repeated(number)
    assert responses.is_repeated(0)  # asked again, so that 1 is now the oldest
    responses.is_repeated("one more")
    assert [responses.is_repeated(0), responses.is_repeated(1)] == [True, False]


@pytest.mark.parametrize(
    "stamp", [LATER, ((7, 1, date(2026, 3, 2)),), ((8, 1, DAY),), (), (*STAMP, (8, 1, DAY))], ids=str
)
def test_an_answer_of_another_stamp_is_none(stamp):
    responses = Responses(100)
    responses.keep("a", STAMP, b"answer")
    assert responses.body("a", STAMP) == b"answer"
    assert responses.body("a", stamp) is None
    assert responses.body("b", STAMP) is None


def test_a_newer_answer_takes_the_place_of_the_older():
    responses = Responses(100)
    responses.keep("a", STAMP, b"older")
    responses.keep("a", LATER, b"newer")
    assert (responses.body("a", STAMP), responses.body("a", LATER)) == (None, b"newer")


def test_answers_not_asked_for_longest_go_first():
    responses = Responses(100)
    for question in "abcd":
        responses.keep(question, STAMP, b"x" * 25)
    assert responses.body("a", STAMP) is not None
    responses.keep("e", STAMP, b"x" * 25)
    assert [question for question in "abcde" if responses.body(question, STAMP)] == ["a", "c", "d", "e"]


def test_an_answer_larger_than_a_quarter_drives_out_no_others():
    responses = Responses(100)
    responses.keep("a", STAMP, b"x" * 25)
    responses.keep("b", STAMP, b"x" * 26)
    assert (responses.body("a", STAMP), responses.body("b", STAMP)) == (b"x" * 25, None)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=60))
def test_what_is_kept_never_exceeds_its_bytes(kept):
    responses = Responses(100)
    for question, size in kept:
        responses.keep(question, STAMP, b"x" * size)
        bodies = [responses.body(known, STAMP) or b"" for known in range(6)]
        assert sum(map(len, bodies)) <= 100
        assert size > 25 or responses.body(question, STAMP) == b"x" * size


def test_a_tag_differs_by_question_stamp_and_families():
    tags = {
        tag_of(("a", None, "v", "scope"), STAMP, "families"),
        tag_of(("b", None, "v", "scope"), STAMP, "families"),
        tag_of(("a", "name", "v", "scope"), STAMP, "families"),
        tag_of(("a", None, "w", "scope"), STAMP, "families"),
        tag_of(("a", None, "v", "other"), STAMP, "families"),
        tag_of(("a", None, "v", "scope"), LATER, "families"),
        tag_of(("a", None, "v", "scope"), STAMP, "others"),
    }
    assert len(tags) == 7
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)
