"""Events: single things that happened, from which measures are aggregated, and which of those sent can be taken."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final, NamedTuple

from kpi_server.domain.currency import is_currency
from kpi_server.domain.period import Grain, period_of
from kpi_server.domain.recording import Fault, Terms, Unread, told_closed, unfit
from kpi_server.domain.segment import parse_segment
from kpi_server.domain.sketch.histogram import LARGEST
from kpi_server.domain.spelling import closest, did_you_mean
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput, Conflict, Forbidden

MOST_EVENTS: Final = 10_000
MOST_ATTRIBUTES: Final = 20
AHEAD: Final = timedelta(minutes=5)
"""How far the sender's clock may be ahead of ours."""

_MOST_DECIMALS: Final = 20
_EARLIEST_YEAR: Final = 1970
_QUOTED: Final = 40
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")


@dataclass(frozen=True)
class EventKind:
    """A kind of event that families read, and what its amount is in; without a unit its events have none."""

    key: str
    amount: Unit | None = None


class SentEvent(NamedTuple):
    """An event as it was sent: whom or what it is about, when it happened, what it may be told apart by."""

    kind: str
    subject: str
    occurred_at: datetime | Unread
    external_id: str
    amount: Decimal | Unread | None = None
    currency: str | None = None
    attributes: Sequence[tuple[str, str]] = ()


class Event(NamedTuple):
    """An event that can be taken; a currency stands only where it is not the organization's."""

    place: int
    kind: str
    subject: str
    occurred_at: datetime
    external_id: str
    amount: Decimal | None
    currency: str | None
    attributes: Mapping[str, str]

    @property
    def digest(self) -> bytes:
        """Equal for events that say the same."""
        said = (
            self.kind,
            self.subject,
            self.occurred_at.timestamp(),
            None if self.amount is None else str(self.amount.normalize()),
            self.currency,
            sorted(self.attributes.items()),
        )
        return sha256(repr(said).encode()).digest()[:16]


def read_moment(text: str) -> datetime | Unread:
    """The moment that a text says.

    >>> read_moment("2026-03-01T10:00:00Z").isoformat(), read_moment("2026-03-01T10:00:00").words
    ('2026-03-01T10:00:00+00:00', '"2026-03-01T10:00:00" has no offset: end it with Z, or with +02:00')
    """
    try:
        moment = datetime.fromisoformat(text.upper())
        if moment.tzinfo is not None:
            moment.astimezone(UTC)  # where it is compared and stored
            return moment
    except (ValueError, OverflowError):
        return Unread(f'"{text[:_QUOTED]}" is no moment; they read like 2026-03-01T10:00:00Z')
    return Unread(f'"{text[:_QUOTED]}" has no offset: end it with Z, or with +02:00')


def check_events(
    sent: Sequence[SentEvent], kinds: Mapping[str, EventKind], currency: str, now: datetime
) -> tuple[list[Event], list[Fault]]:
    """The events that can be taken, and everything that is wrong with the others.

    `kinds` are those that families read, `currency` is the organization's.

    >>> from datetime import UTC
    >>> kinds, noon = {"session": EventKind("session")}, datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> good, faults = check_events([SentEvent("sesion", "ada", noon, "1")], kinds, "EUR", noon)
    >>> good, faults[0].message
    ([], 'no family reads events of kind "sesion"; did you mean session?')
    """
    faults: list[Fault] = []
    good: list[Event] = []
    named: dict[str, int] = {}
    for index, one in enumerate(sent):
        event, wrong = check_event(index, one, kinds, currency, now)
        if event is not None and (first := named.setdefault(one.external_id, index)) != index:
            words = f'"{one.external_id}" is already the id of event {first} of this call'
            event, wrong = None, [Fault(index, "externalId", Conflict.code, words)]
        faults += wrong
        good += [] if event is None else [event]
    return good, faults


def check_event(
    place: int, one: SentEvent, kinds: Mapping[str, EventKind], currency: str, now: datetime
) -> tuple[Event | None, list[Fault]]:
    """The event that can be taken, or everything that is wrong with it."""
    wrong = [Fault(place, field, BadInput.code, words) for field, words in _refusals(one, kinds, now)]
    if wrong or isinstance(one.occurred_at, Unread) or isinstance(one.amount, Unread):
        return None, wrong
    stated = None if one.currency == currency else one.currency
    attributes = dict(parse_segment(dict(one.attributes)).pairs)
    named = (one.kind, one.subject, one.occurred_at, one.external_id)
    return Event(place, *named, one.amount, stated, attributes), []


def closed_out(events: Sequence[Event], terms: Terms) -> tuple[list[Event], list[Fault]]:
    """The events whose day is in no closed period, and a fault for each of the others."""
    if terms.restates or not terms.closed:
        return list(events), []
    days = {
        event.place: period_of(terms.calendar.day(event.occurred_at), Grain.DAY, terms.calendar) for event in events
    }
    closed = {place: around for place, day in days.items() if (around := terms.closed_around(day)) is not None}
    told = [
        Fault(place, "occurredAt", Forbidden.code, told_closed(days[place], around)) for place, around in closed.items()
    ]
    return [event for event in events if event.place not in closed], told


def _refusals(one: SentEvent, kinds: Mapping[str, EventKind], now: datetime) -> Iterator[tuple[str, str]]:
    for field, text in (("subject", one.subject), ("externalId", one.external_id)):
        if fault := unfit(text, is_needed=True):
            yield field, fault
    if fault := _wrong_moment(one.occurred_at, now):
        yield "occurredAt", fault
    kind = kinds.get(one.kind)
    if kind is None:
        yield "kind", _unknown(one.kind, kinds)
    if isinstance(one.amount, Unread):
        yield "amount", one.amount.words
    elif kind is not None:
        yield from _wrong_amount(one.amount, kind)
    if kind is not None and one.currency is not None:
        yield from _wrong_currency(one.currency, kind)
    yield from _wrong_attributes(one.attributes)


def _unknown(kind: str, kinds: Collection[str]) -> str:
    meant = did_you_mean(closest(kind, kinds)) or f"; there is {', '.join(sorted(kinds)) or 'none'}"
    return f'no family reads events of kind "{kind[:80]}"{meant}'


def _wrong_moment(moment: datetime | Unread, now: datetime) -> str | None:
    if isinstance(moment, Unread):
        return moment.words
    if moment > now + AHEAD:
        return f"{moment.isoformat()} has not come yet"
    return None if moment.year >= _EARLIEST_YEAR else f"events are of {_EARLIEST_YEAR} or later, not of {moment.year}"


def _wrong_amount(amount: Decimal | None, kind: EventKind) -> Iterator[tuple[str, str]]:
    if kind.amount is None:
        if amount is not None:
            yield "amount", f"events of kind {kind.key} have no amount"
    elif amount is None:
        yield "amount", f"events of kind {kind.key} have an amount, in {kind.amount}"
    elif not amount.is_finite() or abs(amount) > LARGEST:
        yield "amount", f"{amount} is no amount: amounts lie between -10^18 and 10^18"
    elif -int(amount.as_tuple().exponent) > _MOST_DECIMALS:
        yield "amount", f"the amount has more than {_MOST_DECIMALS} decimals"


def _wrong_currency(currency: str, kind: EventKind) -> Iterator[tuple[str, str]]:
    if kind.amount is None or kind.amount.kind is not UnitKind.MONEY:
        yield "currency", f"events of kind {kind.key} are not about money"
    elif not is_currency(currency):
        yield "currency", f'"{currency}" is no currency: codes read like EUR'


def _wrong_attributes(attributes: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    if len(attributes) > MOST_ATTRIBUTES:
        yield "attributes", f"an event has at most {MOST_ATTRIBUTES} attributes, not {len(attributes)}"
        return
    names = [key for key, _ in attributes]
    if len(set(names)) < len(names):
        yield "attributes", f"an event has each attribute once, not {', '.join(names)}"
        return
    for key, value in attributes:
        if not _KEY.fullmatch(key):
            yield (
                "attributes",
                f'"{key[:80]}" is no attribute: it reads like plan or customer_size',
            )
        elif fault := unfit(value):
            yield "attributes", f"{key}: {fault}"
        else:
            yield from _wrong_value(key, value)


def _wrong_value(key: str, value: str) -> Iterator[tuple[str, str]]:
    try:
        parse_segment({key: value})
    except BadInput as error:
        yield "attributes", error.message
