"""The rules that a family has to keep: what its hooks may answer, and what families may not share.

Every rule reports on its own and none stops another, so that an author mends ten mistakes in one run. A rule over
several families names all of them.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from itertools import combinations
from typing import Final, TypeVar

import pluggy

from kpi_server import plugin as plugin_api
from kpi_server.domain.direction import Direction
from kpi_server.domain.reconciliation.identity import parse_identity
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput, Problem
from kpi_server.plugin import API_VERSION, PROJECT, Family, Metric

_HOOKS: Final = ("kpi_family", "kpi_metrics")
_FAMILY_NAME: Final = re.compile(r"[a-z][a-z0-9]*")
_METRIC_KEY: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_KPI_KEY: Final = re.compile(rf"{_FAMILY_NAME.pattern}\.{_METRIC_KEY.pattern}")

_Item = TypeVar("_Item")


def fold_name(text: str) -> str:
    """A name as it is compared: letters and digits only, capitals and compatibility forms evened out.

    A KPI key keeps its dot and underscores, so that "customer.satisfaction" is not what "Customer Satisfaction" means.

    >>> fold_name("LTV:CAC Ratio") == fold_name("ltv/cac ratio") == "ltvcacratio"
    True
    >>> fold_name("Financial.LTV_CAC")
    'financial.ltv_cac'
    """
    even = unicodedata.normalize("NFKC", text).casefold().strip()
    return even if _KPI_KEY.fullmatch(even) else "".join(sign for sign in even if sign.isalnum())


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
        metrics=tuple(m for m in metrics if _is_comparable(m)) if isinstance(metrics, list | tuple) else (),
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
        yield _finding(candidate, "kpi_family", f"must answer a Family, not {_type_name(family)}")
        return
    where = f"family {family.name}"
    if not _is_spelt(family.name, _FAMILY_NAME):
        yield _finding(candidate, where, "its name must be one lower-case word such as 'financial'")
    elif family.name != candidate.name:
        yield _finding(candidate, where, f"its entry point must have the same name, not {candidate.name!r}")
    if blank := [name for name in ("title", "description") if not _is_text(getattr(family, name))]:
        yield _finding(candidate, where, f"has no {' and no '.join(blank)}")
    if family.api_version != API_VERSION:
        message = f"was written for version {family.api_version} of kpi_server.plugin; this server has {API_VERSION}"
        yield _finding(candidate, where, message)


def _wrong_metrics(candidate: Candidate, metrics: object) -> Iterator[Finding]:
    if not isinstance(metrics, list | tuple):
        yield _finding(candidate, "kpi_metrics", f"must answer a tuple or list of Metric, not {_type_name(metrics)}")
        return
    if not metrics:
        yield _finding(candidate, "kpi_metrics", "answered no metric; a family has at least one")
    for position, metric in enumerate(metrics, start=1):
        if not isinstance(metric, Metric):
            yield _finding(candidate, "kpi_metrics", f"item {position} must be a Metric, not {_type_name(metric)}")
            continue
        for rule in _METRIC_RULES:
            if message := rule(metric):
                yield _finding(candidate, f"{candidate.name}.{metric.key}", message)
    yield from _wrong_inputs(candidate, [metric for metric in metrics if isinstance(metric, Metric)])


def _wrong_inputs(candidate: Candidate, metrics: Sequence[Metric]) -> Iterator[Finding]:
    """Identities of themselves, and of metrics that their family lacks; another family need not be installed."""
    known = {f"{candidate.name}.{metric.key}" for metric in metrics}
    for metric in metrics:
        if not metric.identity or _bad_identity(metric):
            continue
        own = f"{candidate.name}.{metric.key}"
        for key in parse_identity(metric.identity, family=candidate.name).inputs:
            if key == own:
                yield _finding(candidate, own, "its identity names itself")
            elif key.startswith(f"{candidate.name}.") and key not in known:
                yield _finding(candidate, own, f"its identity names {key}, which the family does not define")


def _type_name(value: object) -> str:
    return "nothing" if value is None else type(value).__name__


def _is_text(value: object) -> bool:
    # Annotations bind no plugin: what they promise is checked on values taken as plain objects.
    return isinstance(value, str) and bool(value.strip())


def _is_spelt(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_a(value: object, kind: type) -> bool:
    return isinstance(value, kind)


def _is_callable(value: object) -> bool:
    return callable(value)


def _is_comparable(metric: object) -> bool:
    return isinstance(metric, Metric) and _is_text(metric.key) and _is_text(metric.name) and not _bad_aliases(metric)


def _bad_key(metric: Metric) -> str | None:
    return None if _is_spelt(metric.key, _METRIC_KEY) else "its key must be snake case such as 'gross_margin'"


def _blank_text(metric: Metric) -> str | None:
    blank = [name for name in ("name", "description", "source") if not _is_text(getattr(metric, name))]
    return f"has no {' and no '.join(blank)}" if blank else None


def _bad_aliases(metric: Metric) -> str | None:
    if not _is_a(metric.aliases, list) and not _is_a(metric.aliases, tuple):
        return f"its aliases must be a tuple or list of texts, not {_type_name(metric.aliases)}"
    mute = next((alias for alias in metric.aliases if not _is_a(alias, str) or not fold_name(alias)), None)
    return None if mute is None else f"its alias {mute!r} has no letter or digit"


def _bad_unit(metric: Metric) -> str | None:
    if not _is_a(metric.unit, Unit):
        return f"its unit must be a Unit such as parse_unit('RATIO'), not {_type_name(metric.unit)}"
    if not _is_a(metric.unit.kind, UnitKind):
        return "its unit has no kind"
    fixed = "currency" if metric.unit.currency is not None else "scale" if metric.unit.low is not None else None
    if fixed is None or _is_text(metric.fixed_unit_reason):
        return None
    return f"its unit {metric.unit} fixes the {fixed}, which is the organization's; else say why in fixed_unit_reason"


def _bad_direction(metric: Metric) -> str | None:
    return None if _is_a(metric.direction, Direction) else "its direction must be Direction.UP, DOWN or NONE"


def _bad_acceptable(metric: Metric) -> str | None:
    threshold = metric.acceptable
    if threshold is None or (_is_a(threshold, Decimal) and threshold.is_finite() and 0 < threshold <= 1):
        return None
    return f"its acceptable attainment must be a Decimal above 0 and up to 1, not {threshold!r}"


def _bad_calculator(metric: Metric) -> str | None:
    return None if metric.calculator is None or _is_callable(metric.calculator) else "its calculator must be a function"


def _bad_identity(metric: Metric) -> str | None:
    if metric.identity == "":
        return None
    if not _is_a(metric.identity, str):
        return f"its identity must be a text such as 'clv / cac', not {_type_name(metric.identity)}"
    try:
        parse_identity(metric.identity)
    except BadInput as error:
        return f"its identity cannot be read: {error}"
    return None


_METRIC_RULES: Final = (
    _bad_key,
    _blank_text,
    _bad_aliases,
    _bad_unit,
    _bad_direction,
    _bad_acceptable,
    _bad_calculator,
    _bad_identity,
)


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


def _one_metric_a_key(offers: Sequence[Offer]) -> Iterator[Finding]:
    for offer in offers:
        for first, second in _shared(offer.metrics, lambda metric: metric.key):
            message = f"its key is given to two metrics, {first.name!r} and {second.name!r}"
            yield _finding(offer.candidate, offer.place(second), message)


def _one_meaning_a_name(offers: Sequence[Offer]) -> Iterator[Finding]:
    claims = [claim for offer in offers for metric in offer.metrics for claim in _claims(offer, metric)]
    for first, second in _shared(claims, lambda claim: fold_name(claim.text)):
        if _conflict(first, second):
            message = f"{second.text!r} is already a name of {first.place} ({first.candidate.owner}); one must go"
            parties = (first.candidate, second.candidate)
            yield Finding(Problem(second.candidate.owner, second.place, message), parties)


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


_RULES: Final = (_one_entry_point, _one_family, _one_metric_a_key, _one_meaning_a_name)


def check(offers: Sequence[Offer]) -> list[Finding]:
    """Every finding: each offer's own, then those between offers."""
    return [
        *(finding for offer in offers for finding in offer.findings),
        *(finding for rule in _RULES for finding in rule(offers)),
    ]
