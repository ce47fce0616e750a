"""Offers: what a candidate's hooks answered, and what is wrong in it.

Every rule reports on its own and none stops another, so that an author mends ten mistakes in one run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import pluggy

from kpi_server import plugin as plugin_api
from kpi_server.errors import Problem
from kpi_server.plugin import API_VERSION, PROJECT, Family, Metric
from kpi_server.registry.metric_rules import faults, is_comparable, wrong_inputs
from kpi_server.registry.naming import FAMILY_NAME, is_spelt, is_text, type_name

_HOOKS: Final = ("kpi_family", "kpi_metrics")


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
    findings: tuple[Finding, ...] = ()

    def place(self, metric: Metric) -> str:
        """The KPI key of a metric, as messages name it."""
        return f"{self.candidate.name}.{metric.key}"


def attempt(call: Callable[[], object]) -> tuple[object, str | None]:
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
    family, metrics = answers.get("kpi_family"), answers.get("kpi_metrics")
    findings = [*failures]
    if "kpi_family" in answers:
        findings += _wrong_family(candidate, family)
    if "kpi_metrics" in answers:
        findings += _wrong_metrics(candidate, metrics)
    return Offer(
        candidate,
        family=family if isinstance(family, Family) and isinstance(family.name, str) else None,
        metrics=tuple(m for m in metrics if is_comparable(m)) if isinstance(metrics, list | tuple) else (),
        findings=tuple(findings),
    )


def _wrong_hooks(hooks: pluggy.PluginManager, candidate: Candidate) -> Iterator[Finding]:
    try:
        hooks.register(candidate.plugin, name=candidate.owner)
        hooks.check_pending()
    except pluggy.PluginValidationError as error:
        unknown = [caller.name for caller in hooks.get_hookcallers(candidate.plugin) or () if not caller.has_spec()]
        for name in unknown:
            close = get_close_matches(name, _HOOKS, n=1)
            yield _finding(candidate, name, f"is no hook; did you mean {close[0]}?" if close else "is no hook")
        if not unknown:
            yield _finding(candidate, "hooks", " ".join(str(error).split()))


def _answers(hooks: pluggy.PluginManager, candidate: Candidate) -> tuple[dict[str, object], list[Finding]]:
    answers: dict[str, object] = {}
    findings = []
    for name in _HOOKS:
        caller: pluggy.HookCaller = getattr(hooks.hook, name)
        if not caller.get_hookimpls():
            unmarked = hasattr(candidate.plugin, name)
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
    if not isinstance(metrics, list | tuple):
        yield _finding(candidate, "kpi_metrics", f"must answer a tuple or list of Metric, not {type_name(metrics)}")
        return
    if not metrics:
        yield _finding(candidate, "kpi_metrics", "answered no metric; a family has at least one")
    for position, metric in enumerate(metrics, start=1):
        if not isinstance(metric, Metric):
            yield _finding(candidate, "kpi_metrics", f"item {position} must be a Metric, not {type_name(metric)}")
            continue
        for message in faults(metric):
            yield _finding(candidate, f"{candidate.name}.{metric.key}", message)
    sound = [metric for metric in metrics if isinstance(metric, Metric)]
    for metric, message in wrong_inputs(candidate.name, sound):
        yield _finding(candidate, f"{candidate.name}.{metric.key}", message)
