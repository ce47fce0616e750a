"""Clashes: what families may not share. A rule over several families names all of them."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeVar

from kpi_server.errors import Problem
from kpi_server.plugin import Measure, Metric
from kpi_server.registry import aggregate_rules
from kpi_server.registry.naming import fold_name
from kpi_server.registry.offers import Candidate, Finding, Offer

_Item = TypeVar("_Item")


def _shared(items: Iterable[_Item], label: Callable[[_Item], Hashable]) -> Iterator[tuple[_Item, _Item]]:
    """Each pair of items under one label, the earlier item first."""
    groups: defaultdict[Hashable, list[_Item]] = defaultdict(list)
    for item in items:
        groups[label(item)].append(item)
    for group in groups.values():
        yield from combinations(group, 2)


def _one_entry_point(offers: Sequence[Offer]) -> Iterator[Finding]:
    for first, second in _shared([offer.candidate for offer in offers], lambda candidate: candidate.name):
        message = f"is also registered by {first.owner}; uninstall one of them"
        yield Finding(Problem(second.owner, f"entry point {second.name}", message), (first, second))


def _one_family(offers: Sequence[Offer]) -> Iterator[Finding]:
    named = [(offer.family.name, offer.candidate) for offer in offers if offer.family is not None]
    for (name, first), (_, second) in _shared(named, lambda pair: pair[0]):
        if first.name != second.name:  # two entry points of one name are reported already
            message = f"is also supplied by {first.owner}; uninstall one of them"
            yield Finding(Problem(second.owner, f"family {name}", message), (first, second))


def _one_thing_a_key(offers: Sequence[Offer]) -> Iterator[Finding]:
    """Metrics and measures alike: a formula names its inputs by their keys."""
    for offer in offers:
        declared: tuple[Metric | Measure, ...] = (*offer.metrics, *offer.measures)
        for first, second in _shared(declared, lambda one: one.key):
            kinds = [type(one).__name__.lower() for one in (first, second)]
            both = f"two {kinds[0]}s" if kinds[0] == kinds[1] else f"a {kinds[0]} and a {kinds[1]}"
            message = f"its key is given to {both}, {first.name!r} and {second.name!r}"
            yield Finding(Problem(offer.candidate.owner, offer.place(second), message), (offer.candidate,))


def _one_meaning_a_name(offers: Sequence[Offer]) -> Iterator[Finding]:
    claims = [claim for offer in offers for metric in offer.metrics for claim in _claims(offer, metric)]
    for first, second in _shared(claims, lambda claim: fold_name(claim.text)):
        if _conflict(first, second):
            message = f"{second.text!r} is already a name of {first.place} ({first.candidate.owner}); one must go"
            parties = (first.candidate, second.candidate)
            yield Finding(Problem(second.candidate.owner, second.place, message), parties)


def _measures_of_events(offers: Sequence[Offer]) -> Iterator[Finding]:
    for offer in offers:
        for key, message in aggregate_rules.among(offer.aggregates, offer.measures):
            problem = Problem(offer.candidate.owner, f"{offer.candidate.name}.{key}", message)
            yield Finding(problem, (offer.candidate,))


def _one_amount_a_kind(offers: Sequence[Offer]) -> Iterator[Finding]:
    """What an event's amount is in cannot depend on who reads it."""
    made = [(aggregate, offer.candidate) for offer in offers for aggregate in offer.aggregates]
    for (first, theirs), (second, owner) in _shared(made, lambda pair: pair[0].kind):
        if first.amount != second.amount:
            words = [str(one.amount or "nothing") for one in (first, second)]
            message = f"reads {second.kind} events with amounts in {words[1]}; {theirs.name}.{first.key} in {words[0]}"
            place = f"{owner.name}.{second.key}"
            yield Finding(Problem(owner.owner, place, message), tuple(dict.fromkeys((theirs, owner))))


@dataclass(frozen=True)
class _Claim:
    candidate: Candidate
    place: str
    text: str
    is_bare_key: bool = False


def _claims(offer: Offer, metric: Metric) -> Iterator[_Claim]:
    place = offer.place(metric)
    spoken = {fold_name(text): text for text in (place, *metric.aliases, metric.name)}
    yield from (_Claim(offer.candidate, place, text) for text in spoken.values())
    if fold_name(metric.key) not in spoken:
        yield _Claim(offer.candidate, place, metric.key, is_bare_key=True)


def _conflict(first: _Claim, second: _Claim) -> bool:
    """Families may share a key (customer.nps, course.nps): without its family it counts only among its siblings."""
    if first.place == second.place:
        return False
    is_bare_key = first.is_bare_key or second.is_bare_key
    return not is_bare_key or first.candidate is second.candidate


_RULES: Final = (
    _one_entry_point,
    _one_family,
    _one_thing_a_key,
    _one_meaning_a_name,
    _measures_of_events,
    _one_amount_a_kind,
)


def check(offers: Sequence[Offer]) -> list[Finding]:
    """Every finding: each offer's own, then those between offers."""
    return [
        *(finding for offer in offers for finding in offer.findings),
        *(finding for rule in _RULES for finding in rule(offers)),
    ]
