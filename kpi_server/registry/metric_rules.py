"""The rules that each metric of a family has to keep."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from kpi_server.domain.direction import Direction
from kpi_server.domain.reconciliation.identity import parse_identity
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput
from kpi_server.plugin import Metric
from kpi_server.registry.naming import SNAKE_CASE, fold_name, is_a, is_callable, is_spelt, is_text, type_name


def faults(metric: Metric) -> Iterator[str]:
    """What is wrong with one metric, each in a sentence."""
    for rule in _RULES:
        if message := rule(metric):
            yield message


def wrong_inputs(family: str, metrics: Sequence[Metric]) -> Iterator[tuple[Metric, str]]:
    """Identities of themselves, and of metrics that their family lacks; another family need not be installed."""
    known = {f"{family}.{metric.key}" for metric in metrics}
    for metric in metrics:
        if not metric.identity or _bad_identity(metric):
            continue
        own = f"{family}.{metric.key}"
        for key in parse_identity(metric.identity, family=family).inputs:
            if key == own:
                yield metric, "its identity names itself"
            elif key.startswith(f"{family}.") and key not in known:
                yield metric, f"its identity names {key}, which the family does not define"


def is_comparable(metric: object) -> bool:
    """True if a metric can be compared with others, whatever else is wrong with it."""
    return isinstance(metric, Metric) and is_text(metric.key) and is_text(metric.name) and not _bad_aliases(metric)


def _bad_key(metric: Metric) -> str | None:
    return None if is_spelt(metric.key, SNAKE_CASE) else "its key must be snake case such as 'gross_margin'"


def _blank_text(metric: Metric) -> str | None:
    blank = [name for name in ("name", "description", "source") if not is_text(getattr(metric, name))]
    return f"has no {' and no '.join(blank)}" if blank else None


def _bad_aliases(metric: Metric) -> str | None:
    if not is_a(metric.aliases, list) and not is_a(metric.aliases, tuple):
        return f"its aliases must be a tuple or list of texts, not {type_name(metric.aliases)}"
    mute = next((alias for alias in metric.aliases if not is_a(alias, str) or not fold_name(alias)), None)
    return None if mute is None else f"its alias {mute!r} has no letter or digit"


def _bad_unit(metric: Metric) -> str | None:
    if not is_a(metric.unit, Unit):
        return f"its unit must be a Unit such as parse_unit('RATIO'), not {type_name(metric.unit)}"
    if not is_a(metric.unit.kind, UnitKind):
        return "its unit has no kind"
    fixed = "currency" if metric.unit.currency is not None else "scale" if metric.unit.low is not None else None
    if fixed is None or is_text(metric.fixed_unit_reason):
        return None
    return f"its unit {metric.unit} fixes the {fixed}, which is the organization's; else say why in fixed_unit_reason"


def _bad_direction(metric: Metric) -> str | None:
    return None if is_a(metric.direction, Direction) else "its direction must be Direction.UP, DOWN or NONE"


def _bad_acceptable(metric: Metric) -> str | None:
    threshold = metric.acceptable
    if threshold is None or (is_a(threshold, Decimal) and threshold.is_finite() and 0 < threshold <= 1):
        return None
    return f"its acceptable attainment must be a Decimal above 0 and up to 1, not {threshold!r}"


def _bad_calculator(metric: Metric) -> str | None:
    return None if metric.calculator is None or is_callable(metric.calculator) else "its calculator must be a function"


def _bad_identity(metric: Metric) -> str | None:
    if metric.identity == "":
        return None
    if not is_a(metric.identity, str):
        return f"its identity must be a text such as 'clv / cac', not {type_name(metric.identity)}"
    try:
        parse_identity(metric.identity)
    except BadInput as error:
        return f"its identity cannot be read: {error}"
    return None


_RULES: Final = (
    _bad_key,
    _blank_text,
    _bad_aliases,
    _bad_unit,
    _bad_direction,
    _bad_acceptable,
    _bad_calculator,
    _bad_identity,
)
