"""The rules that metrics and measures have in common."""

from kpi_server.domain.unit import Unit, UnitKind, parse_unit
from kpi_server.errors import BadInput
from kpi_server.plugin import Measure, Metric
from kpi_server.registry.naming import SNAKE_CASE, fold_name, is_a, is_spelt, is_text, type_name


def is_comparable(declared: Metric | Measure) -> bool:
    """True if it can be compared with others, whatever else is wrong with it."""
    return is_text(declared.key) and is_text(declared.name) and not bad_aliases(declared)


def bad_key(declared: Metric | Measure) -> str | None:
    """A key in another spelling than snake case."""
    return None if is_spelt(declared.key, SNAKE_CASE) else "its key must be snake case such as 'gross_margin'"


def blank_text(declared: Metric | Measure) -> str | None:
    """What nobody could read or look up."""
    blank = [name for name in ("name", "description", "source") if not is_text(getattr(declared, name))]
    return f"has no {' and no '.join(blank)}" if blank else None


def bad_aliases(declared: Metric | Measure) -> str | None:
    """Aliases by which nothing can be found."""
    if not is_a(declared.aliases, list) and not is_a(declared.aliases, tuple):
        return f"its aliases must be a tuple or list of texts, not {type_name(declared.aliases)}"
    mute = next((alias for alias in declared.aliases if not is_a(alias, str) or not fold_name(alias)), None)
    return None if mute is None else f"its alias {mute!r} has no letter or digit"


def no_unit(declared: Metric | Measure) -> str | None:
    """What is no unit, or a text that names none."""
    if is_a(declared.unit, str):
        return _unread(str(declared.unit))
    if not is_a(declared.unit, Unit):
        return f"its unit must be a Unit such as parse_unit('RATIO'), not {type_name(declared.unit)}"
    return None if is_a(declared.unit.kind, UnitKind) else "its unit has no kind"


def _unread(text: str) -> str:
    try:
        parse_unit(text)
    except BadInput as error:
        return f"its unit cannot be read: {error}"
    return "its unit must be a Unit such as parse_unit('RATIO'), not str"


def bad_alternative(declared: Metric | Measure) -> str | None:
    """What nobody could ask for instead; whether it exists is another question."""
    if is_a(declared.alternative, str):
        return None
    return f"its alternative must be a key such as 'annual_churn', not {type_name(declared.alternative)}"


RULES = (bad_key, blank_text, bad_aliases, no_unit, bad_alternative)
