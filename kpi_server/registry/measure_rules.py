"""The rules that each measure of a family has to keep."""

from collections.abc import Iterator
from typing import Final

from kpi_server.domain.measure import Across, Measure, OverTime
from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.registry.definition_rules import RULES
from kpi_server.registry.naming import is_a, is_text


def faults(measure: Measure) -> Iterator[str]:
    """What is wrong with one measure, each in a sentence."""
    for rule in (*RULES, *_RULES):
        if message := rule(measure):
            yield message


def _wrong_unit(measure: Measure) -> str | None:
    if not is_a(measure.unit, Unit):
        return None  # reported already
    if measure.unit.currency is not None:
        return f"its unit {measure.unit} fixes the currency, which is the organization's"
    if measure.unit.kind is UnitKind.TEXT:
        return "its unit is TEXT; a measure is a quantity"
    if measure.sketch is Sketch.DISTINCT and measure.unit.kind is not UnitKind.COUNT:
        return f"its unit is {measure.unit}; a DISTINCT sketch counts, so its unit is COUNT(…)"
    return None


def _no_across(measure: Measure) -> str | None:
    wanted = ", ".join(f"Across.{way}" for way in Across)
    return None if is_a(measure.across, Across) else f"does not say how it adds up across segments: {wanted}"


def _no_over_time(measure: Measure) -> str | None:
    wanted = ", ".join(f"OverTime.{way}" for way in OverTime)
    return None if is_a(measure.over_time, OverTime) else f"does not say how it adds up over time: {wanted}"


def _wrong_weight(measure: Measure) -> str | None:
    is_weighted = measure.across is Across.WEIGHTED
    if is_weighted and not is_text(measure.weight):
        return "is WEIGHTED but names no measure as its weight"
    if measure.weight and not is_weighted:
        return "names a weight but is not Across.WEIGHTED"
    return "is weighted by itself" if is_weighted and measure.weight == measure.key else None


def _wrong_sketch(measure: Measure) -> str | None:
    if measure.sketch is not None and not is_a(measure.sketch, Sketch):
        return "its sketch must be Sketch.DISTINCT or HISTOGRAM"
    merges = measure.across is Across.MERGE, measure.over_time is OverTime.MERGE
    if measure.sketch is None and any(merges):
        return "merges, but only a sketch can be merged; say which it is: Sketch.DISTINCT or HISTOGRAM"
    if measure.sketch is not None and not all(merges):
        return "is a sketch, so across and over_time must both be MERGE"
    return None


_RULES: Final = (_wrong_unit, _no_across, _no_over_time, _wrong_weight, _wrong_sketch)
