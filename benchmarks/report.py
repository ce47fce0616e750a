"""A run as data, as tables and as a page of the documentation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Measured
from benchmarks.projection import MOST_US, Projection
from benchmarks.results import (
    BOARD,
    BOUNDS,
    COMPARED_AT,
    LIVE_BARS,
    OURS,
    UNCHANGED,
    Figure,
    LiveBar,
    LiveSample,
    Ratio,
    Summary,
    ratios,
    summarise,
)

QUIET: Final = 1.0
"""The load average below which a machine counts as quiet."""
WIDE: Final = 150
FLAT: Final = 0.9
"""What must be left of a rate when there is much more of everything."""
MOST_MB: Final = 120
STATES: Final = (
    f"{OURS} keeps no answers (cold); {UNCHANGED!r} keeps them, and reads from Postgres for each request whether "
    "anything was written since. Prepared statements and parsed documents are warm for everybody."
)
FOOTING: Final = (
    "Everybody reads the same rows and gives the same answer, which is checked before anything is timed. This server "
    "authenticates, counts costs and keeps organizations apart by row-level security; the others do none of it."
)
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Circumstances:
    """When and on what a run was taken."""

    taken_at: str
    cores: int
    load_average: float
    is_quick: bool
    generator: str
    versions: Mapping[str, str]

    @property
    def is_official(self) -> bool:
        """Whether its numbers may be published: a whole run on a machine that did nothing else."""
        return not self.is_quick and self.load_average < QUIET


@dataclass(frozen=True)
class Report:
    """Everything a run has to say."""

    circumstances: Circumstances
    measured: Measured

    @property
    def summaries(self) -> list[Summary]:
        return summarise(self.measured.samples)

    @property
    def ratios(self) -> list[Ratio]:
        return ratios(self.summaries)

    @property
    def summaries_of_many(self) -> list[Summary]:
        """Of servers that are as many processes as there are cores."""
        return summarise(self.measured.samples_of_many)

    @property
    def ratios_of_many(self) -> list[Ratio]:
        return [ratio for ratio in ratios(self.summaries_of_many) if ratio.value is not None]

    @property
    def growths(self) -> list["Growth"]:
        return growths(self.summaries, summarise(self.measured.grown))

    @property
    def bars(self) -> list["Reached"]:
        """The bars that are no ratio to somebody else."""
        return [
            *(_figure(one) for one in self.measured.figures),
            *(_projection(one) for one in self.measured.projections),
            *(_growth(one, self.measured.factor) for one in self.growths if one.server == OURS),
            *(_live(bar, one) for bar in LIVE_BARS for one in self.measured.live if _is_of(bar, one)),
            *(_memory(name, size) for name, size in self.measured.memory_mib.items() if name in (OURS, UNCHANGED)),
        ]

    def as_data(self) -> dict[str, Any]:
        """The run as JSON shows it."""
        return {
            "circumstances": {**asdict(self.circumstances), "is_official": self.circumstances.is_official},
            "summaries": [asdict(summary) for summary in self.summaries],
            "ratios": _ratio_data(self.ratios),
            "processes": self.measured.processes,
            "summaries_of_many": [asdict(summary) for summary in self.summaries_of_many],
            "ratios_of_many": _ratio_data(self.ratios_of_many),
            "growth": [asdict(growth) for growth in self.growths],
            "growth_factor": self.measured.factor,
            "figures": [asdict(one) for one in self.measured.figures],
            "projections": [asdict(one) for one in self.measured.projections],
            "bars": [asdict(bar) for bar in self.bars],
            "live": [{**asdict(one), "cpu_us": one.cpu_us} for one in self.measured.live],
            "memory_mib": {name: round(size, 1) for name, size in self.measured.memory_mib.items()},
            "skipped": self.measured.skipped,
            "broken": self.measured.broken,
            "notes": [FOOTING, STATES],
            "samples": [asdict(sample) for sample in self.measured.samples],
            "samples_of_many": [asdict(sample) for sample in self.measured.samples_of_many],
            "samples_grown": [asdict(sample) for sample in self.measured.grown],
        }


def _ratio_data(found: Iterable[Ratio]) -> list[dict[str, Any]]:
    return [{**asdict(ratio), "is_reached": ratio.is_reached} for ratio in found]


@dataclass(frozen=True)
class Reached:
    """A bar, what was measured, and whether that is enough."""

    words: str
    measured: str
    must_be: str
    is_reached: bool


def _figure(one: Figure) -> Reached:
    bound = BOUNDS[one.name]
    measured = f"{bound.form.format(one.value)} ({one.words})"
    return Reached(bound.words, measured, bound.must_be, bound.holds(one.value))


def _projection(one: Projection) -> Reached:
    words = f"{one.operation}: its {one.fields} fields shaped from rows by compiled code"
    return Reached(words, f"{one.us_a_field:.2f} µs a field", f"≤ {MOST_US:g}", one.us_a_field <= MOST_US)


def _is_of(bar: LiveBar, sample: LiveSample) -> bool:
    return sample.server == OURS and sample.scenario == bar.scenario and getattr(sample, bar.value) is not None


def _live(bar: LiveBar, sample: LiveSample) -> Reached:
    value, bound = getattr(sample, bar.value), bar.bound
    words = f"{bar.scenario}, {sample.subscribers:,} subscribers: {bound.words}"
    return Reached(words, bound.form.format(value), bound.must_be, bound.holds(value))


def _growth(one: "Growth", factor: int) -> Reached:
    words = f"{one.operation}: what is left with {factor} times the figures and recorded values"
    return Reached(words, f"{one.share:.0%}", f"≥ {FLAT:.0%}", one.share >= FLAT)


def _memory(name: str, mib: float) -> Reached:
    megabytes = mib * 1.048576
    return Reached(f"memory of {name}", f"{megabytes:.0f} MB", f"≤ {MOST_MB}", megabytes <= MOST_MB)


@dataclass(frozen=True)
class Growth:
    """A rate before and after growth; `share` is what is left of it."""

    server: str
    operation: str
    before: float
    after: float
    share: float


def growths(before: Iterable[Summary], after: Iterable[Summary]) -> list[Growth]:
    """What is left of each rate that was measured both before and after."""
    rates = {(one.server, one.operation): one.rate for one in before if one.connections == COMPARED_AT}
    found = []
    for summary in after:
        rate = rates.get((summary.server, summary.operation))
        if rate:
            found.append(Growth(summary.server, summary.operation, rate, summary.rate, summary.rate / rate))
    return found


RATES: Final = ("server", "connections", "answers/s", "spread", "p50 ms", "p99 ms", "CPU µs", "Postgres µs", "wrong")
RATIOS: Final = ("operation", "the rate of", "divided by that of", "ratio", "by CPU", "must be", "is")
BARS: Final = ("bar", "measured", "must be", "is")
GROWTHS: Final = ("server", "operation", "answers/s before", "after", "left")
MEMORY: Final = ("server", "MiB")
LIVE: Final = ("server", "what", "subscribers", "events", "came", "events/s", "p50 ms", "p99 ms", "CPU µs", "MB")


def rate_rows(summaries: Iterable[Summary], operation: str) -> Rows:
    """The rates of one operation as they are shown: fastest first at each number of connections."""
    chosen = sorted(
        (summary for summary in summaries if summary.operation == operation),
        key=lambda summary: (summary.connections, -summary.rate),
    )
    return [_rate_row(summary) for summary in chosen]


def _rate_row(one: Summary) -> tuple[str, ...]:
    spread = f"{one.lowest:.0%}–{one.highest:.0%}"
    latencies = (f"{one.p50_ms:.2f}", f"{one.p99_ms:.2f}")
    spent = (_whole(one.server_cpu_us), _whole(one.database_cpu_us))
    return (one.server, str(one.connections), f"{one.rate:,.0f}", spread, *latencies, *spent, str(one.wrong))


def _whole(number: float | None) -> str:
    return "–" if number is None else f"{number:,.0f}"


def ratio_rows(found: Iterable[Ratio]) -> Rows:
    """The ratios as they are shown."""
    return [
        (
            ratio.operation,
            ratio.ours,
            ratio.words,
            "not measured" if ratio.value is None else f"{ratio.value:.3g} ×",
            "–" if ratio.by_cpu is None else f"{ratio.by_cpu:.3g} ×",
            "" if ratio.least is None else f"≥ {ratio.least:g}",
            "" if ratio.is_reached is None else _met(ratio.is_reached),
        )
        for ratio in found
    ]


def _met(is_reached: bool) -> str:
    return "met" if is_reached else "NOT MET"


def bar_rows(found: Iterable[Reached]) -> Rows:
    """The other bars as they are shown."""
    return [(one.words, one.measured, one.must_be, _met(one.is_reached)) for one in found]


def growth_rows(found: Iterable[Growth]) -> Rows:
    """What is left of the rates as it is shown."""
    return [(one.server, one.operation, f"{one.before:,.0f}", f"{one.after:,.0f}", f"{one.share:.0%}") for one in found]


def live_rows(samples: Iterable[LiveSample]) -> Rows:
    """What subscribers got as it is shown."""
    return [
        (
            one.server,
            one.scenario,
            f"{one.subscribers:,}",
            f"{one.expected:,}",
            f"{one.share:.1%}" if one.expected else "–",
            f"{one.rate:,.0f}" if one.rate else "–",
            f"{one.p50_ms:.2f}" if one.p50_ms else "–",
            f"{one.p99_ms:.2f}" if one.p99_ms else "–",
            _whole(one.cpu_us),
            _whole(one.memory_mb),
        )
        for one in samples
    ]


def sections(report: Report) -> list[tuple[str, Sequence[str], Rows]]:
    """Every table of a run: its title, its heading and its rows."""
    summaries = report.summaries
    operations = dict.fromkeys(summary.operation for summary in summaries)
    memory = [(name, f"{size:.0f}") for name, size in report.measured.memory_mib.items()]
    return [
        *((f"{operation}", RATES, rate_rows(summaries, operation)) for operation in operations),
        (f"Ratios at {COMPARED_AT} connections", RATIOS, ratio_rows(report.ratios)),
        (f"{BOARD}, {report.measured.processes} processes each", RATES, rate_rows(report.summaries_of_many, BOARD)),
        (
            f"Ratios of {report.measured.processes} processes each at {COMPARED_AT} connections",
            RATIOS,
            ratio_rows(report.ratios_of_many),
        ),
        ("Subscriptions", LIVE, live_rows(report.measured.live)),
        ("Other bars", BARS, bar_rows(report.bars)),
        (f"{report.measured.factor} times the figures and recorded values", GROWTHS, growth_rows(report.growths)),
        ("Memory of a worker after the load", MEMORY, memory),
    ]


def remarks(report: Report) -> list[str]:
    """What a reader has to know before the numbers."""
    where = report.circumstances
    shared = f"that load generator ({where.generator}), server and Postgres share"
    return [
        f"Taken {where.taken_at} on {where.cores} cores {shared}; "
        f"load average before the start {where.load_average:.2f}.{_doubts(where)}",
        FOOTING,
        STATES,
        "Versions: " + ", ".join(f"{name} {version}" for name, version in where.versions.items()) + ".",
        *(f"Skipped: {words}" for words in report.measured.skipped),
        *(f"Broke off: {words}" for words in report.measured.broken),
    ]


def _doubts(where: Circumstances) -> str:
    doubts = {"the run was a quick one": where.is_quick, "the machine was busy": where.load_average >= QUIET}
    found = [words for words, holds in doubts.items() if holds]
    return f" These are no official numbers: {' and '.join(found)}." if found else ""


def show(report: Report, console: Console) -> None:
    """Print the tables."""
    for title, heading, rows in sections(report):
        if rows:
            table = Table(*heading, title=title, title_justify="left")
            for row in rows:
                table.add_row(*row, style="bold" if row[0] in (OURS, UNCHANGED) else "")
            console.print(table)
    for remark in remarks(report):
        console.print(f"• {remark}")


def markdown(report: Report, *, plot: str) -> str:
    """The run as a page of the documentation, with the plot of this name beside it."""
    lines = ["# Measurements", "", "Written by `python3 run bench --publish`; do not edit.", ""]
    lines += [f"- {remark}" for remark in remarks(report)] + ["", f"![Answers per second]({plot})", ""]
    for title, heading, rows in sections(report):
        if rows:
            lines += [f"## {title[0].upper()}{title[1:]}", "", _line(heading), _line(["---"] * len(heading))]
            lines += [*(_line(row) for row in rows), ""]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
