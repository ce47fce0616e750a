"""The days of a cell, which shorter periods fill them, and of how many of those something is known."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from kpi_server.domain.calendar import ISO, Calendar
from kpi_server.domain.period import Grain, Period, nests, ordinal_of


class Completeness(NamedTuple):
    """Of how many of the shorter periods something is known.

    >>> str(Completeness(24, 31, Grain.DAY)), Completeness(3, 3, Grain.MONTH).complete
    ('24 of 31 days', True)
    """

    known: int
    of: int
    grain: Grain

    def __str__(self) -> str:
        return f"{self.known} of {self.of} {self.grain.lower()}{'' if self.of == 1 else 's'}"

    @property
    def complete(self) -> bool:
        return self.known == self.of


@dataclass(frozen=True)
class Frame:
    """The days of a cell, the longest grain of what counts in it, and the calendar of its periods.

    >>> half = Frame(date(2026, 1, 1), date(2026, 7, 1), Grain.MONTH)
    >>> half.count(Grain.MONTH), [grain.value for grain in half.grains]
    (6, ['MONTH', 'DAY'])
    """

    start: date
    end: date
    grain: Grain
    calendar: Calendar = ISO

    @cached_property
    def grains(self) -> tuple[Grain, ...]:
        """The grains whose periods fill those of the frame's, the longest first."""
        return tuple(grain for grain in Grain if nests(grain, self.grain, self.calendar))

    @cached_property
    def spelled(self) -> str:
        """The same in one text."""
        return ",".join(self.grains)

    @cached_property
    def _hash(self) -> int:
        return hash((self.start, self.end))

    def __hash__(self) -> int:
        """Cheaper than of everything that makes it: frames of the same days are seldom of different grains."""
        return self._hash

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    def holds(self, period: Period) -> bool:
        """Whether a period counts: it lies inside, and its grain is one that does."""
        return period.grain in self.grains and self.start <= period.start and period.end <= self.end

    @cached_property
    def _completenesses(self) -> dict[tuple[int, Grain], Completeness]:
        return {}

    def completeness(self, known: int, grain: Grain) -> Completeness:
        """So many of its periods of a grain are known: made once, since many measures share a frame."""
        found = self._completenesses.get((known, grain))
        if found is None:
            found = self._completenesses[known, grain] = Completeness(known, self.count(grain), grain)
        return found

    def count(self, grain: Grain) -> int:
        """How many periods of a grain it has."""
        if grain is Grain.DAY:
            return (self.end - self.start).days
        calendar = self.calendar
        return ordinal_of(self.last_day, grain, calendar) - ordinal_of(self.start, grain, calendar) + 1


def frame_of(period: Period) -> Frame:
    """The frame that a period is."""
    return frame_from(period.start, period.end, period.grain, period.calendar)


@lru_cache(maxsize=1024)  # a kilobyte each; a batch of recompute has a year of days
def frame_from(start: date, end: date, grain: Grain, calendar: Calendar) -> Frame:
    """The same one for the same days: what a frame has found out of itself is found out once."""
    return Frame(start, end, grain, calendar)
