"""Figures as the five documents print them, and what must never be read as one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.absence import Absence
from kpi_server.domain.figure import Figure, format_value, parse_figure
from kpi_server.domain.unit import parse_unit
from kpi_server.errors import FigureError

PRINTED = [
    ("000:13", "425K", "COUNT(user)", "425000"),
    ("000:20", "$4.2M ARR", "MONEY(USD)", "4200000"),
    ("000:27", "68", "POINTS", "68"),
    ("000:34", "1.8 deployments per week", "COUNT(deployment)/week", "1.8"),
    ("000:41", "22 minutes", "DURATION", "1320"),
    ("000:55", "$500K", "MONEY(USD)", "500000"),
    ("001:10", "+28% YoY", "RATIO", "0.28"),
    ("001:26", "€1.2M", "MONEY(EUR)", "1200000"),
    ("001:35", "78%", "RATIO", "0.78"),
    ("001:39", "€45K/month", "MONEY(EUR)/month", "45000"),
    ("001:48", "45", "COUNT(customer)", "45"),
    ("001:49", "€2,400", "MONEY(EUR)", "2400"),
    ("001:50", "8 months", "MONTHS", "8"),
    ("001:52", "45 days", "DURATION", "3888000"),
    ("001:57", "3.2%", "RATIO/month", "0.032"),
    ("001:59", "7.7:1", "MULTIPLE", "7.7"),
    ("001:61", "4.7/5.0", "SCORE(0,5)", "4.7"),
    ("001:70", "99.7%", "RATIO", "0.997"),
    ("001:71", "180ms", "DURATION", "0.18"),
    ("001:73", "24 hours", "DURATION", "86400"),
    ("001:74", "0", "COUNT(incident)", "0"),
    ("001:81", "85", "SCORE(0,100)", "85"),
    ("001:83", "7.2/10", "SCORE(0,10)", "7.2"),
    ("001:92", "150/month", "COUNT(student)/month", "150"),
    ("001:103", "280%", "RATIO", "2.8"),
    ("001:118", "3 awards", "COUNT(award)", "3"),
    ("001:143", "-25%", "RATIO", "-0.25"),
    ("002:26", "92/100", "SCORE(0,100)", "92"),
    ("002:43", "12 open", "COUNT(ticket)", "12"),
    ("002:59", "24h", "DURATION", "86400"),
    ("002:60", "2 weeks", "DURATION", "1209600"),
    ("002:61", "8.5/10", "SCORE(0,10)", "8.5"),
    ("002:83", "3.2:1", "MULTIPLE", "3.2"),
    ("002:131", "€2M", "MONEY(EUR)", "2000000"),
    ("002:179", "+33% QoQ", "RATIO", "0.33"),
    ("003:31", "50,000 MABV", "COUNT(MABV)", "50000"),
    ("003:51", "12K/month", "COUNT(visitor)/month", "12000"),
    ("003:61", "62 days", "DURATION", "5356800"),
    ("003:63", "$12K", "MONEY(USD)", "12000"),
    ("003:64", "$280K", "MONEY(USD)/month", "280000"),
    ("003:71", "18 hours", "DURATION", "64800"),
    ("003:82", "9.5 minutes", "DURATION", "570"),
    ("003:83", "5.2", "COUNT(dashboard)/user", "5.2"),
    ("003:84", "18% MoM", "RATIO/month", "0.18"),
    ("003:92", "4.1/5", "SCORE(0,5)", "4.1"),
    ("003:93", "28", "COUNT(ticket)/100 customers", "28"),
    ("003:94", "3.2 hours", "DURATION", "11520"),
    ("003:132", "4.2 seconds", "DURATION", "4.2"),
    ("003:140", "42 points", "COUNT(story point)/sprint", "42"),
    ("003:144", "6/month", "COUNT(session)/month", "6"),
    ("003:158", "+18% MoM", "RATIO", "0.18"),
    ("003:185", "9.5min", "DURATION", "570"),
    ("003:187", "125K", "COUNT(MABV)", "125000"),
    ("003:188", "58% use 3+ features", "RATIO", "0.58"),
    ("003:212", "120/mo", "COUNT(trial)/month", "120"),
    ("003:237", "28/100", "COUNT(ticket)/100 customers", "28"),
    ("003:237", "3.2h", "DURATION", "11520"),
    ("003:383", "100%", "RATIO", "1"),
    ("003:401", "$1,250", "MONEY(USD)/month", "1250"),
    ("004:291", "$0.10 per transaction", "MONEY(USD)", "0.1"),
    ("004:708", "82%", "RATIO", "0.82"),
]

# No document prints these, but people do.
SPELLINGS = [
    ("−€180K", "MONEY(EUR)", "-180000"),
    ("€-180K", "MONEY(EUR)", "-180000"),
    ("1.2M EUR", "MONEY(EUR)", "1200000"),
    ("CHF 1,200.50", "MONEY(CHF)", "1200.5"),
    ("$15K", "MONEY(CAD)", "15000"),
    ("€1.2m", "MONEY(EUR)", "1200000"),
    ("€3bn", "MONEY(EUR)", "3000000000"),
    ("1200", "MONEY(EUR)", "1200"),
    ("3.2 %", "RATIO", "0.032"),
    ("0", "RATIO", "0"),
    ("0", "DURATION", "0"),
    ("7 days", "DURATION", "604800"),
    ("90s", "DURATION", "90"),
    ("2 years", "MONTHS", "24"),
    ("18", "MONTHS", "18"),
    ("-100", "POINTS", "-100"),
    ("100", "POINTS", "100"),
    ("2 GiB", "BYTES", "2147483648"),
    ("500 ms", "DURATION", "0.5"),
    ("  425K\u00a0 ", "COUNT", "425000"),
    ("123456789012345678901234", "COUNT", "123456789012345678901234"),
]


@pytest.mark.parametrize(("source", "text", "unit", "value"), PRINTED)
def test_a_printed_figure_is_read_exactly(source: str, text: str, unit: str, value: str) -> None:
    assert parse_figure(text, parse_unit(unit)) == Figure(text, Decimal(value)), source


@pytest.mark.parametrize(("text", "unit", "value"), SPELLINGS)
def test_other_spellings_of_a_figure_are_read_too(text: str, unit: str, value: str) -> None:
    assert parse_figure(text, parse_unit(unit)) == Figure(text, Decimal(value))


def test_a_parsed_value_is_written_without_exponent_or_trailing_zeros() -> None:
    assert str(parse_figure("€1.20M", parse_unit("MONEY(EUR)")).value) == "1200000"
    assert str(parse_figure("100GB", parse_unit("BYTES")).value) == "100000000000"


@pytest.mark.parametrize(
    ("source", "text", "unit", "value"),
    [
        ("001:60", "75+", "POINTS", "75"),
        ("003:467", "500+", "COUNT(customer)", "500"),
        ("004:405", "10,000+ concurrent users", "COUNT(user)", "10000"),
        ("004:433", "100GB+", "BYTES/day", "100000000000"),
    ],
)
def test_a_figure_open_upwards_keeps_its_number_and_says_so(source: str, text: str, unit: str, value: str) -> None:
    assert parse_figure(text, parse_unit(unit)) == Figure(text, Decimal(value), at_least=True), source


@pytest.mark.parametrize(
    ("source", "text", "unit", "low", "high"),
    [
        ("004:45", "15-20%", "RATIO", "0.15", "0.20"),
        ("004:98", "18-24 months", "MONTHS", "18", "24"),
        ("no line", "$5K–$10K", "MONEY(USD)", "5000", "10000"),
        ("no line", "10 to 15 days", "DURATION", "864000", "1296000"),
    ],
)
def test_a_range_has_two_ends_and_no_value(source: str, text: str, unit: str, low: str, high: str) -> None:
    assert parse_figure(text, parse_unit(unit)) == Figure(text, low=Decimal(low), high=Decimal(high)), source


@pytest.mark.parametrize(
    ("source", "text", "unit"),
    [
        ("004:682", "$XXX,XXX", "MONEY(USD)/month"),
        ("004:682", "$XXX,XXX (+XX%)", "MONEY(USD)/month"),
        ("004:683", "$X,XXX,XXX", "MONEY(USD)"),
        ("004:688", "XX,XXX", "COUNT(user)"),
        ("004:689", "XX%", "RATIO"),
        ("004:690", "XX", "POINTS"),
        ("004:693", "99.XX%", "RATIO"),
        ("004:694", "XXXms", "DURATION"),
        ("004:695", "0.XX%", "RATIO"),
        ("004:727", "XXX Mbps", "BYTES/second"),
        ("004:855", "[Current Date]", "COUNT"),
        ("003:384", "-", "RATIO"),
    ],
)
def test_a_placeholder_is_no_data_and_not_zero(source: str, text: str, unit: str) -> None:
    assert parse_figure(text, parse_unit(unit)) == Figure(text, absence=Absence.NO_DATA), source


def test_not_applicable_is_an_absence_of_its_own() -> None:
    assert parse_figure("N/A", parse_unit("RATIO")).absence is Absence.NOT_APPLICABLE


@pytest.mark.parametrize("text", ["At Risk", "Healthy", "Top 5 mid-market BI solution", "XX", "NaN"])
def test_a_text_unit_keeps_any_words(text: str) -> None:
    assert parse_figure(text, parse_unit("TEXT")) == Figure(text)


def test_the_kpis_own_names_may_follow_its_number() -> None:
    unit = parse_unit("RATIO")
    assert parse_figure("65% Stickiness", unit, names=["stickiness"]).value == Decimal("0.65")
    with pytest.raises(FigureError):
        parse_figure("65% Stickiness", unit)


REFUSED = [
    ("", "COUNT", "empty"),
    ("   ", "TEXT", "empty"),
    ("many", "COUNT", "a number is expected"),
    ("NaN", "COUNT", "a number is expected"),
    ("Infinity", "RATIO", "a number is expected"),
    ("-inf", "COUNT", "a number is expected"),
    ("1e5", "COUNT", '"e5" is not part'),
    ("1,5", "COUNT", '",5" is not part'),
    ("1.2.3", "COUNT", '".3" is not part'),
    ("12,34", "COUNT", '",34" is not part'),
    ("٣", "COUNT", "a number is expected"),
    (".5", "COUNT", "a number is expected"),
    ("--5", "COUNT", "a number is expected"),
    ("+-5", "COUNT", "a number is expected"),
    ("50%", "COUNT", '"%" is not part'),
    ("50%", "MONEY(EUR)", '"%" is not part'),
    ("50%", "SCORE(0,100)", '"%" is not part'),
    ("50%", "MULTIPLE", '"%" is not part'),
    ("$5M", "MONEY(EUR)", "another currency"),
    ("€5M", "MONEY(USD)", "another currency"),
    ("5M USD", "MONEY(EUR)", "another currency"),
    ("€5M", "MONEY", "currency is not fixed"),
    ("€5", "COUNT", "is a currency"),
    ("USD 5", "COUNT", "is a currency"),
    ("€5%", "RATIO", "is a currency"),
    ("NPS 52", "POINTS", "a number is expected"),
    ("5 days", "MONEY(EUR)", '"days" is not part'),
    ("5 days", "COUNT(customer)", '"days" is not part'),
    ("45 days", "MONTHS", '"days" is not part'),
    ("8 months", "DURATION", "must be followed by ms"),
    ("45 dayz", "DURATION", "must be followed by ms"),
    ("24", "DURATION", "must be followed by ms"),
    ("5M", "DURATION", "must be followed by ms"),
    ("80", "RATIO", "must be followed by %"),
    ("0.8", "RATIO", "must be followed by %"),
    ("100 gb", "BYTES", "must be followed by B"),
    ("5m", "COUNT", '"m" is not part'),
    ("3:2", "MULTIPLE", '":2" is not part'),
    ("4.7/10", "SCORE(0,5)", "the scale ends at 10"),
    ("5.1/5", "SCORE(0,5)", "outside 0 to 5"),
    ("-0.1", "SCORE(0,5)", "outside 0 to 5"),
    ("4.7/5", "SCORE", "scale is not fixed"),
    ("101", "POINTS", "outside -100 to 100"),
    ("-101", "POINTS", "outside -100 to 100"),
    ("€45K/month", "MONEY(EUR)", '"/month" is not part'),
    ("€45K/year", "MONEY(EUR)/month", '"/year" is not part'),
    ("28/50", "COUNT(ticket)/100 customers", '"/50" is not part'),
    ("2 deployments per month", "COUNT(deployment)/week", "is not part"),
    ("3 awards", "COUNT(customer)", '"awards" is not part'),
    ("18% YoY", "RATIO/month", '"YoY" is not part'),
    ("$5 per banana", "MONEY(USD)", '"per banana" is not part'),
    ("20-15%", "RATIO", "lower to a higher"),
    ("15-15%", "RATIO", "lower to a higher"),
    ("15+-20%", "RATIO", "open upwards"),
    ("5 <script>", "COUNT", "is not part"),
    ("1234567890123456789012345", "COUNT", "more than 24 digits"),
    ("9" * 5000, "COUNT", "longer than 200 characters"),
]


@pytest.mark.parametrize(("text", "unit", "reason"), REFUSED)
def test_what_is_no_figure_of_the_unit_is_refused_with_its_reason(text: str, unit: str, reason: str) -> None:
    with pytest.raises(FigureError) as refused:
        parse_figure(text, parse_unit(unit))
    assert reason in str(refused.value)


def test_a_refusal_says_what_was_read_and_which_unit_was_expected() -> None:
    with pytest.raises(FigureError) as refused:
        parse_figure("$5M", parse_unit("MONEY(EUR)"))
    assert str(refused.value) == '"$5M" cannot be read in unit MONEY(EUR): $ is another currency than EUR'


def test_a_refusal_never_repeats_an_endless_text() -> None:
    with pytest.raises(FigureError) as refused:
        parse_figure("9" * 100_000, parse_unit("COUNT"))
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("0.032", "RATIO", "3.2 %"),
        ("0.9995", "RATIO", "99.95 %"),
        ("2.8", "RATIO", "280 %"),
        ("0.0005", "RATIO", "0.05 %"),
        ("0.18", "RATIO/month", "18 %/month"),
        ("7.7", "MULTIPLE", "7.7:1"),
        ("67", "POINTS", "67"),
        ("4.7", "SCORE(0,5)", "4.7/5"),
        ("4.7", "SCORE", "4.7"),
        ("425000", "COUNT(user)", "425,000"),
        ("1.8", "COUNT(deployment)/week", "1.8/week"),
        ("28", "COUNT(ticket)/100 customers", "28/100 customers"),
        ("1200000", "MONEY(EUR)", "€1,200,000"),
        ("45000", "MONEY(EUR)/month", "€45,000/month"),
        ("0.1", "MONEY(USD)", "$0.10"),
        ("0.0012", "MONEY(USD)", "$0.0012"),
        ("1234.5", "MONEY(CHF)", "CHF 1,234.50"),
        ("-180000", "MONEY(EUR)", "-€180,000"),
        ("5", "MONEY", "5"),
        ("0.18", "DURATION", "180 ms"),
        ("4.2", "DURATION", "4.2 s"),
        ("570", "DURATION", "9.5 min"),
        ("6000", "DURATION", "100 min"),
        ("11520", "DURATION", "3.2 h"),
        ("86400", "DURATION", "24 h"),
        ("172800", "DURATION", "2 days"),
        ("3888000", "DURATION", "45 days"),
        ("0", "DURATION", "0 s"),
        ("1", "MONTHS", "1 month"),
        ("8", "MONTHS", "8 months"),
        ("100000000000", "BYTES/day", "100 GB/day"),
        ("12", "BYTES", "12 B"),
        ("0", "RATIO", "0 %"),
        ("0.3333333333333333333333333333333333", "RATIO", "33.33 %"),
        ("1000000000000000000000000000000000000000", "COUNT", f"1{',000' * 13}"),
    ],
)
def test_a_value_is_shown_as_an_english_reader_expects_it(value: str, unit: str, shown: str) -> None:
    assert format_value(Decimal(value), parse_unit(unit)) == shown


HUNDREDTHS = st.decimals(-10_000, 10_000, places=2)


@given(
    HUNDREDTHS, st.sampled_from(["COUNT", "MULTIPLE", "MONEY(EUR)", "MONEY(CHF)/month", "COUNT(ticket)/100 customers"])
)
def test_a_formatted_number_reads_back_as_the_same_value(value: Decimal, unit: str) -> None:
    assert parse_figure(format_value(value, parse_unit(unit)), parse_unit(unit)).value == value


@given(st.decimals(-10, 10, places=4), st.sampled_from(["RATIO", "RATIO/month"]))
def test_a_formatted_ratio_reads_back_as_the_same_fraction(value: Decimal, unit: str) -> None:
    assert parse_figure(format_value(value, parse_unit(unit)), parse_unit(unit)).value == value


@given(st.integers(0, 10**7))
def test_a_formatted_duration_of_whole_seconds_reads_back_to_a_hundredth_of_its_step(seconds: int) -> None:
    shown = parse_figure(format_value(Decimal(seconds), parse_unit("DURATION")), parse_unit("DURATION")).value
    assert shown is not None
    assert abs(shown - seconds) <= Decimal(86400) / 200


@given(st.integers(0, 5000).map(Decimal))
def test_a_formatted_score_reads_back_as_the_same_value(thousandths: Decimal) -> None:
    value = (thousandths / 1000).quantize(Decimal("0.01"))
    assert parse_figure(format_value(value, parse_unit("SCORE(0,5)")), parse_unit("SCORE(0,5)")).value == value


@given(
    st.text(max_size=40),
    st.sampled_from(["COUNT", "RATIO", "MONEY(EUR)", "DURATION", "SCORE(0,5)", "BYTES/day", "MULTIPLE"]),
)
def test_any_text_is_either_read_or_refused_as_a_figure(text: str, unit: str) -> None:
    try:
        figure = parse_figure(text, parse_unit(unit))
    except FigureError:
        return
    numbers = [number for number in (figure.value, figure.low, figure.high) if number is not None]
    assert all(number.is_finite() for number in numbers)
    assert bool(numbers) != (figure.absence is not None)
