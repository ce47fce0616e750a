"""Resolving: every calculator's inputs are found, in the own family and in others, and ordered by what reads what.

Everything wrong is a fault with the keys that have a part in it; a metric with a fault has no calculator. A family that
is not installed is no fault: what reads it says so when it is asked.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from kpi_server.domain.expression.calculator import Calculator, Reading
from kpi_server.domain.expression.inputs import Input
from kpi_server.domain.expression.tracing import place_of, trace
from kpi_server.domain.expression.tree import Read, Tree, reads
from kpi_server.domain.expression.units import check_unit
from kpi_server.domain.expression.wording import named
from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput
from kpi_server.plugin import Across, Measure, Metric
from kpi_server.registry.naming import is_a


@dataclass(frozen=True)
class Fault:
    """What is wrong with the calculator of a key, and the other keys that have a part in it."""

    key: str
    message: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """The calculators that can be served, and what is wrong with the others."""

    calculators: Mapping[str, Calculator]
    faults: tuple[Fault, ...]


def resolve(metrics: Mapping[str, Metric], measures: Mapping[str, Measure]) -> Resolution:
    """The calculators of these metrics, by their keys with families, in the order of their ranks.

    >>> resolve({}, {}).calculators
    mappingproxy({})
    """
    resolving = _Resolving(metrics, measures)
    for key, measure in measures.items():
        resolving.check_alternative(key, measure.alternative)
        resolving.check_weight(key, measure)
    found = [one for key, metric in metrics.items() if metric.calculator and (one := resolving.calculator(key, metric))]
    ordered = resolving.ordered({calculator.key: calculator for calculator in found})
    return Resolution(MappingProxyType(ordered), tuple(resolving.faults))


@dataclass
class _Resolving:
    metrics: Mapping[str, Metric]
    measures: Mapping[str, Measure]
    faults: list[Fault] = field(default_factory=list)

    def calculator(self, key: str, metric: Metric) -> Calculator | None:
        """The calculator of a metric as far as it is known without the others; None, with faults, if it has none."""
        calculate = metric.calculator
        if not callable(calculate):
            return None  # reported by the rules of metrics
        try:
            traced = trace(calculate)
        except BadInput as error:
            self.faults.append(Fault(key, f"its calculator at {error}"))
            return None
        if not _is_sound(metric):
            return None  # reported as well
        before = len(self.faults)
        strange = [name for name in metric.inputs if name not in traced.parameters]
        for name in strange:
            self.blame(key, calculate, f"has no parameter {name}, which its inputs declare")
        self.check_alternative(key, metric.alternative)
        inputs = self.readings(key, metric, traced.tree)
        if len(self.faults) == before:
            self.check_units(key, metric, traced.tree, inputs)
        if len(self.faults) > before:
            return None
        return Calculator(
            key=key,
            tree=traced.tree,
            inputs=MappingProxyType(inputs),
            version=metric.version,
            grains=tuple(metric.grains),
            alternative=_full(key, metric.alternative) if metric.alternative else "",
        )

    def readings(self, key: str, metric: Metric, tree: Tree) -> dict[str, Reading]:
        """What its formula reads, by slot; what cannot be read is blamed."""
        found: dict[str, Reading] = {}
        for read in reads(tree):
            declared = metric.inputs.get(read.name, Input())
            target = _full(key, declared.key or read.name)
            if reason := self.unreadable(key, read, declared, target):
                self.blame(key, metric.calculator, reason)
                continue
            known = self.measures.get(target) or self.metrics.get(target)
            spoken = str(known.name) if known else target.partition(".")[2].replace("_", " ")
            found[read.slot] = Reading(
                slot=read.slot,
                key=target,
                name=named(spoken, declared),
                is_metric=target in self.metrics,
                missing=declared.missing,
                carry=declared.carry,
                shift=declared.shift,
                span=declared.span,
                percentile=read.percentile,
            )
        return found

    def unreadable(self, key: str, read: Read, declared: Input, target: str) -> str | None:
        """Why an input cannot be read, if it cannot."""
        if measure := self.measures.get(target):
            is_histogram = measure.sketch is Sketch.HISTOGRAM
            if is_histogram == (read.percentile is not None):
                return None
            if is_histogram:
                return f"reads {target}, a HISTOGRAM, of which only percentile(…) gives a number"
            return f"takes a percentile of {target}, which is no HISTOGRAM"
        if metric := self.metrics.get(target):
            return _unreadable_metric(read, declared, target, metric)
        if not self.is_installed(target):
            return None
        return f"asks for {self.unknown(key, target)}"

    def unknown(self, key: str, target: str) -> str:
        """A key that nothing has, as messages name it, with the closest that something has."""
        family = target.partition(".")[0]
        known = [one.partition(".")[2] for one in (*self.measures, *self.metrics) if one.startswith(f"{family}.")]
        close = get_close_matches(target.partition(".")[2], known, n=1)
        hint = f"; did you mean {_short(key, f'{family}.{close[0]}')}?" if close else ""
        return f"{_short(key, target)}, which is neither a measure nor a metric of {family}{hint}"

    def is_installed(self, key: str) -> bool:
        """Whether the family of a key is there."""
        family = f"{key.partition('.')[0]}."
        return any(one.startswith(family) for one in (*self.metrics, *self.measures))

    def check_alternative(self, key: str, alternative: object) -> None:
        """An alternative is something that can be asked for."""
        if not isinstance(alternative, str):
            return  # reported by the rules of definitions
        target = _full(key, alternative)
        if alternative and target not in self.metrics and target not in self.measures and self.is_installed(target):
            self.faults.append(Fault(key, f"its alternative is {self.unknown(key, target)}"))

    def check_weight(self, key: str, measure: Measure) -> None:
        """A weight adds up across segments: the mean of the whole is weighted by the whole's."""
        target = _full(key, measure.weight)
        weight = self.measures.get(target)
        if measure.across is not Across.WEIGHTED or not measure.weight or target == key:
            return
        if weight is None:
            self.faults.append(Fault(key, f"is weighted by {self.unknown(key, target)}"))
        elif weight.across is not Across.SUM:
            message = f"is weighted by {measure.weight}, which does not add up across segments: it is {weight.across}"
            self.faults.append(Fault(key, message))

    def check_units(self, key: str, metric: Metric, tree: Tree, inputs: Mapping[str, Reading]) -> None:
        """The formula gives the unit that the metric declares."""
        units = {slot: self.unit(reading.key) for slot, reading in inputs.items()}
        try:
            check_unit(tree, units, metric.unit, {slot: reading.name for slot, reading in inputs.items()})
        except BadInput as error:
            self.blame(key, metric.calculator, str(error))

    def unit(self, key: str) -> Unit | None:
        """The unit of what a key means, or None where its family is not installed."""
        known = self.measures.get(key) or self.metrics.get(key)
        return known.unit if known and isinstance(known.unit, Unit) else None

    def ordered(self, calculators: Mapping[str, Calculator]) -> dict[str, Calculator]:
        """The calculators with their ranks, leaves and lacking families, lowest rank first; without those in cycles."""
        done: dict[str, Calculator] = {}
        for key in self.sequence({key: _metrics_of(one, calculators) for key, one in calculators.items()}):
            done[key] = self.placed(calculators[key], done)
        return dict(sorted(done.items(), key=lambda item: (item[1].rank, item[0])))

    def sequence(self, graph: dict[str, list[str]]) -> Iterable[str]:
        """The keys, each after those it reads; each cycle is a fault and leaves the graph."""
        while True:
            try:
                return [*TopologicalSorter(graph).static_order()]
            except CycleError as error:
                path = [*reversed(error.args[1])]
                first = path.index(min(path))
                path = [*path[first:-1], *path[:first], path[first]]
                words = f"calculates itself: {' reads '.join(path)}"
                self.blame(path[0], self.metrics[path[0]].calculator, words, others=tuple(path[1:-1]))
                graph = {k: [one for one in v if one not in path] for k, v in graph.items() if k not in path}

    def placed(self, calculator: Calculator, done: Mapping[str, Calculator]) -> Calculator:
        """A calculator among those that it reads."""
        read = [done[key] for key in _metrics_of(calculator, done)]
        own = {reading.key for reading in calculator.inputs.values()}
        return replace(
            calculator,
            rank=max((one.rank + 1 for one in read), default=0),
            leaves=tuple(sorted(own & self.measures.keys() | {leaf for one in read for leaf in one.leaves})),
            lacking=tuple(
                sorted(
                    {key.partition(".")[0] for key in own if not self.is_installed(key)}
                    | {family for one in read for family in one.lacking}
                )
            ),
        )

    def blame(
        self, key: str, calculator: Callable[..., object] | None, message: str, *, others: tuple[str, ...] = ()
    ) -> None:
        """A fault that names the calculator's file and line."""
        where = "its calculator" if calculator is None else f"its calculator at {place_of(calculator)}"
        self.faults.append(Fault(key, f"{where}: {message}", others))


def _unreadable_metric(read: Read, declared: Input, target: str, metric: Metric) -> str | None:
    if metric.calculator is None:
        return f"reads {target}, which is only reported: nothing records or calculates it"
    if metric.unit.kind is UnitKind.TEXT:
        return f"reads {target}, which is words"
    if read.percentile is not None:
        return f"takes a percentile of {target}, which is no HISTOGRAM"
    if declared.span is not None:
        return f"rolls up {target}, which is a metric; only a measure can be rolled up"
    return None


def _metrics_of(calculator: Calculator, known: Mapping[str, Calculator]) -> list[str]:
    return [reading.key for reading in calculator.inputs.values() if reading.key in known]


def _is_sound(metric: Metric) -> bool:
    """True if what resolving relies on is of the right kind; the rules of metrics say what is not."""
    return (
        is_a(metric.inputs, Mapping)
        and all(is_a(one, Input) and is_a(one.key, str) for one in metric.inputs.values())
        and is_a(metric.unit, Unit)
        and (is_a(metric.grains, tuple) or is_a(metric.grains, list))
        and is_a(metric.alternative, str)
    )


def _full(key: str, name: str) -> str:
    """A key with its family: that of the key that names it, unless it has its own."""
    return name if "." in name else f"{key.partition('.')[0]}.{name}"


def _short(key: str, target: str) -> str:
    """A key as the family of another names it."""
    family, _, name = target.partition(".")
    return name if family == key.partition(".")[0] else target
