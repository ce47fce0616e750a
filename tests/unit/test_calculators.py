"""Calculators find their inputs, in the own family and in others; what does not fit together is refused at start-up."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import CodeType
from typing import Any

import pytest

from kpi_server.domain.absence import Absence, Absent
from kpi_server.errors import PluginError
from kpi_server.plugin import (
    Across,
    Choice,
    Direction,
    Family,
    Grain,
    Input,
    Measure,
    Metric,
    Missing,
    OverTime,
    Shift,
    Sketch,
    Symbol,
    ToDate,
    choose,
    hookimpl,
    metric,
    of,
    optional,
    parse_unit,
    percentile,
    previous,
    rolling,
    to_date,
)
from kpi_server.registry import Candidate, Policy, Registry, build


class Plugin:
    """A plugin as an object."""

    def __init__(self, name: str, metrics: tuple[Metric, ...], measures: tuple[Measure, ...]) -> None:
        self.name, self.metrics, self.measures = name, metrics, measures

    @hookimpl
    def kpi_family(self) -> Family:
        return Family(name=self.name, title=self.name.title(), description="What is sold.", api_version=1)

    @hookimpl
    def kpi_metrics(self) -> tuple[Metric, ...]:
        return self.metrics

    @hookimpl
    def kpi_measures(self) -> tuple[Measure, ...]:
        return self.measures


def measure(key: str, unit: str = "MONEY", **changes: Any) -> Measure:
    declared = Measure(
        key=key,
        name=key.replace("_", " ").capitalize(),
        unit=parse_unit(unit),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="It is recorded.",
        source="Ledger",
    )
    return replace(declared, **changes)


def calculated(calculator: Callable[..., Symbol | Choice], key: str, unit: str = "RATIO", **changes: Any) -> Metric:
    declared = metric(unit=unit, direction=Direction.UP, source="Ledger", name=f"The {key}")(calculator)
    return replace(declared, key=key, description="It is calculated.", **changes)


REVENUE, COST, ORDERS = measure("revenue"), measure("cost"), measure("orders", "COUNT(order)")
LATENCY = measure(
    "latency", "DURATION", across=Across.MERGE, over_time=OverTime.MERGE, sketch=Sketch.HISTOGRAM, name="Response time"
)
MARGIN = calculated(lambda revenue, cost: (revenue - cost) / revenue, "margin")


def candidate(*metrics: Metric, name: str = "shop", measures: tuple[Measure, ...] | None = None) -> Candidate:
    recorded = (REVENUE, COST, ORDERS, LATENCY) if measures is None else measures
    return Candidate(name, f"kpi-server-{name}", "1.0", plugin=Plugin(name, metrics, recorded))


def registry(*metrics: Metric) -> Registry:
    return build([candidate(*metrics)])


def refusal(*candidates: Candidate) -> list[str]:
    with pytest.raises(PluginError) as refused:
        build(candidates)
    return [str(problem).partition(" 1.0: ")[2] for problem in refused.value.problems]


def test_parameters_are_measures_and_metrics_of_the_own_family() -> None:
    worth = calculated(lambda margin, orders: margin * orders, "worth", "COUNT(order)")
    calculators = registry(worth, MARGIN).calculators
    assert list(calculators) == ["shop.margin", "shop.worth"]
    worth_inputs = calculators["shop.worth"].inputs
    assert [(one.slot, one.key, one.is_metric) for one in worth_inputs.values()] == [
        ("margin", "shop.margin", True),
        ("orders", "shop.orders", False),
    ]
    assert [(one.rank, one.leaves) for one in calculators.values()] == [
        (0, ("shop.cost", "shop.revenue")),
        (1, ("shop.cost", "shop.orders", "shop.revenue")),
    ]


def test_inputs_say_what_a_parameter_reads_instead() -> None:
    declared = {
        "before": previous("margin"),
        "returned": optional("cost"),
        "year": to_date("revenue", Grain.YEAR),
        "seats": of("places.seats"),
    }
    growth = calculated(
        lambda margin, before, returned, year, seats: (margin - before) * returned / year / seats,
        "growth",
        "COUNT(point)/seat",
        inputs=declared,
        grains=[Grain.MONTH],
        version=3,
        alternative="margin",
    )
    places = candidate(
        calculated(lambda seats: seats * 2, "benches", "COUNT(seat)"),
        name="places",
        measures=(measure("seats", "COUNT(seat)"),),
    )
    calculator = build([candidate(growth, MARGIN), places]).calculators["shop.growth"]
    read = calculator.inputs
    assert (read["before"].key, read["before"].shift) == ("shop.margin", Shift.PREVIOUS)
    assert (read["returned"].key, read["returned"].missing) == ("shop.cost", Missing.ZERO)
    assert (read["year"].key, read["year"].span) == ("shop.revenue", ToDate(Grain.YEAR))
    assert (read["seats"].key, read["seats"].is_metric) == ("places.seats", False)
    assert (calculator.grains, calculator.version, calculator.alternative) == ((Grain.MONTH,), 3, "shop.margin")
    assert calculator.leaves == ("places.seats", "shop.cost", "shop.revenue")
    assert calculator.formula == (
        "(the margin − the margin of the period before) × cost ÷ revenue of the year to date ÷ seats"
    )


def test_a_percentile_is_an_input_of_its_own() -> None:
    slow = calculated(
        lambda latency: percentile(latency, Decimal("0.95")) - percentile(latency, Decimal("0.5")), "slow", "DURATION"
    )
    calculator = registry(slow).calculators["shop.slow"]
    assert [(one.slot, one.key, one.percentile) for one in calculator.inputs.values()] == [
        ("latency@0.95", "shop.latency", Decimal("0.95")),
        ("latency@0.5", "shop.latency", Decimal("0.5")),
    ]
    assert calculator.formula == "95th percentile of response time − 50th percentile of response time"


def test_a_calculator_gives_the_value_of_a_cell() -> None:
    inputs = {"cost": optional("cost")}
    calculator = registry(replace(MARGIN, inputs=inputs)).calculators["shop.margin"]
    assert calculator.evaluate({"revenue": Decimal(80), "cost": Decimal(20)}) == Decimal("0.75")
    assert calculator.evaluate({"revenue": Decimal(80)}) == 1
    assert calculator.evaluate({"cost": Decimal(80)}) == Absent(Absence.NO_DATA)
    assert calculator.evaluate({"revenue": Decimal(0)}) == Absent(Absence.UNDEFINED, "revenue is zero")


def test_a_family_that_is_not_installed_disturbs_nobody_else() -> None:
    per_seat = calculated(
        lambda revenue, seats: revenue / seats, "per_seat", "MONEY", inputs={"seats": of("places.seats")}
    )
    twice = calculated(lambda per_seat: per_seat * 2, "twice", "MONEY")
    calculators = registry(per_seat, twice, MARGIN).calculators
    assert [(key, one.lacking) for key, one in calculators.items()] == [
        ("shop.margin", ()),
        ("shop.per_seat", ("places",)),
        ("shop.twice", ("places",)),
    ]
    reason = "cannot be calculated: family places is not installed"
    amounts = {"revenue": Decimal(1), "seats": Decimal(1), "per_seat": Decimal(1)}
    assert calculators["shop.twice"].evaluate(amounts) == Absent(Absence.NO_DATA, reason)
    assert calculators["shop.per_seat"].formula == "revenue ÷ seats"


def test_what_reads_a_quarantined_family_is_served_without_it() -> None:
    broken = candidate(replace(MARGIN, key="margin", source=""), name="places", measures=(REVENUE, COST))
    reading = calculated(lambda margin: margin * 2, "twice", inputs={"margin": of("places.margin")})
    served = build([candidate(reading), broken], Policy.QUARANTINE)
    assert [loaded.family.name for loaded in served.families] == ["shop"]
    assert served.calculators["shop.twice"].lacking == ("places",)


def health(margin: Symbol, orders: Symbol) -> Choice:
    """Whether it goes well."""
    return choose((margin > Decimal("0.2")) & (orders >= 10), "Good", "Bad")


@pytest.mark.parametrize(
    ("calculator", "unit"),
    [
        (lambda revenue, orders: revenue / orders, "MONEY"),
        (lambda revenue, cost: revenue / cost, "MULTIPLE"),
        (lambda revenue, cost: revenue / (cost / 12), "MONTHS"),
        (lambda revenue, cost: 100 * (revenue - cost) / revenue, "POINTS"),
        (lambda orders, seats: orders / seats * 100, "COUNT(order)/100 seats"),
        (lambda orders, seats: orders / seats, "RATIO"),
        (lambda margin: 1 - margin, "RATIO"),
        (lambda orders: orders + 1, "COUNT(order)"),
        (lambda revenue: 0 - revenue, "MONEY"),
        (lambda rating, orders: rating / orders, "SCORE"),
        (lambda latency: percentile(latency, Decimal("0.95")), "DURATION"),
        (health, "TEXT"),
    ],
)
def test_units_that_combine_to_the_declared_kind_are_served(calculator: Any, unit: str) -> None:
    measures = (REVENUE, COST, ORDERS, LATENCY, measure("seats", "COUNT(seat)"), measure("rating", "SCORE"))
    shop = candidate(MARGIN, calculated(calculator, "tried", unit), measures=measures)
    assert "shop.tried" in build([shop]).calculators


TEXT = calculated(health, "health", "TEXT")
REPORTED = replace(MARGIN, key="reported", name="Reported", calculator=None)


@pytest.mark.parametrize(
    ("calculator", "unit", "inputs", "message"),
    [
        (
            lambda revenue, order: revenue / order,
            "MONEY",
            {},
            "asks for order, which is neither a measure nor a metric of shop; did you mean orders?",
        ),
        (
            lambda revenue, xyz: revenue / xyz,
            "MONEY",
            {},
            "asks for xyz, which is neither a measure nor a metric of shop",
        ),
        (lambda revenue: revenue, "MONEY", {"costs": of("cost")}, "has no parameter costs, which its inputs declare"),
        (
            lambda reported: reported,
            "RATIO",
            {},
            "reads shop.reported, which is only reported: nothing records or calculates it",
        ),
        (lambda health: health, "RATIO", {}, "reads shop.health, which is words"),
        (
            lambda margin: margin,
            "RATIO",
            {"margin": rolling("margin", 3)},
            "rolls up shop.margin, which is a metric; only a measure can be rolled up",
        ),
        (
            lambda latency: latency,
            "DURATION",
            {},
            "reads shop.latency, a HISTOGRAM, of which only percentile(…) gives a number",
        ),
        (
            lambda revenue: percentile(revenue, Decimal("0.9")),
            "MONEY",
            {},
            "takes a percentile of shop.revenue, which is no HISTOGRAM",
        ),
        (
            lambda margin: percentile(margin, Decimal("0.9")),
            "RATIO",
            {},
            "takes a percentile of shop.margin, which is no HISTOGRAM",
        ),
        (
            lambda revenue, orders: revenue + orders,
            "MONEY",
            {},
            "adds revenue (MONEY) and orders (COUNT(order)): different units",
        ),
        (
            lambda revenue, orders: revenue - revenue / revenue * orders,
            "MONEY",
            {},
            "takes revenue ÷ revenue × orders (a count) from revenue (MONEY): different units",
        ),
        (
            lambda orders, margin: orders - margin,
            "COUNT(order)",
            {},
            "takes the margin (RATIO) from orders (COUNT(order)): different units",
        ),
        (lambda revenue: revenue + 1, "MONEY", {}, "adds revenue (MONEY) and 1 (a plain number): different units"),
        (
            lambda revenue, orders: choose(revenue > orders, "Yes", "No"),
            "TEXT",
            {},
            "compares revenue (MONEY) and orders (COUNT(order)): different units",
        ),
        (lambda revenue, orders: revenue / orders, "RATIO", {}, "gives money, but the metric's unit is RATIO"),
        (lambda revenue, cost: revenue / cost, "MONEY", {}, "gives a plain number, but the metric's unit is MONEY"),
        (lambda orders: orders, "RATIO", {}, "gives a count, but the metric's unit is RATIO"),
        (
            lambda revenue, cost: revenue * cost,
            "MONEY",
            {},
            "gives money × money, but the metric's unit is MONEY",
        ),
        (lambda orders, revenue: orders / revenue, "RATIO", {}, "gives 1 ÷ money, but the metric's unit is RATIO"),
        (lambda revenue: revenue, "TEXT", {}, "gives a number, but the metric's unit is TEXT; choose(…) gives words"),
        (
            lambda revenue: choose(revenue > 0, "Yes", "No"),
            "MONEY",
            {},
            "chooses words, but the metric's unit is MONEY; TEXT is for words",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused_with_file_and_line(
    calculator: Any, unit: str, inputs: dict[str, Input], message: str
) -> None:
    shop = candidate(MARGIN, TEXT, REPORTED, calculated(calculator, "tried", unit, inputs=inputs))
    place = f"{__file__}:{calculator.__code__.co_firstlineno}"
    assert refusal(shop) == [f"shop.tried: its calculator at {place}: {message}"]


def _code(declared: Metric) -> CodeType | None:
    return getattr(declared.calculator, "__code__", None)


def test_a_circle_is_refused_with_its_path() -> None:
    first = calculated(lambda second, revenue: second * revenue / revenue, "first")
    second = calculated(lambda third: third + 1, "second")
    third = calculated(lambda before: before - 1, "third", inputs={"before": previous("first")})
    fourth = calculated(lambda first: first * 2, "fourth")
    alone = calculated(lambda alone: alone * 2, "alone")
    problems = sorted(refusal(candidate(third, second, first, fourth, alone)))
    lines = [f"{code.co_filename}:{code.co_firstlineno}" for one in (alone, first) if (code := _code(one))]
    assert problems == [
        f"shop.alone: its calculator at {lines[0]}: calculates itself: shop.alone reads shop.alone",
        f"shop.first: its calculator at {lines[1]}: calculates itself: "
        "shop.first reads shop.second reads shop.third reads shop.first",
    ]


def test_a_circle_through_two_families_leaves_both_out() -> None:
    mine = calculated(lambda theirs: theirs * 2, "mine", inputs={"theirs": of("places.theirs")})
    theirs = calculated(lambda mine: mine * 2, "theirs", inputs={"mine": of("shop.mine")})
    places = candidate(theirs, name="places", measures=())
    served = build([candidate(mine), places], Policy.QUARANTINE)
    assert (served.families, dict(served.calculators)) == ((), {})
    reason = "calculates itself: places.theirs reads shop.mine reads places.theirs"
    assert [left.reason.endswith(reason) for left in served.quarantined] == [True, True]


def test_every_problem_of_a_formula_is_reported_at_once() -> None:
    first = calculated(lambda revenu, ordrs: revenu / ordrs, "first", "MONEY", alternative="marge")
    second = calculated(lambda revenue, orders: revenue - orders, "second", "MONEY")
    problems = refusal(candidate(first, second, MARGIN))
    assert [problem.rpartition(": ")[2] if "different" not in problem else "units" for problem in problems] == [
        "its alternative is marge, which is neither a measure nor a metric of shop; did you mean margin?",
        "asks for revenu, which is neither a measure nor a metric of shop; did you mean revenue?",
        "asks for ordrs, which is neither a measure nor a metric of shop; did you mean orders?",
        "units",
    ]


def test_the_digest_changes_with_a_formula_but_not_with_its_function() -> None:
    def share(revenue: Symbol, cost: Symbol) -> Symbol:
        return (revenue - cost) / revenue

    def other(revenue: Symbol, cost: Symbol) -> Symbol:
        return (revenue + cost) / revenue

    same, named, changed = (registry(replace(MARGIN, calculator=one)) for one in (MARGIN.calculator, share, other))
    assert same.digest == named.digest != changed.digest


def test_the_digest_changes_with_an_input() -> None:
    changed = registry(replace(MARGIN, inputs={"cost": optional("cost")}))
    assert changed.digest != registry(MARGIN).digest


def test_calculators_cannot_be_changed() -> None:
    calculators = registry(MARGIN).calculators
    with pytest.raises(TypeError):
        calculators["shop.margin"] = calculators["shop.margin"]  # type: ignore[index]
