"""Aggregates: how events become measures, where a formula cannot say it. Nothing in here asks a database."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

from kpi_server.domain.calendar import Calendar
from kpi_server.domain.period import Grain, Period, between, ordinal, period_of, shift
from kpi_server.domain.sketch.sparse import Sparse
from kpi_server.domain.unit import Unit


class Sketched(NamedTuple):
    """A sketch of the events of a period in a segment."""

    period: Period
    segment: str
    sketch: Sparse


class Total(NamedTuple):
    """How many events a period has in a segment, and their amounts added up."""

    period: Period
    segment: str
    number: Decimal
    amount: Decimal


class Movement(NamedTuple):
    """How what subjects stand at moved during a period, in a segment or ("") as a whole.

    A subject stands at the amount of its last event; at 0 it has left. `opening + entered + grown - shrunk - left` is
    `closing`; the last three are positive. One that changes its segment leaves the one and enters the other, while
    as a whole it grows or shrinks.
    """

    period: Period
    segment: str
    opening: Decimal
    entered: Decimal
    grown: Decimal
    shrunk: Decimal
    left: Decimal
    closing: Decimal


class Events(Protocol):
    """The events that an aggregate reads, of the periods it is asked for; each question is one statement.

    Segments are made of the attributes that the aggregate names and the organization tells apart; what has no declared
    value is in "other", and a period without events in none. Money is in the organization's currency, converted by the
    rate of the day of the event.
    """

    @property
    def periods(self) -> Sequence[Period]:
        """What is asked for, the earliest first."""

    def distinct(self) -> Awaitable[Sequence[Sketched]]:
        """DISTINCT sketches of the subjects."""

    def histogram(self) -> Awaitable[Sequence[Sketched]]:
        """HISTOGRAM sketches of the amounts."""

    def totals(self) -> Awaitable[Sequence[Total]]:
        """Counts and sums."""

    def movements(self) -> Awaitable[Sequence[Movement]]:
        """How what subjects stand at moved, as a whole and by segment."""


class Cell(NamedTuple):
    """A value of one of an aggregate's measures, by the measure's key in the family."""

    measure: str
    period: Period
    segment: str
    value: Decimal | Sparse


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """How a family makes measures of events: see `kpi_server.plugin.aggregate`.

    Attributes:
        key: The function's name, unique among the family's aggregates.
        kind: The kind of event it reads.
        outputs: The keys of the family's measures it makes.
        function: Answers the cells of all periods asked for; what it does not answer is not so.
        grain: The length of its periods.
        description: One sentence.
        amount: What the events' amounts are in; None for events without.
        by: The attributes that make segments.
        lasting: Whether an event counts until the next of its subject, not just in its own period.
        version: Goes up when the function changes: then everything is aggregated anew.
    """

    key: str
    kind: str
    outputs: Sequence[str]
    function: Callable[[Events], Awaitable[Sequence[Cell]]]
    grain: Grain
    description: str
    amount: Unit | None = None
    by: Sequence[str] = ()
    lasting: bool = False
    version: int = 1


class Touched(NamedTuple):
    """The day of a new event, and that of its subject's next one, if there is one."""

    first: date
    last: date | None = None


def touched_periods(
    aggregate: Aggregate, days: Iterable[Touched], *, made_to: date | None, today: date, calendar: Calendar
) -> list[Period]:
    """The periods of an aggregate that new events touch, the earliest first.

    What lasts touches every period from the event to its subject's next one, or to today's, and today's period is made
    when it begins, events or none; `made_to` is the first day of the last period that was made.
    """
    current = period_of(today, aggregate.grain, calendar)
    ranges = [_range(aggregate, one, current, calendar) for one in days]
    if aggregate.lasting and made_to is not None:
        ranges.append((ordinal(period_of(made_to, aggregate.grain, calendar)) + 1, ordinal(current)))
    found: list[Period] = []
    reached = None
    for first, last in sorted(ranges):
        start = first if reached is None else max(first, reached + 1)
        if start <= last:
            here = ordinal(current)
            found += between(shift(current, start - here), shift(current, last - here))
            reached = last
    return found


def _range(aggregate: Aggregate, days: Touched, current: Period, calendar: Calendar) -> tuple[int, int]:
    """The ordinals of the first and the last period that an event touches."""
    first = ordinal(period_of(days.first, aggregate.grain, calendar))
    if not aggregate.lasting:
        return first, first
    last = current if days.last is None else period_of(days.last, aggregate.grain, calendar)
    return first, max(first, ordinal(last))


def faults_of(
    cells: Sequence[Cell], aggregate: Aggregate, sketched: Collection[str], periods: Collection[Period]
) -> list[str]:
    """What is wrong with the cells that an aggregate answered; `sketched` are the measures that are sketches."""
    found = []
    seen: set[tuple[str, str, str]] = set()
    for cell in cells:
        where = f"{cell.measure} of {cell.period}{f' in {cell.segment}' if cell.segment else ''}"
        if cell.measure not in aggregate.outputs:
            found.append(f"{where} is none of its measures")
        if cell.period not in periods:
            found.append(f"{where} was not asked for")
        if isinstance(cell.value, Sparse) is not (cell.measure in sketched):
            found.append(f"{where} is {'no sketch' if cell.measure in sketched else 'a sketch'}")
        if (cell.measure, cell.segment, cell.period.text) in seen:
            found.append(f"{where} is answered twice")
        seen.add((cell.measure, cell.segment, cell.period.text))
    return found
