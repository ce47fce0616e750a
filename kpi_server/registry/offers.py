"""Offers: what a candidate's hooks answered, and what is wrong in it.

Every rule reports on its own and none stops another, so that an author mends ten mistakes in one run.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, TypeVar

import pluggy

from kpi_server import plugin as plugin_api
from kpi_server.domain.aggregate import Aggregate
from kpi_server.errors import Problem
from kpi_server.plugin import API_VERSION, PROJECT, Family, Measure, Metric, Vector
from kpi_server.registry import aggregate_rules, measure_rules, metric_rules
from kpi_server.registry.definition_rules import is_comparable
from kpi_server.registry.naming import FAMILY_NAME, is_a, is_spelt, is_text, type_name

_OPTIONAL: Final = ("kpi_measures", "kpi_vectors", "kpi_aggregates", "kpi_fields")
_REFERENCE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")

_Item = TypeVar("_Item")


@dataclass(frozen=True, eq=False)
class Candidate:
    """An entry point as found: its name, whose it is, and the plugin it loaded or, as `failure`, why it did not."""

    name: str
    distribution: str
    version: str
    location: str = ""
    plugin: object | None = None
    failure: str | None = None

    @property
    def owner(self) -> str:
        """The distribution and its version, as every message names them."""
        return f"{self.distribution} {self.version}"


@dataclass(frozen=True)
class Finding:
    """A problem and everybody who has a part in it.

    Under QUARANTINE all of them are left out: sparing the first would let the alphabet decide which family is right.
    """

    problem: Problem
    parties: tuple[Candidate, ...]


@dataclass(frozen=True)
class Offer:
    """What a candidate's hooks answered, as far as it can be compared with others, and what is wrong in it."""

    candidate: Candidate
    family: Family | None = None
    metrics: tuple[Metric, ...] = ()
    measures: tuple[Measure, ...] = ()
    vectors: tuple[Vector, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    fields: str = ""
    findings: tuple[Finding, ...] = ()

    def place(self, declared: Metric | Measure) -> str:
        """The key with its family, as messages name it."""
        return f"{self.candidate.name}.{declared.key}"


def attempt(call: Callable[[], _Item]) -> tuple[_Item | None, str | None]:
    """The call's answer, or None and what it raised ("ModuleNotFoundError: No module named 'nowhere'")."""
    try:
        return call(), None
    except (Exception, SystemExit) as error:  # a plugin's code can raise anything; the report says whose it is
        return None, f"{type(error).__name__}: {error}"


def _finding(candidate: Candidate, field: str, message: str) -> Finding:
    return Finding(Problem(candidate.owner, field, message), (candidate,))


def ask(candidate: Candidate) -> Offer:
    """The offer of one candidate: its hooks are called here, and never again.

    Each plugin has a plugin manager of its own: one that pluggy refuses leaves no trace among the others.
    """
    if candidate.failure is not None:
        problem = _finding(candidate, f"entry point {candidate.name}", f"cannot be imported: {candidate.failure}")
        return Offer(candidate, findings=(problem,))
    hooks = pluggy.PluginManager(PROJECT)
    hooks.add_hookspecs(plugin_api)
    if misspelt := tuple(_wrong_hooks(hooks, candidate)):
        return Offer(candidate, findings=misspelt)
    answers, failures = _answers(hooks, candidate)
    family = answers.get("kpi_family")
    findings = [*failures, *(finding for hook in answers for finding in _JUDGES[hook](candidate, answers[hook]))]
    return Offer(
        candidate,
        family=family if isinstance(family, Family) and isinstance(family.name, str) else None,
        metrics=tuple(m for m in _items(answers.get("kpi_metrics"), Metric) if is_comparable(m)),
        measures=tuple(m for m in _items(answers.get("kpi_measures"), Measure) if is_text(m.key)),
        vectors=tuple(_items(answers.get("kpi_vectors"), Vector)),
        aggregates=tuple(a for a in _items(answers.get("kpi_aggregates"), Aggregate) if aggregate_rules.is_sound(a)),
        fields=str(answers.get("kpi_fields", "")),
        findings=tuple(findings),
    )


def _items(answer: object, kind: type[_Item]) -> Iterator[_Item]:
    """What of a hook's answer is of its kind; the rest is a finding of its own."""
    if isinstance(answer, list | tuple):
        yield from (item for item in answer if isinstance(item, kind))


def _wrong_hooks(hooks: pluggy.PluginManager, candidate: Candidate) -> Iterator[Finding]:
    try:
        hooks.register(candidate.plugin, name=candidate.owner)
        hooks.check_pending()
    except pluggy.PluginValidationError as error:
        unknown = [caller.name for caller in hooks.get_hookcallers(candidate.plugin) or () if not caller.has_spec()]
        for name in unknown:
            close = get_close_matches(name, _JUDGES, n=1)
            yield _finding(candidate, name, f"is no hook; did you mean {close[0]}?" if close else "is no hook")
        if not unknown:
            yield _finding(candidate, "hooks", " ".join(str(error).split()))


def _answers(hooks: pluggy.PluginManager, candidate: Candidate) -> tuple[dict[str, object], list[Finding]]:
    answers: dict[str, object] = {}
    findings = []
    for name in _JUDGES:
        caller: pluggy.HookCaller = getattr(hooks.hook, name)
        if not caller.get_hookimpls():
            unmarked = hasattr(candidate.plugin, name)
            if name in _OPTIONAL and not unmarked:
                continue
            missing = "is not marked with @hookimpl" if unmarked else "is missing; every family supplies it"
            findings.append(_finding(candidate, name, missing))
            continue
        answer, failure = attempt(caller)
        if failure is None:
            answers[name] = answer
        else:
            findings.append(_finding(candidate, name, f"raised {failure}"))
    return answers, findings


def _wrong_family(candidate: Candidate, family: object) -> Iterator[Finding]:
    if not isinstance(family, Family):
        yield _finding(candidate, "kpi_family", f"must answer a Family, not {type_name(family)}")
        return
    where = f"family {family.name}"
    if not is_spelt(family.name, FAMILY_NAME):
        yield _finding(candidate, where, "its name must be one lower-case word such as 'financial'")
    elif family.name != candidate.name:
        yield _finding(candidate, where, f"its entry point must have the same name, not {candidate.name!r}")
    if blank := [name for name in ("title", "description") if not is_text(getattr(family, name))]:
        yield _finding(candidate, where, f"has no {' and no '.join(blank)}")
    if family.api_version != API_VERSION:
        message = f"was written for version {family.api_version} of kpi_server.plugin; this server has {API_VERSION}"
        yield _finding(candidate, where, message)


def _wrong_metrics(candidate: Candidate, metrics: object) -> Iterator[Finding]:
    yield from _wrong_items(candidate, "kpi_metrics", metrics, Metric)
    if isinstance(metrics, list | tuple) and not metrics:
        yield _finding(candidate, "kpi_metrics", "answered no metric; a family has at least one")
    for metric in _items(metrics, Metric):
        for message in metric_rules.faults(metric):
            yield _finding(candidate, f"{candidate.name}.{metric.key}", message)


def _wrong_measures(candidate: Candidate, measures: object) -> Iterator[Finding]:
    yield from _wrong_items(candidate, "kpi_measures", measures, Measure)
    for measure in _items(measures, Measure):
        for message in measure_rules.faults(measure):
            yield _finding(candidate, f"{candidate.name}.{measure.key}", message)


def _wrong_vectors(candidate: Candidate, vectors: object) -> Iterator[Finding]:
    yield from _wrong_items(candidate, "kpi_vectors", vectors, Vector)
    for vector in _items(vectors, Vector):
        if not is_a(vector.given, Mapping):
            yield _finding(candidate, f"vector of {vector.metric}", "given must be a mapping of parameters to values")
        if not is_text(vector.source):
            yield _finding(candidate, f"vector of {vector.metric}", "has no source")


def _wrong_aggregates(candidate: Candidate, aggregates: object) -> Iterator[Finding]:
    yield from _wrong_items(candidate, "kpi_aggregates", aggregates, Aggregate)
    for aggregate in _items(aggregates, Aggregate):
        for message in aggregate_rules.faults(aggregate):
            yield _finding(candidate, f"{candidate.name}.{aggregate.key}", message)


def _wrong_fields(candidate: Candidate, fields: object) -> Iterator[Finding]:
    if not is_spelt(fields, _REFERENCE):
        yield _finding(candidate, "kpi_fields", f"must name a class as 'package.module:Class', not {fields!r}")


def _wrong_items(candidate: Candidate, hook: str, answer: object, kind: type) -> Iterator[Finding]:
    if not isinstance(answer, list | tuple):
        yield _finding(candidate, hook, f"must answer a tuple or list of {kind.__name__}, not {type_name(answer)}")
        return
    for position, item in enumerate(answer, start=1):
        if not isinstance(item, kind):
            yield _finding(candidate, hook, f"item {position} must be a {kind.__name__}, not {type_name(item)}")


_JUDGES: Final[Mapping[str, Callable[[Candidate, object], Iterator[Finding]]]] = MappingProxyType(
    {
        "kpi_family": _wrong_family,
        "kpi_metrics": _wrong_metrics,
        "kpi_measures": _wrong_measures,
        "kpi_vectors": _wrong_vectors,
        "kpi_aggregates": _wrong_aggregates,
        "kpi_fields": _wrong_fields,
    }
)
