"""Which sent values can be recorded, and what is wrong with the others."""

from datetime import date
from decimal import Decimal

import pytest

from kpi_server.domain.recording import Measured, Sent, check, unfit
from kpi_server.domain.unit import parse_unit
from kpi_server.errors import Ambiguous

TODAY = date(2026, 3, 1)
NAMED = {
    "ARR": Measured(7, "financial.arr", parse_unit("MONEY(EUR)")),
    "financial.arr": Measured(7, "financial.arr", parse_unit("MONEY(EUR)")),
    "Churn": Measured(8, "customer.churn", parse_unit("RATIO")),
    "Mood": Measured(9, "people.mood", parse_unit("TEXT")),
    "Satisfaction": Ambiguous('"Satisfaction" may mean a, b: ask by key'),
}


def _sent(kpi="ARR", period="2026-01", value="5", **more):
    return Sent(kpi, period, Decimal(value), **more)


def _faults(*sent):
    return [(fault.index, fault.field, fault.code) for fault in check(sent, NAMED, TODAY)[1]]


def test_a_value_without_words_gets_those_of_its_unit():
    good, faults = check([_sent(value="1200000"), _sent("Churn", value="0.032", text="3.2%")], NAMED, TODAY)
    assert ([one.text for one in good], faults) == (["€1,200,000", "3.2%"], [])


@pytest.mark.parametrize("period", ["2026", "2026-Q1", "2026-03", "2026-W09", "2026-03-01"])
def test_a_period_that_has_begun_can_be_recorded(period):
    assert _faults(_sent(period=period)) == []


@pytest.mark.parametrize("period", ["2027", "2026-Q2", "2026-04", "2026-W10", "2026-03-02", "2026-13", "2026-02-30"])
def test_a_period_that_has_not_begun_or_does_not_exist_cannot(period):
    assert _faults(_sent(period=period)) == [(0, "period", "BAD_USER_INPUT")]


def test_numbers_beyond_reason_are_refused_and_those_just_within_are_not():
    assert _faults(_sent(value="9" * 30), _sent("Churn", value="0." + "1" * 20)) == []
    assert _faults(_sent(value="-1" + "0" * 30), _sent("Churn", value="0." + "1" * 21)) == [
        (0, "value", "BAD_USER_INPUT"),
        (1, "value", "BAD_USER_INPUT"),
    ]


def test_a_kpi_in_words_and_a_name_of_several_are_refused():
    assert _faults(_sent("Mood"), _sent("Satisfaction")) == [(0, "kpi", "BAD_USER_INPUT"), (1, "kpi", "AMBIGUOUS")]


def test_all_faults_of_one_value_are_told():
    assert _faults(_sent("Satisfaction", period="2027", segment="x", text="")) == [
        (0, "kpi", "AMBIGUOUS"),
        (0, "period", "BAD_USER_INPUT"),
        (0, "segment", "BAD_USER_INPUT"),
        (0, "text", "BAD_USER_INPUT"),
    ]


def test_one_cell_under_two_names_is_the_same_cell():
    sent = [_sent("ARR", segment="b=2,a=1"), _sent("financial.arr", segment="A=1, B=2"), _sent("Churn")]
    good, faults = check(sent, NAMED, TODAY)
    assert [one.index for one in good] == [0, 2]
    assert [(fault.index, fault.field, fault.code, fault.message) for fault in faults] == [
        (1, "period", "CONFLICT", "financial.arr of 2026-01 in a=1,b=2 is already observation 0 of this call")
    ]


def test_one_external_id_for_two_values_is_a_conflict():
    assert _faults(_sent(external_id="x"), _sent(period="2026-02", external_id="x")) == [(1, "externalId", "CONFLICT")]


@pytest.mark.parametrize("text", ["", "  ", "x" * 201, "a\x00b", "\ud800"])
def test_a_text_that_cannot_be_kept_is_unfit(text):
    assert unfit(text) is not None


def test_a_text_of_two_hundred_characters_is_fit():
    assert unfit("x" * 200) is None
