"""The rules that each metric of a family has to keep."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from kpi_server.domain.direction import Direction
from kpi_server.domain.unit import Unit
from kpi_server.plugin import Grain, Input, Metric, Missing, Rolling
from kpi_server.registry.definition_rules import RULES
from kpi_server.registry.naming import is_a, is_callable, is_text, type_name


def faults(metric: Metric) -> Iterator[str]:
    """What is wrong with one metric, each in a sentence."""
    for rule in (*RULES, *_RULES):
        if message := rule(metric):
            yield message


def _fixed_unit(metric: Metric) -> str | None:
    if not is_a(metric.unit, Unit):
        return None  # reported already
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


def _bad_inputs(metric: Metric) -> str | None:
    if not is_a(metric.inputs, Mapping) or not all(is_a(one, Input) for one in metric.inputs.values()):
        return "its inputs must be a mapping of parameters to Input, such as {'before': previous('mrr')}"
    if metric.calculator is None and metric.inputs:
        return "has inputs but no calculator that reads them"
    return next((f"its input {name} {fault}" for name, one in metric.inputs.items() if (fault := _odd(one))), None)


def _odd(declared: Input) -> str | None:
    """What an input says that contradicts itself."""
    if not is_a(declared.key, str):
        return f"must have a key such as 'mrr', not {type_name(declared.key)}"
    if (declared.missing is Missing.CARRY) != (declared.carry > 0):
        return "is carried over no period; say how many" if declared.carry <= 0 else "says how far, but is not CARRY"
    if isinstance(declared.span, Rolling) and declared.span.periods < 1:
        return f"rolls over {declared.span.periods} periods; at least 1 is needed"
    return None


def _bad_grains(metric: Metric) -> str | None:
    is_list = is_a(metric.grains, list) or is_a(metric.grains, tuple)
    if is_list and all(is_a(grain, Grain) for grain in metric.grains):
        return None
    return f"its grains must be a tuple or list of Grain, not {metric.grains!r}"


def _bad_version(metric: Metric) -> str | None:
    if is_a(metric.version, int) and metric.version >= 1:
        return None
    return f"its version must be a whole number from 1, not {metric.version!r}"


_RULES: Final = (
    _fixed_unit,
    _bad_direction,
    _bad_acceptable,
    _bad_calculator,
    _bad_inputs,
    _bad_grains,
    _bad_version,
)
