"""Reading what a catalog prints: figures, trends and targets, each in the unit of its KPI."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from kpi_server.domain.direction import Direction
from kpi_server.domain.figure import Figure, parse_figure
from kpi_server.domain.target import Operator, Target, parse_target
from kpi_server.domain.trend import Arrow, Trend, parse_trend
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import FigureError
from kpi_server.services.catalog.meanings import Meaning
from kpi_server.services.catalog.rows import Cell


@dataclass(frozen=True)
class Words:
    """Printed words, with the operator and number for those that cannot be read."""

    text: str
    operator: Operator | None = None
    value: str | None = None


def words(printed: str | Cell) -> Words:
    """The words of a field that is text or a cell."""
    return Words(printed) if isinstance(printed, str) else Words(printed.text, printed.operator, printed.value)


def figure(printed: Words, meaning: Meaning) -> Figure:
    """The figure of printed words; their stated number where they have one.

    Raises:
        FigureError: the words cannot be read in the KPI's unit.
    """
    if printed.operator is not None:
        raise FigureError(f'"{printed.text}": a figure has no operator; that is for targets')
    if printed.value is None:
        return parse_figure(printed.text, meaning.unit, names=meaning.names)
    _refuse_numbers(printed, meaning)
    low, high = _bounds(printed)
    return Figure(printed.text, low) if high is None else Figure(printed.text, low=low, high=high)


def _refuse_numbers(printed: Words, meaning: Meaning) -> None:
    """What a KPI measured in words cannot be given."""
    if meaning.unit.kind is UnitKind.TEXT:
        what = "its operator is TEXT" if printed.value is None else "it takes no value"
        raise FigureError(f'"{printed.text}": a KPI of unit TEXT has words alone: {what}')


def _bounds(printed: Words) -> tuple[Decimal, Decimal | None]:
    """The stated number, or the two of a range ("0.15..0.20")."""
    low, _, high = (printed.value or "").partition("..")
    if high and Decimal(low) >= Decimal(high):
        raise FigureError(f'"{printed.text}": a range runs from the lower to the higher number, not {printed.value}')
    return Decimal(low), Decimal(high) if high else None


def figure_columns(read: Figure) -> dict[str, Any]:
    return {
        "text": read.text,
        "value": read.value,
        "low": read.low,
        "high": read.high,
        "at_least": read.at_least,
        "absence": read.absence and read.absence.value,
    }


def trend(text: str | None, arrow: str | None, unit: Unit) -> Trend:
    """The trend of printed words and arrow.

    Raises:
        FigureError: an amount is printed that is not of the KPI's kind.
    """
    way = None if arrow is None else Arrow(arrow)
    return Trend("", way) if text is None else parse_trend(text, unit, arrow=way)


def trend_columns(read: Trend) -> dict[str, Any]:
    return {
        "trend": read.text or None,
        "trend_arrow": read.arrow and read.arrow.value,
        "trend_amount": read.amount,
        "trend_unit": read.unit,
        "trend_basis": read.basis.value if read.text else None,
        "trend_previous": read.previous,
        "trend_words": read.words,
    }


def target(printed: Words, meaning: Meaning, *, is_multiple: bool = False) -> Target:
    """The target of printed words; a stated operator or number wins over what the words say.

    Raises:
        FigureError: the words cannot be read, or what is stated makes no target.
    """
    if printed.operator is Operator.TEXT:
        if printed.value is not None:
            raise FigureError(f'"{printed.text}": operator TEXT compares words: it takes no value')
        return Target(printed.text, Operator.TEXT)
    if printed.operator is not None or printed.value is not None:
        _refuse_numbers(printed, meaning)
    if printed.value is not None:
        return _stated(printed, meaning, is_multiple=is_multiple)
    read = parse_target(printed.text, meaning.unit, meaning.direction, names=meaning.names)
    return read if printed.operator is None else replace(read, operator=printed.operator)


def _stated(printed: Words, meaning: Meaning, *, is_multiple: bool) -> Target:
    low, high = _bounds(printed)
    if high is not None or printed.operator is Operator.BETWEEN:
        return Target(printed.text, printed.operator or Operator.BETWEEN, low=low, high=high)
    operator = printed.operator or (Operator.AT_MOST if meaning.direction is Direction.DOWN else Operator.AT_LEAST)
    if is_multiple:
        return Target(printed.text, operator, multiple=low)
    return Target(printed.text, operator, low)


def target_columns(read: Target) -> dict[str, Any]:
    return {
        "text": read.text,
        "operator": read.operator.value,
        "value": read.value,
        "low": read.low,
        "high": read.high,
        "multiple": read.multiple,
    }
