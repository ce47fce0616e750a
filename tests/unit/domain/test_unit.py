"""Units: their notation both ways, what an organization fixes, what is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.currency import CURRENCIES
from kpi_server.domain.unit import Unit, UnitKind, fix, parse_unit, same_kind
from kpi_server.errors import BadInput

NOTATIONS = [
    ("COUNT", Unit(UnitKind.COUNT)),
    ("COUNT(customer)", Unit(UnitKind.COUNT, of="customer")),
    ("COUNT(story point)/sprint", Unit(UnitKind.COUNT, of="story point", per="sprint")),
    ("COUNT(deployment)/week", Unit(UnitKind.COUNT, of="deployment", per="week")),
    ("COUNT(ticket)/100 customers", Unit(UnitKind.COUNT, of="ticket", per="100 customers")),
    ("RATIO", Unit(UnitKind.RATIO)),
    ("RATIO/month", Unit(UnitKind.RATIO, per="month")),
    ("MULTIPLE", Unit(UnitKind.MULTIPLE)),
    ("POINTS", Unit(UnitKind.POINTS)),
    ("SCORE", Unit(UnitKind.SCORE)),
    ("SCORE(0,5)", Unit(UnitKind.SCORE, low=Decimal(0), high=Decimal(5))),
    ("SCORE(-2.5,10)", Unit(UnitKind.SCORE, low=Decimal("-2.5"), high=Decimal(10))),
    ("MONEY", Unit(UnitKind.MONEY)),
    ("MONEY(EUR)", Unit(UnitKind.MONEY, currency="EUR")),
    ("MONEY(USD)/month", Unit(UnitKind.MONEY, currency="USD", per="month")),
    ("DURATION", Unit(UnitKind.DURATION)),
    ("MONTHS", Unit(UnitKind.MONTHS)),
    ("BYTES/day", Unit(UnitKind.BYTES, per="day")),
    ("TEXT", Unit(UnitKind.TEXT)),
]


@pytest.mark.parametrize(("notation", "unit"), NOTATIONS)
def test_a_notation_and_its_unit_are_each_others_inverse(notation: str, unit: Unit) -> None:
    assert parse_unit(notation) == unit
    assert str(unit) == notation


@pytest.mark.parametrize(
    ("notation", "reason"),
    [
        ("", "is no unit"),
        ("EUR", "is no unit"),
        ("count", "is no unit"),
        ("COUNT()", "cannot count ''"),
        ("COUNT(a", "is no unit"),
        ("COUNT/", "is no unit"),
        ("COUNT/week/day", "is no unit"),
        ("MONEY(EURO)", "ISO 4217"),
        ("MONEY(XXX)", "ISO 4217"),
        ("MONEY(eur)", "ISO 4217"),
        ("SCORE(5,0)", "lower and a higher"),
        ("SCORE(5,5)", "lower and a higher"),
        ("SCORE(5)", "cannot hold"),
        ("SCORE(0,NaN)", "cannot hold"),
        ("RATIO(customer)", "cannot hold"),
        ("DURATION(h)", "cannot hold"),
        ("TEXT/day", "cannot be reported per"),
    ],
)
def test_a_notation_that_names_no_unit_is_refused_with_its_reason(notation: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_unit(notation)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": UnitKind.RATIO, "of": "customer"},
        {"kind": UnitKind.RATIO, "currency": "EUR"},
        {"kind": UnitKind.COUNT, "low": Decimal(0), "high": Decimal(5)},
        {"kind": UnitKind.SCORE, "low": Decimal(0)},
        {"kind": UnitKind.SCORE, "low": Decimal("NaN"), "high": Decimal(5)},
        {"kind": UnitKind.SCORE, "low": Decimal(0), "high": Decimal("Infinity")},
        {"kind": UnitKind.COUNT, "of": " padded "},
        {"kind": UnitKind.COUNT, "per": "a/b"},
    ],
)
def test_a_unit_that_its_notation_could_not_say_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Unit(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("family", "fixed"),
    [
        ("MONEY", "MONEY(USD)"),
        ("MONEY/month", "MONEY(USD)/month"),
        ("MONEY(EUR)", "MONEY(EUR)"),
        ("SCORE", "SCORE(0,5)"),
        ("SCORE(0,10)", "SCORE(0,10)"),
        ("COUNT(customer)", "COUNT(customer)"),
    ],
)
def test_an_organization_fixes_currency_and_scale_where_they_are_open(family: str, fixed: str) -> None:
    assert str(fix(parse_unit(family), currency="USD", scale=(Decimal(0), Decimal(5)))) == fixed


def test_a_score_stays_open_when_the_organization_names_no_scale() -> None:
    assert fix(parse_unit("SCORE"), currency="USD", scale=None) == parse_unit("SCORE")


def test_fixing_an_unknown_currency_is_refused() -> None:
    with pytest.raises(BadInput, match="ISO 4217"):
        fix(parse_unit("MONEY"), currency="DOL")


def test_units_are_of_one_kind_whatever_their_currency_scale_and_wording() -> None:
    assert same_kind(parse_unit("MONEY"), parse_unit("MONEY(EUR)/month"))
    assert same_kind(parse_unit("SCORE"), parse_unit("SCORE(0,5)"))
    assert not same_kind(parse_unit("COUNT(user)"), parse_unit("RATIO"))
    assert not same_kind(parse_unit("RATIO"), parse_unit("MULTIPLE"))


def test_currencies_are_three_capital_letters_and_hold_those_of_the_documents() -> None:
    assert {"EUR", "USD"} <= CURRENCIES
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)
    assert not {"XXX", "XTS", "XAU", "DEM", "HRK"} & CURRENCIES


WORDS = st.from_regex(r"[a-z]{1,8}( [a-z]{1,8}){0,2}", fullmatch=True)
NUMBERS = st.decimals(-1000, 1000, places=2)
UNITS = st.one_of(
    st.builds(Unit, st.just(UnitKind.COUNT), of=st.none() | WORDS, per=st.none() | WORDS),
    st.builds(
        Unit, st.just(UnitKind.MONEY), currency=st.none() | st.sampled_from(sorted(CURRENCIES)), per=st.none() | WORDS
    ),
    st.builds(
        lambda low, width: Unit(UnitKind.SCORE, low=low, high=low + width), NUMBERS, st.decimals("0.01", 1000, places=2)
    ),
    st.builds(Unit, st.sampled_from([kind for kind in UnitKind if kind is not UnitKind.TEXT]), per=st.none() | WORDS),
)


@given(UNITS)
def test_every_unit_survives_its_notation(unit: Unit) -> None:
    assert parse_unit(str(unit)) == unit
