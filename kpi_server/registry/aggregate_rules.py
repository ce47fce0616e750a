"""The rules that each aggregate of a family has to keep, and those that aggregates have to keep together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from inspect import iscoroutinefunction
from typing import Final

from kpi_server.domain.aggregate import Aggregate
from kpi_server.domain.period import Grain
from kpi_server.domain.unit import Unit
from kpi_server.plugin import Measure
from kpi_server.registry.naming import SNAKE_CASE, is_a, is_spelt, is_text


def faults(aggregate: Aggregate) -> Iterator[str]:
    """What is wrong with one aggregate, each in a sentence."""
    for rule in _RULES:
        if message := rule(aggregate):
            yield message


def is_sound(aggregate: Aggregate) -> bool:
    """True if it can be compared with others."""
    return next(faults(aggregate), None) is None


def among(aggregates: Sequence[Aggregate], measures: Sequence[Measure]) -> Iterator[tuple[str, str]]:
    """What is wrong between the sound aggregates of a family and its measures: the key to blame, and a sentence."""
    known = {measure.key for measure in measures}
    made: dict[str, str] = {}
    for aggregate in aggregates:
        for output in aggregate.outputs:
            if output not in known:
                yield aggregate.key, f"makes {output}, which is no measure of the family"
            elif made.setdefault(output, aggregate.key) != aggregate.key:
                yield aggregate.key, f"makes {output}, which {made[output]} makes already"
    keys = Counter(aggregate.key for aggregate in aggregates)
    yield from ((key, "its key is given to two aggregates") for key, times in keys.items() if times > 1)


def _bad_key(aggregate: Aggregate) -> str | None:
    return None if is_spelt(aggregate.key, SNAKE_CASE) else "its key must be snake case such as 'daily_sessions'"


def _bad_kind(aggregate: Aggregate) -> str | None:
    return None if is_spelt(aggregate.kind, SNAKE_CASE) else "its kind must be snake case such as 'session'"


def _bad_function(aggregate: Aggregate) -> str | None:
    return None if iscoroutinefunction(aggregate.function) else "its function must be async: it asks the database"


def _blank(aggregate: Aggregate) -> str | None:
    return None if is_text(aggregate.description) else "has no description: its function has no docstring"


def _bad_lists(aggregate: Aggregate) -> str | None:
    for name in ("outputs", "by"):
        listed = getattr(aggregate, name)
        if not is_a(listed, tuple) and not is_a(listed, list):
            return f"its {name} must be a tuple or list of keys"
        if not all(is_spelt(key, SNAKE_CASE) for key in listed):
            return f"its {name} must be keys in snake case"
    return None if aggregate.outputs else "makes no measure"


def _bad_scale(aggregate: Aggregate) -> str | None:
    if not is_a(aggregate.grain, Grain):
        return "its grain must be a Grain such as Grain.DAY"
    if aggregate.amount is not None and not is_a(aggregate.amount, Unit):
        return f"its amount is in no unit: {aggregate.amount!r}"
    return None


def _bad_version(aggregate: Aggregate) -> str | None:
    whole = is_a(aggregate.version, int) and aggregate.version >= 1
    return None if whole else "its version must be a whole number from 1"


_RULES: Final = (_bad_key, _bad_kind, _bad_function, _blank, _bad_lists, _bad_scale, _bad_version)
