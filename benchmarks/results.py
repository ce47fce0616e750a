"""What a run found: samples, what they say together, and the ratios that matter."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import Final, Literal

OURS: Final = "kpi-server"
"""With a cold cache: it keeps no answers."""
UNCHANGED: Final = "kpi-server, unchanged data"
"""It keeps answers, and reads for each request whether anything was written since."""
ROWS_NORMALISED: Final = "hand-written rows"
JSON_NORMALISED: Final = "hand-written JSON"
ROWS_CURRENT: Final = "hand-written rows, kpi_current"
JSON_CURRENT: Final = "hand-written JSON, kpi_current"
RECORDING: Final = "hand-written msgspec and unnest"
PLAIN: Final = "plain Strawberry"
MERCURIUS_LOADERS: Final = "mercurius loaders"
MERCURIUS_FLAT: Final = "mercurius flat"
MERCURIUS_CURRENT: Final = "mercurius flat, kpi_current"
POSTGRAPHILE_FUNCTIONS: Final = "PostGraphile functions"
POSTGRAPHILE_VIEW: Final = "PostGraphile view"
POSTGRAPHILE_CURRENT: Final = "PostGraphile view, kpi_current"

COMPARED_AT: Final = 16


@dataclass(frozen=True)
class Sample:
    """One measurement of one server: answers within the time, and with those that were still under way then.

    CPU seconds are for all that finished, None where the system does not tell.
    """

    server: str
    operation: str
    connections: int
    repetition: int
    answers: int
    finished: int
    wrong: int
    seconds: float
    p50_ms: float
    p99_ms: float
    server_cpu_s: float | None
    database_cpu_s: float | None


@dataclass(frozen=True)
class Summary:
    """The repetitions of one measurement: medians, and the lowest and highest rate as shares of the median rate."""

    server: str
    operation: str
    connections: int
    rate: float
    lowest: float
    highest: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float | None
    database_cpu_us: float | None
    wrong: int
    rates: tuple[float, ...]
    """Of each repetition."""

    @property
    def cpu_us(self) -> float | None:
        """Microseconds of CPU an answer, of server and Postgres together."""
        both = self.server_cpu_us, self.database_cpu_us
        return None if both[0] is None or both[1] is None else both[0] + both[1]


@dataclass(frozen=True)
class Bar:
    """What a ratio must reach; with several servers to compare with, the fastest counts."""

    operation: str
    against: tuple[str, ...]
    words: str
    least: float | None
    ours: str = OURS


@dataclass(frozen=True)
class Ratio:
    """Our rate divided by another's in the same round, the median of all rounds; None where one was not measured."""

    operation: str
    words: str
    value: float | None
    least: float | None
    ours: str = OURS
    by_cpu: float | None = None
    """CPU of the other's server and Postgres for an answer, divided by ours: what a busy machine changes less."""

    @property
    def is_reached(self) -> bool | None:
        return None if self.value is None or self.least is None else self.value >= self.least


BOARD: Final = "board"
"""The operation that is looked at most closely."""

BARS: Final = (
    Bar("board", (JSON_NORMALISED,), "d: one statement that builds JSON, normalised tables", 1.3),
    Bar("board", (ROWS_NORMALISED,), "rows shaped in Python, normalised tables", None),
    Bar("board", (ROWS_CURRENT, JSON_CURRENT), "d*: the better hand-written route over kpi_current", 0.8),
    Bar("board", (MERCURIUS_CURRENT,), "mercurius JIT, flat statement over kpi_current", 1.0),
    Bar("board", (MERCURIUS_FLAT,), "mercurius JIT, flat statement, normalised tables", None),
    Bar("board", (MERCURIUS_LOADERS,), "mercurius JIT, loaders", None),
    Bar("board", (POSTGRAPHILE_CURRENT,), "PostGraphile, flat view over kpi_current", 2.0),
    Bar("board", (POSTGRAPHILE_VIEW,), "PostGraphile, flat view, normalised tables", None),
    Bar("board", (POSTGRAPHILE_FUNCTIONS,), "PostGraphile, functions", 8.0),
    Bar("board", (PLAIN,), "plain Strawberry, SQLModel, DataLoaders", 40.0),
    Bar("board", (JSON_NORMALISED,), "d: one statement that builds JSON, normalised tables", 3.0, UNCHANGED),
    Bar("board", (ROWS_CURRENT, JSON_CURRENT), "d*: the better hand-written route over kpi_current", None, UNCHANGED),
    Bar("series", (ROWS_NORMALISED, JSON_NORMALISED), "d: the better hand-written route", 0.9),
    Bar("series", (MERCURIUS_FLAT,), "mercurius JIT, flat statement", 1.3),
    Bar("series", (POSTGRAPHILE_FUNCTIONS,), "PostGraphile, a function", None),
    Bar("series", (PLAIN,), "plain Strawberry, SQLModel", None),
    Bar("series", (ROWS_NORMALISED, JSON_NORMALISED), "d: the better hand-written route", None, UNCHANGED),
    Bar("tiny", (JSON_NORMALISED,), "d: one statement that builds JSON, normalised tables", 0.75),
    Bar("tiny", (ROWS_CURRENT, JSON_CURRENT), "d*: the better hand-written route over kpi_current", None),
    Bar("tiny", (MERCURIUS_CURRENT,), "mercurius JIT, flat statement over kpi_current", 1.1),
    Bar("tiny", (PLAIN,), "plain Strawberry, SQLModel, DataLoaders", None),
    Bar("tiny", (JSON_NORMALISED,), "d: one statement that builds JSON, normalised tables", None, UNCHANGED),
    Bar("mutation", (RECORDING,), "a hand-written route that decodes by msgspec and writes by unnest", 0.6),
    Bar("mutation", (MERCURIUS_CURRENT,), "mercurius JIT, the same statement", None),
    Bar("mutation", (POSTGRAPHILE_FUNCTIONS,), "PostGraphile, the same statement", None),
    Bar("mutation", (PLAIN,), "plain Strawberry, SQLModel", None),
)


def judged(operation: str) -> frozenset[str]:
    """Ourselves, and everybody whose rate with an operation ours must come up to."""
    bars = [bar for bar in BARS if bar.operation == operation and bar.ours == OURS and bar.least is not None]
    return frozenset({OURS, *(server for bar in bars for server in bar.against)})


@dataclass(frozen=True)
class Figure:
    """What a part that has no other servers measured: of which bound, how much, and in words of what."""

    name: str
    value: float
    words: str


@dataclass(frozen=True)
class Bound:
    """What a figure must be at least, or at most, and how it is shown."""

    words: str
    form: str
    least: float | None = None
    most: float | None = None

    def holds(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def must_be(self) -> str:
        at_least = self.most is None
        return f"{'≥' if at_least else '≤'} {self.form.format(self.least if at_least else self.most)}"


BOUNDS: Final = MappingProxyType(
    {
        "import": Bound("import: speed as a share of COPY into the same indexed table", "{:.0%}", least=0.4),
        "import_memory": Bound("import: memory for ten times the rows", "{:.2f} ×", most=1.1),
        "recompute": Bound("recompute: values a second, of one process", "{:,.0f}", least=20_000),
        "late": Bound("recompute: values calculated after a late one, for each that stands on it", "{:.2f}", most=1.0),
        "months": Bound("months: time of ten series by month, to that of SQL by hand", "{:.2f} ×", most=2.0),
    }
)


@dataclass(frozen=True)
class LiveSample:
    """What subscribers of one server got: events over all of them, of those that were expected."""

    server: str
    scenario: str
    subscribers: int
    events: int
    expected: int
    seconds: float
    p50_ms: float
    p99_ms: float
    server_cpu_s: float | None
    memory_mib: float | None

    @property
    def share(self) -> float:
        """Of what was expected how much came."""
        return self.events / self.expected if self.expected else 1.0

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds if self.seconds else 0.0

    @property
    def cpu_us(self) -> float | None:
        """Microseconds of the server's CPU for an event that came."""
        return self.server_cpu_s / self.events * 1_000_000 if self.server_cpu_s is not None and self.events else None

    @property
    def memory_mb(self) -> float | None:
        """The server's memory."""
        return None if self.memory_mib is None else self.memory_mib * 1.048576


FAN_OUT: Final = "fan-out"
LIGHT: Final = "light load"
RESUMING: Final = "resuming"
IDLE: Final = "idle"


@dataclass(frozen=True)
class LiveBar:
    """What a value of one of our samples must be."""

    scenario: str
    value: Literal["share", "p50_ms", "p99_ms", "cpu_us", "rate", "memory_mb"]
    bound: Bound


LIVE_BARS: Final = (
    LiveBar(FAN_OUT, "share", Bound("events that came", "{:.1%}", least=1.0)),
    LiveBar(FAN_OUT, "p99_ms", Bound("from recording to delivery, p99", "{:.1f} ms", most=100.0)),
    LiveBar(FAN_OUT, "cpu_us", Bound("CPU of the server for a delivery", "{:.1f} µs", most=40.0)),
    LiveBar(LIGHT, "p50_ms", Bound("from recording to delivery, p50", "{:.1f} ms", most=10.0)),
    LiveBar(RESUMING, "rate", Bound("missed events, a second", "{:,.0f}", least=20_000.0)),
    LiveBar(IDLE, "memory_mb", Bound("memory with all of them connected", "{:,.0f} MB", most=500.0)),
)


def summarise(samples: Iterable[Sample]) -> list[Summary]:
    """One summary for each server, operation and number of connections, in the order of their first samples."""
    grouped: defaultdict[tuple[str, str, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        grouped[sample.server, sample.operation, sample.connections].append(sample)
    return [_summary(group) for group in grouped.values()]


def _summary(samples: Sequence[Sample]) -> Summary:
    rates = [sample.answers / sample.seconds for sample in samples]
    rate = median(rates)
    first = samples[0]
    return Summary(
        server=first.server,
        operation=first.operation,
        connections=first.connections,
        rate=rate,
        lowest=min(rates) / rate if rate else 0.0,
        highest=max(rates) / rate if rate else 0.0,
        p50_ms=median(sample.p50_ms for sample in samples),
        p99_ms=median(sample.p99_ms for sample in samples),
        server_cpu_us=_cpu_us((sample.server_cpu_s, sample.finished) for sample in samples),
        database_cpu_us=_cpu_us((sample.database_cpu_s, sample.finished) for sample in samples),
        wrong=sum(sample.wrong for sample in samples),
        rates=tuple(rates),
    )


def _cpu_us(spent: Iterable[tuple[float | None, int]]) -> float | None:
    """The median of microseconds of CPU an answer."""
    each = [seconds / answers * 1_000_000 for seconds, answers in spent if seconds is not None and answers]
    return median(each) if each else None


def ratios(summaries: Iterable[Summary], *, connections: int = COMPARED_AT) -> list[Ratio]:
    """Our rate against the others', at so many connections; operations that were not measured are left out."""
    found = {(one.operation, one.server): one for one in summaries if one.connections == connections}
    return [_ratio(bar, found) for bar in BARS if (bar.operation, bar.ours) in found]


def _ratio(bar: Bar, found: Mapping[tuple[str, str], Summary]) -> Ratio:
    others = [found[bar.operation, server] for server in bar.against if (bar.operation, server) in found]
    best = max(others, key=lambda one: one.rate, default=None)
    if best is None or not best.rate:
        return Ratio(bar.operation, bar.words, None, bar.least, bar.ours)
    own = found[bar.operation, bar.ours]
    by_cpu = best.cpu_us / own.cpu_us if best.cpu_us and own.cpu_us else None
    # The machine's speed changes by the minute, and a round takes less than two.
    value = median(mine / theirs for mine, theirs in zip(own.rates, best.rates, strict=True) if theirs)
    return Ratio(bar.operation, bar.words, value, bar.least, bar.ours, by_cpu)
