"""Which of the events that a system sends can be taken."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_server.domain.event import Event, EventKind, SentEvent, check_events
from kpi_server.domain.recording import Fault
from kpi_server.domain.unit import parse_unit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = {
    "session": EventKind("session"),
    "request": EventKind("request", parse_unit("DURATION")),
    "subscription": EventKind("subscription", parse_unit("MONEY/month")),
}
SESSION = SentEvent("session", "ada", NOW, "s-1")
REQUEST = SentEvent("request", "/report", NOW, "r-1", Decimal("0.25"))
SUBSCRIPTION = SentEvent("subscription", "acme", NOW, "b-1", Decimal(90), "USD", (("plan", "Pro  Plan"),))


def check(*sent: SentEvent) -> tuple[list[Event], list[Fault]]:
    return check_events(sent, KINDS, "EUR", NOW)


def test_events_are_taken_with_their_attributes_in_one_spelling() -> None:
    good, faults = check(SESSION, REQUEST, SUBSCRIPTION)
    assert faults == []
    assert good[2] == Event(2, "subscription", "acme", NOW, "b-1", Decimal(90), "USD", {"plan": "pro plan"})
    assert [event.currency for event in good[:2]] == [None, None]


def test_the_organizations_own_currency_need_not_be_kept() -> None:
    (event,), _ = check(SUBSCRIPTION._replace(currency="EUR"))
    assert event.currency is None


@pytest.mark.parametrize(
    ("sent", "changes", "field", "reason"),
    [
        (SESSION, {"kind": "sesion"}, "kind", 'no family reads events of kind "sesion"; did you mean session?'),
        (SESSION, {"kind": "?"}, "kind", 'no family reads events of kind "?"; there is request, session, subscription'),
        (SESSION, {"subject": " "}, "subject", "it is empty"),
        (SESSION, {"subject": "a\x00"}, "subject", "no text can store"),
        (SESSION, {"external_id": "x" * 201}, "externalId", "longer than 200"),
        (SESSION, {"occurred_at": NOW + timedelta(minutes=6)}, "occurredAt", "has not come yet"),
        (SESSION, {"occurred_at": datetime(1969, 12, 31, tzinfo=UTC)}, "occurredAt", "1970 or later, not of 1969"),
        (SESSION, {"amount": Decimal(1)}, "amount", "events of kind session have no amount"),
        (SESSION, {"currency": "EUR"}, "currency", "events of kind session are not about money"),
        (REQUEST, {"amount": None}, "amount", "events of kind request have an amount, in DURATION"),
        (REQUEST, {"amount": Decimal("1e19")}, "amount", "between -10^18 and 10^18"),
        (REQUEST, {"amount": Decimal("NaN")}, "amount", "NaN is no amount"),
        (REQUEST, {"amount": Decimal("1e-21")}, "amount", "more than 20 decimals"),
        (REQUEST, {"currency": "EUR"}, "currency", "not about money"),
        (SUBSCRIPTION, {"currency": "XXX"}, "currency", '"XXX" is no currency'),
        (SESSION, {"attributes": (("Plan", "a"),)}, "attributes", '"Plan" is no attribute'),
        (SESSION, {"attributes": (("plan", ""),)}, "attributes", "plan: it is empty"),
        (SESSION, {"attributes": (("plan", "a=b"),)}, "attributes", 'holds "=" or ","'),
        (SESSION, {"attributes": (("plan", "a"), ("plan", "b"))}, "attributes", "each attribute once"),
        (
            SESSION,
            {"attributes": tuple((f"k{n}", "v") for n in range(21))},
            "attributes",
            "at most 20 attributes, not 21",
        ),
    ],
)
def test_what_is_wrong_with_an_event_is_said(sent: SentEvent, changes: Any, field: str, reason: str) -> None:
    good, (fault,) = check(sent._replace(**changes))
    assert (good, fault.index, fault.field, fault.code) == ([], 0, field, "BAD_USER_INPUT")
    assert reason in fault.message


def test_a_clock_that_is_a_little_ahead_is_forgiven() -> None:
    assert check(SESSION._replace(occurred_at=NOW + timedelta(minutes=5)))[1] == []


def test_everything_that_is_wrong_is_said_at_once_and_the_others_are_taken() -> None:
    good, faults = check(SESSION, REQUEST._replace(kind="x", subject=""), SESSION, REQUEST)
    assert [event.place for event in good] == [0, 3]
    assert [(fault.index, fault.field, fault.code) for fault in faults] == [
        (1, "subject", "BAD_USER_INPUT"),
        (1, "kind", "BAD_USER_INPUT"),
        (2, "externalId", "CONFLICT"),
    ]


def test_events_that_say_the_same_have_one_digest() -> None:
    (first,), _ = check(SUBSCRIPTION)
    (same,), _ = check(SUBSCRIPTION._replace(amount=Decimal("90.00"), occurred_at=NOW.astimezone(None)))
    (other,), _ = check(SUBSCRIPTION._replace(amount=Decimal(91)))
    assert first.digest == same.digest != other.digest
