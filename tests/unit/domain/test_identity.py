"""Identities are read without executing anything, and calculate exactly."""

from decimal import Decimal

import pytest

from kpi_server.domain.reconciliation.identity import parse_identity
from kpi_server.errors import BadInput

VALUES = {"a": Decimal(12), "b": Decimal(3), "c": Decimal(2), "zero": Decimal(0)}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a / b", "4"),
        ("a - b - c", "7"),
        ("a - (b - c)", "11"),
        ("a / b / c", "2"),
        ("a / (b / c)", "8"),
        ("a + b * c", "18"),
        ("(a + b) * c", "30"),
        ("a*b-c", "34"),
        ("1 - c", "-1"),
        ("((a))", "12"),
        ("a * 0.25", "3"),
        ("zero / a", "0"),
    ],
)
def test_signs_bind_as_in_arithmetic(text, result):
    assert parse_identity(text).evaluate(VALUES) == Decimal(result)


@pytest.mark.parametrize("text", ["a / zero", "a / (b - b)", "a / missing", "missing - missing"])
def test_without_a_result_there_is_none(text):
    assert parse_identity(text).evaluate(VALUES) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ends where a metric or number should stand"),
        ("   ", "ends where a metric or number should stand"),
        ("a /", "ends where a metric or number should stand"),
        ("/ a", "/ stands where a metric or number should"),
        ("a b", "b stands where a sign should"),
        ("a (b)", "( stands where a sign should"),
        ("()", ") stands where a metric or number should"),
        ("a + - b", "- stands where a metric or number should"),
        ("(a / b", "a bracket is not closed"),
        ("a / b)", "a bracket is closed that was not opened"),
        ("a ** b", "* stands where a metric or number should"),
        ("a % b", '"% b" is no metric key, number, sign or bracket'),
        ("__import__", "is no metric key, number, sign or bracket"),
        ("a.b.c", '".c" is no metric key, number, sign or bracket'),
        ("1.2.3 * a", "is no metric key, number, sign or bracket"),
        ("1e9 * a", "e9 stands where a sign should"),
        ("12 * 3", "names no metric"),
        ("a" + " + a" * 50, "at most 200 characters"),
    ],
)
def test_what_is_no_formula_is_refused(text, words):
    with pytest.raises(BadInput) as refused:
        parse_identity(text)
    assert words in str(refused.value)


def test_two_hundred_brackets_are_no_danger():
    assert parse_identity("(" * 99 + "a" + ")" * 99).evaluate(VALUES) == 12


def test_a_key_without_its_family_gets_one_and_others_keep_theirs():
    identity = parse_identity("clv / customer.spend", family="financial")
    assert identity.inputs == ("financial.clv", "customer.spend")


def test_an_input_counts_once():
    assert parse_identity("a * a + b").inputs == ("a", "b")
