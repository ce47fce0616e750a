"""Discovery: find the installed families, validate them (all problems at once), order them by name, freeze them.

A registry is made when the server starts: no hook runs while a request is served, and two calls share no state.
"""

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import Distribution, EntryPoint, distributions
from types import MappingProxyType

from kpi_server.domain.aggregate import Aggregate
from kpi_server.domain.expression.calculator import Calculator
from kpi_server.errors import PluginError, Problem
from kpi_server.plugin import PROJECT, Family, Measure, Metric
from kpi_server.registry.clashes import check
from kpi_server.registry.families import LoadedFamily, Policy, QuarantinedFamily, Registry
from kpi_server.registry.naming import fold_name
from kpi_server.registry.offers import Candidate, Finding, Offer, ask, attempt
from kpi_server.registry.resolving import Resolution, resolve


def discover(policy: Policy = Policy.STRICT, *, path: Sequence[str] | None = None) -> Registry:
    """The registry of the installed families: of those on `path` alone when one is given.

    Raises:
        PluginError: the policy is STRICT and there is a problem; the message holds all of them.
    """
    searched = sys.path if path is None else path
    return build([_load(distribution, entry) for distribution, entry in _entry_points(searched)], policy)


def build(candidates: Sequence[Candidate], policy: Policy = Policy.STRICT) -> Registry:
    """The registry of the given candidates, in whatever order they come.

    Raises:
        PluginError: the policy is STRICT and there is a problem; the message holds all of them.

    >>> build([]).families
    ()
    """
    ordered = sorted(candidates, key=lambda candidate: (candidate.name, candidate.distribution, candidate.version))
    offers = [ask(candidate) for candidate in ordered]
    resolution = _resolved(offers)
    findings = [*check(offers), *_faults(offers, resolution)]
    if findings and policy is Policy.STRICT:
        count = "1 problem" if len(findings) == 1 else f"{len(findings)} problems"
        raise PluginError(f"{count} in the installed families:", [finding.problem for finding in findings])
    return _freeze(offers, findings)


def _resolved(offers: Sequence[Offer]) -> Resolution:
    return resolve(
        {offer.place(metric): metric for offer in offers for metric in offer.metrics},
        {offer.place(measure): measure for offer in offers for measure in offer.measures},
    )


def _faults(offers: Sequence[Offer], resolution: Resolution) -> Iterator[Finding]:
    owners = {offer.candidate.name: offer.candidate for offer in offers}
    for fault in resolution.faults:
        parties = [owners[key.partition(".")[0]] for key in (fault.key, *fault.others)]
        yield Finding(Problem(parties[0].owner, fault.key, fault.message), tuple(dict.fromkeys(parties)))


def _entry_points(path: Sequence[str]) -> Iterator[tuple[Distribution, EntryPoint]]:
    seen: set[str] = set()
    for distribution in distributions(path=list(path)):
        entries = distribution.entry_points.select(group=PROJECT)
        name = fold_name(_name(distribution)) if entries else ""
        if entries and name not in seen:  # the first on the path is the one that Python imports
            seen.add(name)
            yield from ((distribution, entry) for entry in entries)


def _name(distribution: Distribution) -> str:
    return distribution.name or "a distribution without a name"  # what a half-finished uninstall leaves behind


def _load(distribution: Distribution, entry: EntryPoint) -> Candidate:
    plugin, failure = attempt(entry.load)
    module = sys.modules.get(entry.value.partition(":")[0].strip())
    location = getattr(module, "__file__", None) or str(distribution.locate_file(""))
    return Candidate(entry.name, _name(distribution), distribution.version or "?", location, plugin, failure)


def _freeze(offers: Sequence[Offer], findings: Sequence[Finding]) -> Registry:
    reasons: defaultdict[Candidate, list[str]] = defaultdict(list)
    for finding in findings:
        for party in dict.fromkeys(finding.parties):
            reasons[party].append(str(finding.problem))
    sound = [offer for offer in offers if offer.family and offer.candidate not in reasons]
    served = tuple(_served(offer, offer.family) for offer in sound if offer.family)
    left_out = tuple(
        QuarantinedFamily(candidate.name, candidate.distribution, candidate.version, tuple(reasons[candidate]))
        for candidate in (offer.candidate for offer in offers)
        if candidate in reasons
    )
    calculators = _resolved(sound).calculators
    return Registry(served, left_out, _digest(served, left_out, calculators), calculators)


def _served(offer: Offer, family: Family) -> LoadedFamily:
    candidate = offer.candidate
    return LoadedFamily(
        family,
        tuple(_frozen(metric) for metric in offer.metrics),
        candidate.distribution,
        candidate.version,
        candidate.location,
        measures=tuple(replace(measure, aliases=tuple(measure.aliases)) for measure in offer.measures),
        vectors=tuple(replace(vector, given=MappingProxyType(dict(vector.given))) for vector in offer.vectors),
        aggregates=tuple(replace(a, outputs=tuple(a.outputs), by=tuple(a.by)) for a in offer.aggregates),
        fields=offer.fields,
    )


def _frozen(metric: Metric) -> Metric:
    return replace(
        metric,
        aliases=tuple(metric.aliases),
        inputs=MappingProxyType(dict(metric.inputs)),
        grains=tuple(metric.grains),
    )


def _digest(
    families: Sequence[LoadedFamily],
    quarantined: Sequence[QuarantinedFamily],
    calculators: Mapping[str, Calculator],
) -> str:
    """Of definitions and versions alone: neither a location nor a reason, which differ from machine to machine.

    A calculator counts by its formula, not by its name: a function that changes is another definition.
    """
    content = {
        "served": [
            [
                *(f.distribution, f.version, *_definition(f.family)),
                *([_definition(declared) for declared in group] for group in (f.metrics, f.measures, f.aggregates)),
            ]
            for f in families
        ],
        "formulas": [[key, repr(calculators[key].tree), calculators[key].lacking] for key in sorted(calculators)],
        "quarantined": [[q.name, q.distribution, q.version] for q in quarantined],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()


def _definition(declared: Family | Metric | Measure | Aggregate) -> list[str | list[str]]:
    words = [value for name, value in vars(declared).items() if name not in {"calculator", "function"}]
    return [[str(item) for item in value] if isinstance(value, tuple) else str(value) for value in words]
