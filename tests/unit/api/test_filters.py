"""A filter becomes conditions with bound values, whatever is in it; what cannot be had is said all at once."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest

from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import Question, answered
from kpi_server.api.lists.filters import add_conditions, filter_type
from kpi_server.api.lists.operators import (
    BooleanFilter,
    DateFilter,
    DateRange,
    DecimalFilter,
    DecimalRange,
    IntFilter,
    IntRange,
    KeyFilter,
    PeriodFilter,
    TextFilter,
    TextsFilter,
    choice_filter,
)
from kpi_server.api.types.enums import describe
from kpi_server.errors import BadInput
from kpi_server.store.reads.clauses import Clauses


class Mood(StrEnum):
    GLAD = "GLAD"
    SAD = "SAD"


describe(Mood, "A mood.", {"GLAD": "Glad.", "SAD": "Sad."})

COLUMNS = (
    columns.text("name", "Its name."),
    columns.key_of("owner", "owners", "Its owner.", nullable=True),
    columns.integer("months", "Its months.", nullable=True),
    columns.decimal("value", "Its value."),
    columns.day("due_on", "Its day."),
    columns.period("period", "Its period."),
    columns.flag("open", "Whether it is open.", sql="(entry.closed is null)"),
    columns.choice("mood", Mood, "Its mood."),
    columns.texts("tags", "Its tags."),
)
QUESTIONS = (Question("month", int, "In this month.", answered("entry.low <= {}::bigint and entry.high > {}::bigint")),)
Filter = filter_type("Sample", COLUMNS, QUESTIONS)
OWNER = "(select named.key from owners as named where named.organization_id = entry.organization_id" + (
    " and named.id = entry.owner_id)"
)


def conditions(wanted):
    """The conditions and what they bind; the organization was bound before."""
    clauses = Clauses([7])
    add_conditions(clauses, wanted, columns=COLUMNS, questions=QUESTIONS, organization_id=7)
    return clauses.conditions, clauses.parameters[1:]


@pytest.mark.parametrize(
    ("wanted", "condition", "bound"),
    [
        (Filter(name=TextFilter(eq="a")), '(entry."name" = $2::text)', ["a"]),
        (Filter(name=TextFilter(ne="a")), '(entry."name" <> $2::text)', ["a"]),
        (Filter(name=TextFilter(in_=["a", "b"])), '(entry."name" = any ($2::text[]))', [["a", "b"]]),
        (Filter(name=TextFilter(in_=[])), '(entry."name" = any ($2::text[]))', [[]]),
        (Filter(name=TextFilter(not_in=["a"])), '(entry."name" <> all ($2::text[]))', [["a"]]),
        (Filter(name=TextFilter(contains="A%")), '(position(lower($2::text) in lower(entry."name")) > 0)', ["A%"]),
        (Filter(name=TextFilter(starts_with="a")), '(starts_with(lower(entry."name"), lower($2::text)))', ["a"]),
        (
            Filter(name=TextFilter(ends_with="a")),
            '(right(lower(entry."name"), char_length(lower($2::text))) = lower($2::text))',
            ["a"],
        ),
        (Filter(name=TextFilter(is_null=True)), '(entry."name" is null)', []),
        (Filter(name=TextFilter(is_null=False)), '(entry."name" is not null)', []),
        (Filter(owner=KeyFilter(eq="cmo")), f"({OWNER} = $2::text)", ["cmo"]),
        (Filter(owner=KeyFilter(is_null=True)), f"({OWNER} is null)", []),
        (Filter(months=IntFilter(lt=3)), '(entry."months" < $2::bigint)', [3]),
        (Filter(months=IntFilter(lte=3)), '(entry."months" <= $2::bigint)', [3]),
        (Filter(months=IntFilter(gt=3)), '(entry."months" > $2::bigint)', [3]),
        (Filter(months=IntFilter(gte=3)), '(entry."months" >= $2::bigint)', [3]),
        (
            Filter(months=IntFilter(between=IntRange(low=1, high=2))),
            '(entry."months" between $2::bigint and $3::bigint)',
            [1, 2],
        ),
        (Filter(value=DecimalFilter(eq=Decimal("1.50"))), '(entry."value" = $2::numeric)', [Decimal("1.50")]),
        (
            Filter(value=DecimalFilter(between=DecimalRange(low=Decimal(0), high=Decimal(1)))),
            '(entry."value" between $2::numeric and $3::numeric)',
            [0, 1],
        ),
        (Filter(due_on=DateFilter(lt=date(2026, 3, 1))), '(entry."due_on" < $2::date)', [date(2026, 3, 1)]),
        (
            Filter(due_on=DateFilter(between=DateRange(low=date(2026, 1, 1), high=date(2026, 2, 1)))),
            '(entry."due_on" between $2::date and $3::date)',
            [date(2026, 1, 1), date(2026, 2, 1)],
        ),
        (Filter(period=PeriodFilter(eq="2026-Q1")), '(entry."period" = $2::text)', ["2026-Q1"]),
        (Filter(open=BooleanFilter(eq=False)), "((entry.closed is null) = $2::boolean)", [False]),
        (Filter(mood=choice_filter(Mood)(eq=Mood.SAD)), '(entry."mood" = $2::text)', ["SAD"]),
        (Filter(mood=choice_filter(Mood)(in_=[Mood.SAD])), '(entry."mood" = any ($2::text[]))', [["SAD"]]),
        (Filter(tags=TextsFilter(has="a")), '(entry."tags" ? $2::text)', ["a"]),
        (Filter(tags=TextsFilter(has_any=["a", "b"])), '(entry."tags" ?| $2::text[])', [["a", "b"]]),
        (Filter(tags=TextsFilter(is_empty=True)), '((jsonb_array_length(entry."tags") = 0) = $2::boolean)', [True]),
        (Filter(month=3), "(entry.low <= $2::bigint and entry.high > $2::bigint)", [3]),
    ],
)  # fmt: skip
def test_an_operator_is_one_condition_with_bound_values(wanted, condition, bound):
    assert conditions(wanted) == ([condition], bound)


A, B, C = (Filter(name=TextFilter(eq=letter)) for letter in "abc")
IS = '(entry."name" = ${}::text)'


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (None, []),
        (Filter(), []),
        (Filter(name=None), []),
        (Filter(name=TextFilter(eq=None)), []),
        (Filter(name=TextFilter(eq="a", in_=[]), and_=[C]), [
            IS.format(2), '(entry."name" = any ($3::text[]))', f"(({IS.format(4)}))"
        ]),
        (Filter(and_=[A, B]), [f"(({IS.format(2)}) and ({IS.format(3)}))"]),
        (Filter(or_=[A, B]), [f"(({IS.format(2)}) or ({IS.format(3)}))"]),
        (Filter(not_=A), [f"(not ({IS.format(2)}))"]),
        (Filter(or_=[A, Filter(and_=[B, Filter(not_=C)])]), [
            f"(({IS.format(2)}) or (((({IS.format(3)}) and ((not ({IS.format(4)})))))))"
        ]),
        (Filter(and_=[]), ["true"]),
        (Filter(or_=[]), ["false"]),
        (Filter(not_=Filter()), ["(not true)"]),
        (Filter(or_=[Filter(), A]), [f"(true or ({IS.format(2)}))"]),
    ],
)  # fmt: skip
def test_filters_join_as_they_are_nested(wanted, expected):
    found, _ = conditions(wanted)
    assert [_bare(one) for one in found] == [_bare(one) for one in expected]


def _bare(condition):
    """A condition without doubled brackets."""
    before = None
    while before != condition:
        before, condition = condition, condition.replace("((", "(").replace("))", ")")
    return condition


def nested(depth):
    wanted = A
    for _ in range(depth - 1):
        wanted = Filter(not_=wanted)
    return wanted


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: Filter(or_=[B, one])], ids=["plain", "beside"])
def test_ten_filters_lie_inside_one_another_and_no_more(wrap):
    inner = 0 if wrap(A) is A else 1
    conditions(wrap(nested(10 - inner)))
    with pytest.raises(BadInput, match=r"^`filter` has more than 10 filters inside one another$"):
        conditions(wrap(nested(11 - inner)))


def test_a_hundred_conditions_are_allowed_and_no_more():
    conditions(Filter(or_=[A] * 100))
    with pytest.raises(BadInput, match=r"^`filter` has more than 100 conditions$"):
        conditions(Filter(or_=[A] * 100, month=3))


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        (Filter(name=TextFilter(in_=["a"] * 101)), "name.in"),
        (Filter(not_=Filter(months=IntFilter(not_in=[1] * 101))), "not.months.notIn"),
        (Filter(and_=[A, Filter(tags=TextsFilter(has_any=["a"] * 101))]), r"and\[1\].tags.hasAny"),
    ],
)
def test_a_hundred_values_are_allowed_in_a_list_and_no_more(wanted, place):
    conditions(Filter(name=TextFilter(in_=["a"] * 100)))
    with pytest.raises(BadInput, match=f"^`filter.{place}` has 101 values; 100 are allowed$"):
        conditions(wanted)


def test_everything_wrong_is_said_at_once():
    wanted = Filter(
        name=TextFilter(eq="x" * 201, starts_with="a\x00"),
        or_=[A, Filter(owner=KeyFilter(in_=["b", "\ud800"]))],
        and_=[nested(10)],
    )
    clauses = Clauses()
    with pytest.raises(BadInput) as raised:
        add_conditions(clauses, wanted, columns=COLUMNS, questions=QUESTIONS, organization_id=7)
    assert str(raised.value).split("; ") == [
        "`filter.name.eq` is longer than 200 characters",
        "`filter.name.startsWith` holds a character that no text can store (NUL or half a character)",
        "`filter` has more than 10 filters inside one another",
        "`filter.or[1].owner.in` holds a character that no text can store (NUL or half a character)",
    ]
    assert clauses.conditions == []
