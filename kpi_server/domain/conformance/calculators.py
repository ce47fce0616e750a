"""What a calculator must keep: its golden vectors, and what follows from them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.conformance.check import Check, Rule
from kpi_server.domain.expression.calculator import Calculator, Reading
from kpi_server.domain.expression.decimals import Amount, Outcome
from kpi_server.domain.expression.inputs import Missing
from kpi_server.domain.expression.tree import divides
from kpi_server.domain.precision import plain
from kpi_server.domain.vector import Vector

Case = Mapping[str, Amount]
"""An amount for every slot of a calculator."""

_NO_DATA: Final = Absent(Absence.NO_DATA)
_ZERO: Final = Decimal(0)


def checks(calculators: Mapping[str, Calculator], vectors: Mapping[str, Sequence[Vector]]) -> list[Check]:
    """Everything that can be checked without a database; `vectors` by the metric's key, with its family."""
    unknown = [
        Check(Rule.VECTORS, key, "a golden vector of a metric that nothing calculates")
        for key in vectors
        if key not in calculators
    ]
    return [*unknown, *(check for key, one in calculators.items() for check in _checks(one, vectors.get(key, ())))]


def by_metric(family: str, vectors: Sequence[Vector]) -> dict[str, list[Vector]]:
    """A family's vectors by the keys of their metrics, with the family."""
    found: defaultdict[str, list[Vector]] = defaultdict(list)
    for vector in vectors:
        found[f"{family}.{vector.metric}"].append(vector)
    return dict(found)


def cases(calculator: Calculator, vectors: Sequence[Vector]) -> list[Case]:
    """What is worth trying: the vectors, each input missing, each zero, all missing and all zero."""
    given = [case for vector in vectors if (case := _case(calculator, vector)) is not None]
    base = _base(calculator, given)
    single = [{**base, slot: amount} for slot in calculator.inputs for amount in (_NO_DATA, _ZERO)]
    return [*given, base, *single, *(dict.fromkeys(calculator.inputs, amount) for amount in (_NO_DATA, _ZERO))]


def _checks(calculator: Calculator, vectors: Sequence[Vector]) -> Iterator[Check]:
    whole = replace(calculator, lacking=())  # a family that is not installed is no reason not to try the formula
    yield Check(Rule.PROVED, whole.key, _unproved(whole, vectors))
    given = []
    for vector in vectors:
        case = _case(whole, vector)
        problem = _misfit(whole, vector) if case is None else _difference(whole.evaluate(case), vector)
        yield Check(Rule.VECTORS, whole.key, f"{vector.source}: {problem}" if problem else "")
        given += [] if case is None else [case]
    base = _base(whole, given)
    for reading in whole.inputs.values():
        yield Check(Rule.NULLS, whole.key, _null(whole, base, reading))
        yield Check(Rule.ZEROS, whole.key, _zero(whole, {**base, reading.slot: _ZERO}, f"{reading.parameter} is zero"))
    yield Check(Rule.ZEROS, whole.key, _zero(whole, dict.fromkeys(whole.inputs, _ZERO), "everything is zero"))


def _unproved(calculator: Calculator, vectors: Sequence[Vector]) -> str:
    """Who divides has to have thought of no customers, no requests, no growth before the first sale."""
    if not vectors:
        return "has no golden vector"
    zeros = [vector for vector in vectors if _ZERO in map(_amount, vector.given.values())]
    is_thought_of = any(vector.expected is Absence.UNDEFINED for vector in vectors) or zeros
    return "" if is_thought_of or not divides(calculator.tree) else "divides, and no golden vector has a zero"


def _case(calculator: Calculator, vector: Vector) -> Case | None:
    """The vector's amounts by slot, or None when they are not those of the calculator's parameters."""
    if set(vector.given) != {reading.parameter for reading in calculator.inputs.values()}:
        return None
    amounts = {name: _amount(given) for name, given in vector.given.items()}
    found = {slot: amounts[reading.parameter] for slot, reading in calculator.inputs.items()}
    return (
        {slot: amount for slot, amount in found.items() if amount is not None} if None not in found.values() else None
    )


def _misfit(calculator: Calculator, vector: Vector) -> str:
    wanted = dict.fromkeys(reading.parameter for reading in calculator.inputs.values())
    lacking = [name for name in wanted if name not in vector.given]
    strange = [name for name in vector.given if name not in wanted]
    unread = [f"{name} as {given!r}" for name, given in vector.given.items() if _amount(given) is None]
    parts = (("does not give", lacking), ("gives the unknown", strange), ("gives", unread))
    return "; ".join(f"{verb} {' and '.join(names)}" for verb, names in parts if names)


def _amount(given: object) -> Amount | None:
    """What a vector gives; None for what is no amount, a float above all."""
    if isinstance(given, Absence):
        return Absent(given)
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        return None
    try:
        amount = Decimal(given)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _difference(outcome: Outcome, vector: Vector) -> str:
    """How a result differs from what is expected, if it does."""
    expected = vector.expected
    if isinstance(outcome, Absent):
        is_same = outcome.absence is expected
    elif isinstance(outcome, str):
        is_same = outcome == expected
    else:
        is_same = outcome == _amount(expected)
    return "" if is_same else f"gives {_shown(outcome)}, not {_shown(expected)}"


def _shown(value: object) -> str:
    if isinstance(value, Absent):
        return f"{value.absence} ({value.reason})" if value.reason else value.absence
    return plain(value) if isinstance(value, Decimal) else str(value)


def _base(calculator: Calculator, given: Sequence[Case]) -> Case:
    """Amounts that give a result, where a vector has such; else whatever is missing is one."""
    for case in given:
        if not isinstance(calculator.evaluate(case), Absent):
            return case
    first = given[0] if given else {}
    amounts = {slot: first.get(slot, _NO_DATA) for slot in calculator.inputs}
    return {slot: Decimal(1) if isinstance(amount, Absent) else amount for slot, amount in amounts.items()}


def _null(calculator: Calculator, base: Case, reading: Reading) -> str:
    outcome = calculator.evaluate({**base, reading.slot: _NO_DATA})
    if reading.missing is Missing.ZERO:
        as_zero = calculator.evaluate({**base, reading.slot: _ZERO})
        return (
            "" if outcome == as_zero else f"without {reading.parameter} gives {_shown(outcome)}, not as if it were zero"
        )
    return "" if outcome == _NO_DATA else f"without {reading.parameter} gives {_shown(outcome)}, not NO_DATA"


def _zero(calculator: Calculator, case: Case, when: str) -> str:
    outcome = calculator.evaluate(case)
    is_kept = not isinstance(outcome, Absent) or outcome.absence is Absence.UNDEFINED
    return "" if is_kept else f"gives {_shown(outcome)} when {when}"


def fold_checks(calculator: Calculator, cases: Sequence[Case], folded: Sequence[Decimal | str | None]) -> list[Check]:
    """Whether what PostgreSQL gives for these cases is what the calculator gives."""
    whole = replace(calculator, lacking=())
    return [
        Check(Rule.FOLDS, whole.key, _disagreement(case, whole.evaluate(case), other))
        for case, other in zip(cases, folded, strict=True)
    ]


def _disagreement(case: Case, outcome: Outcome, other: Decimal | str | None) -> str:
    own = None if isinstance(outcome, Absent) else outcome
    if own == other:
        return ""
    given = ", ".join(f"{slot} {_shown(amount)}" for slot, amount in case.items())
    return f"{given}: Python gives {_shown(outcome)}, PostgreSQL {'null' if other is None else _shown(other)}"
