"""Scalars read what they write, and refuse what only looks like it."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from kpi_server.api.scalars import SCALARS, Cursor, Period, SentDateTime, SentDecimal, SentPeriod
from kpi_server.domain.recording import Unread
from kpi_server.errors import BadInput


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Decimal, "0.0320", Decimal("0.0320")),
        (Decimal, "-1200000", Decimal(-1200000)),
        (date, "2026-02-28", date(2026, 2, 28)),
        (datetime, "2026-03-31T12:30:00+00:00", datetime(2026, 3, 31, 12, 30, tzinfo=UTC)),
        (datetime, "2026-03-31T12:30:00.250000-07:00",
         datetime(2026, 3, 31, 12, 30, 0, 250000, tzinfo=timezone(timedelta(hours=-7)))),
        (Period, "2026-Q1", "2026-Q1"),
        (Cursor, "abc", "abc"),
    ],
)  # fmt: skip
def test_a_scalar_is_read_and_written(kind, text, value):
    assert SCALARS[kind].parse_value(text) == value
    assert SCALARS[kind].serialize(value) == text


@pytest.mark.parametrize("kind", [SentDecimal, SentDateTime, SentPeriod])
def test_what_is_sent_is_text_whatever_it_says(kind):
    kept = SCALARS[kind].parse_value("nonsense")
    assert isinstance(kept, Unread) or kept == "nonsense"
    with pytest.raises(BadInput, match="sent as a string"):
        SCALARS[kind].parse_value(1)


def test_a_small_or_large_decimal_is_written_out():
    assert SCALARS[Decimal].serialize(Decimal("1E+6")) == "1000000"
    assert SCALARS[Decimal].serialize(Decimal("1E-7")) == "0.0000001"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Decimal, "NaN"),
        (Decimal, "Infinity"),
        (Decimal, "1e3"),
        (Decimal, "1,000"),
        (Decimal, ""),
        (Decimal, 1),
        (Decimal, 1.5),
        (Decimal, "9" * 61),
        (date, "2026-02-29"),
        (date, "20260228"),
        (date, "2026-W01-1"),
        (date, 20260228),
        (datetime, "2026-03-31T12:30:00"),  # no offset
        (datetime, "2026-03-31"),
        (datetime, "noon"),
        (datetime, "2026-02-30T00:00:00Z"),
        (datetime, "2026-W14-2T12:30:00Z"),  # ISO 8601, and not RFC 3339
        (datetime, "20260331T123000Z"),
        (datetime, "0001-01-01T00:00:00+14:00"),  # in UTC, which is how it would be stored, before the first year
        (datetime, "9999-12-31T23:59:59-14:00"),
        (datetime, None),
        (Period, "2026-Q5"),
        (Period, "Q1"),
        (Period, 2026),
        (Cursor, 7),
    ],
)
def test_what_only_looks_like_it_is_refused(kind, text):
    with pytest.raises(BadInput):
        SCALARS[kind].parse_value(text)


def test_a_scalar_names_what_specifies_it():
    """No published text has quarters as "2026-Q1" beside ISO weeks, so Period is specified by its description."""
    unspecified = {scalar.name for scalar in SCALARS.values() if not scalar.specified_by_url}
    assert unspecified == {"Period", "SentPeriod"}
