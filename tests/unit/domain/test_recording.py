"""Which sent values can be recorded, and what is wrong with the others."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.checking import Checker, check
from kpi_server.domain.period import parse_period
from kpi_server.domain.recording import Measured, Sent, Terms, Unread, unfit
from kpi_server.domain.retracting import Retraction, check_retractions
from kpi_server.domain.sketch.distinct import distinct
from kpi_server.domain.sketch.histogram import histogram
from kpi_server.domain.sketch.notation import print_sketch
from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.domain.unit import parse_unit
from kpi_server.errors import Ambiguous, BadInput

TERMS = Terms(date(2026, 3, 1))
NAMED = {
    ("kpi", "ARR"): Measured(7, "financial.arr", parse_unit("MONEY(EUR)")),
    ("kpi", "financial.arr"): Measured(7, "financial.arr", parse_unit("MONEY(EUR)")),
    ("kpi", "Churn"): Measured(8, "customer.churn", parse_unit("RATIO")),
    ("kpi", "Mood"): Measured(9, "people.mood", parse_unit("TEXT")),
    ("kpi", "Satisfaction"): Ambiguous('"Satisfaction" may mean a, b: ask by key'),
    ("measure", "new MRR"): Measured(None, "financial.new_mrr", parse_unit("MONEY(EUR)"), takes_currencies=True),
    ("measure", "users"): Measured(None, "product.users", parse_unit("COUNT(user)"), Sketch.DISTINCT),
    ("measure", "waits"): Measured(None, "product.waits", parse_unit("DURATION"), Sketch.HISTOGRAM),
}


def _sent(kpi="ARR", period="2026-01", value="5", **more):
    return Sent(kpi, period, Decimal(value), **more)


def _faults(*sent):
    return [(fault.index, fault.field, fault.code) for fault in check(sent, NAMED, TERMS)[1]]


def test_a_value_without_words_gets_those_of_its_unit():
    good, faults = check([_sent(value="1200000"), _sent("Churn", value="0.032", text="3.2%")], NAMED, TERMS)
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


def test_a_number_that_cannot_be_read_is_told_with_the_other_faults_of_its_value():
    unread = _sent("Satisfaction", period="2026-13", segment="x")._replace(value=Unread('"12,50" is no number'))
    assert _faults(unread) == [
        (0, "kpi", "AMBIGUOUS"),
        (0, "period", "BAD_USER_INPUT"),
        (0, "segment", "BAD_USER_INPUT"),
        (0, "value", "BAD_USER_INPUT"),
    ]
    good, faults = check([_sent(), unread._replace(kpi="Churn", period="2026-01", segment=None)], NAMED, TERMS)
    assert ([one.place for one in good], [fault.message for fault in faults]) == ([0], ['"12,50" is no number'])


def test_a_period_of_a_thousand_characters_is_told_in_a_few_words():
    ((fault,),) = [check([_sent(period="2" * 1_000)], NAMED, TERMS)[1]]
    assert fault.message == "a period has at most 200 characters"


def test_one_cell_under_two_names_is_the_same_cell():
    sent = [_sent("ARR", segment="b=2,a=1"), _sent("financial.arr", segment="A=1, B=2"), _sent("Churn")]
    good, faults = check(sent, NAMED, TERMS)
    assert [one.place for one in good] == [0, 2]
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


def _measured(measure, value="5", **more):
    return Sent(None, "2026-01", None if value is None else Decimal(value), measure=measure, **more)


def test_money_of_a_measure_may_be_in_any_currency_and_that_of_a_kpi_in_its_own():
    good, faults = check([_measured("new MRR", currency="USD"), _sent(currency="EUR")], NAMED, TERMS)
    assert ([(one.text, one.currency) for one in good], faults) == ([("$5", "USD"), ("€5", None)], [])
    assert _faults(_sent(currency="USD"), _sent("Churn", currency="EUR"), _measured("new MRR", currency="Euro")) == [
        (0, "currency", "BAD_USER_INPUT"),
        (1, "currency", "BAD_USER_INPUT"),
        (2, "currency", "BAD_USER_INPUT"),
    ]


def test_a_sketch_says_its_value_itself():
    users = print_sketch(Sketch.DISTINCT, distinct(["ann", "bob", "ann"]))
    waits = print_sketch(Sketch.HISTOGRAM, histogram([Decimal(3), Decimal(4), Decimal(4)]))
    sent = [_measured("users", None, sketch=users), _measured("waits", None, sketch=waits)]
    good, faults = check(sent, NAMED, TERMS)
    assert ([round(one.value) for one in good], faults) == ([2, 3], [])
    assert all(one.sketch is not None for one in good)


def test_a_sketch_of_amounts_is_taken_in_the_usual_currency_alone():
    amounts = Measured(None, "financial.orders", parse_unit("MONEY(EUR)"), Sketch.HISTOGRAM, takes_currencies=True)
    sketch = print_sketch(Sketch.HISTOGRAM, histogram([Decimal(3)]))
    sent = [Sent(None, "2026-01", None, measure="orders", sketch=sketch, currency=code) for code in ("EUR", "USD")]
    good, faults = check(sent, {("measure", "orders"): amounts}, TERMS)
    assert [one.place for one in good] == [0]
    assert [(fault.index, fault.field, fault.message) for fault in faults] == [
        (1, "currency", "a sketch of financial.orders is of amounts in EUR: it is not converted")
    ]


def test_sketches_and_numbers_are_taken_only_where_they_are_recorded():
    good, faults = check([_measured("users", "41")], NAMED, TERMS)
    assert ([one.sketch for one in good], faults) == ([None], [])
    assert _faults(
        _measured("waits", "41"),
        _measured("waits", None),
        _measured("users", None, sketch="HISTOGRAM 1:1"),
        _measured("new MRR", None, sketch="DISTINCT 1:1"),
        _measured("users", "3", sketch="DISTINCT 1:1"),
    ) == [
        (0, "value", "BAD_USER_INPUT"),
        (1, "value", "BAD_USER_INPUT"),
        (2, "sketch", "BAD_USER_INPUT"),
        (3, "sketch", "BAD_USER_INPUT"),
        (4, "sketch", "BAD_USER_INPUT"),
    ]


def test_a_value_is_of_a_kpi_or_of_a_measure():
    assert _faults(Sent("ARR", "2026-01", Decimal(1), measure="new MRR")) == [(0, "measure", "BAD_USER_INPUT")]


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(value):
    assert _faults(_sent(value=value)) == [(0, "value", "BAD_USER_INPUT")]


@pytest.mark.parametrize(
    ("period", "is_closed"), [("2025-12", True), ("2025", False), ("2025-12-31", True), ("2026-01", False)]
)
def test_what_lies_in_a_closed_period_is_for_who_may_restate_it(period, is_closed):
    closed = [parse_period("2025-Q4")]
    _, faults = check([_sent(period=period)], NAMED, replace(TERMS, closed=closed))
    assert [(fault.field, fault.code) for fault in faults] == [("period", "FORBIDDEN")] * is_closed
    assert check([_sent(period=period)], NAMED, replace(TERMS, closed=closed, restates=True))[1] == []


@pytest.mark.parametrize(
    ("segment", "declared", "message"),
    [
        ("plan=pro,region=eu", ("plan", "region"), None),
        ("", ("plan", "region"), None),
        ("plann=pro", (), None),
        (
            "plann=pro,region=eu",
            ("region", "plan"),
            '"plann" is no segment key of the organization; its catalog declares plan, region',
        ),
    ],
)
def test_a_segment_has_the_keys_that_the_catalog_declares_if_any(segment, declared, message):
    _, faults = check([_sent(segment=segment)], NAMED, replace(TERMS, segment_keys=declared))
    assert [(fault.field, fault.message) for fault in faults] == ([] if message is None else [("segment", message)])


def test_what_was_recorded_under_another_key_can_be_taken_back():
    """Or else nothing that was misspelt before keys were declared could ever be put right."""
    wrong = Retraction(kpi="ARR", period="2026-01", segment="plann=pro")
    (cell,), faults = check_retractions([(0, wrong)], NAMED, {}, replace(TERMS, segment_keys=("plan",)))
    assert (cell.segment, faults) == ("plann=pro", [])


_SENT = st.builds(
    Sent,
    kpi=st.sampled_from(["ARR", "financial.arr", "Churn"]) | st.sampled_from(["Mood", "Satisfaction", None]),
    period=st.sampled_from(["2026-01", "2025", "2026-02-28"]) | st.sampled_from(["2027", "2026-13"]),
    value=st.sampled_from([Decimal(5), Decimal("-0.5"), Decimal("1E-9"), Decimal(10) ** 31, Decimal("NaN"), None]),
    segment=st.sampled_from([None, "", "b=2,a=1", "x"]),
    text=st.sampled_from([None, "five", "", " ", "\0"]),
    external_id=st.sampled_from([None, "e-1", ""]),
    measure=st.sampled_from([None, None, "new MRR", "users"]),
    currency=st.sampled_from([None, None, "EUR", "USD"]),
    sketch=st.sampled_from([None, None, "DISTINCT 17:3"]),
)


@given(st.lists(_SENT, min_size=1, max_size=3))
def test_values_that_are_read_in_columns_are_those_that_are_read_one_by_one(sent):
    named = NAMED | {("kpi", ""): BadInput("name it")}
    together, alone = Checker(named, TERMS), Checker(named, TERMS)
    read = together.read_plain(range(len(sent)), sent)
    if read is not None:
        assert (read, alone.faults) == ([alone.read(index, one) for index, one in enumerate(sent)], [])


def test_what_most_calls_hold_is_read_in_columns_and_one_doubt_reads_all_one_by_one():
    usual = [_sent(segment="b=2,a=1"), _sent("Churn", text="3.2%"), Sent(None, "2026", Decimal(1), measure="new MRR")]
    assert [one.segment for one in Checker(NAMED, TERMS).read_plain(range(3), usual)] == ["a=1,b=2", "", ""]
    for doubt in ({"value": "1E-9"}, {"text": " "}, {"currency": "USD"}, {"period": "2027"}, {"measure": "users"}):
        assert Checker(NAMED, TERMS).read_plain(range(4), [*usual, _sent(**doubt)]) is None
