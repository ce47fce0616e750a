"""What a family records says how it adds up; what does not is refused by name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from kpi_server.errors import PluginError
from kpi_server.plugin import (
    Across,
    Direction,
    Family,
    Input,
    Measure,
    Metric,
    Missing,
    OverTime,
    Sketch,
    Symbol,
    Vector,
    carried,
    hookimpl,
    metric,
    parse_unit,
    rolling,
)
from kpi_server.registry import Candidate, build


class Plugin:
    """A plugin as an object."""

    def __init__(self, metrics: object, measures: object, vectors: object) -> None:
        self.metrics, self.measures, self.vectors = metrics, measures, vectors

    @hookimpl
    def kpi_family(self) -> Family:
        return Family(name="weather", title="Weather", description="What falls and blows.", api_version=1)

    @hookimpl
    def kpi_metrics(self) -> object:
        return self.metrics

    @hookimpl
    def kpi_measures(self) -> object:
        return self.measures

    @hookimpl
    def kpi_vectors(self) -> object:
        return self.vectors


DAYS = Measure(
    key="days",
    name="Days",
    unit=parse_unit("COUNT(day)"),
    across=Across.NONE,
    over_time=OverTime.SUM,
    description="Days of the period.",
    source="WMO-No. 8",
)
WET = replace(DAYS, key="wet_days", name="Wet days", across=Across.SUM, description="Days on which rain fell.")


@metric(unit="RATIO", direction=Direction.NONE, source="WMO-No. 8")
def wetness(wet_days: Symbol, days: Symbol) -> Symbol:
    """Share of days on which rain fell."""
    return wet_days / days


PROOF = Vector(metric="wetness", given={"wet_days": 3, "days": 30}, expected="0.1", source="3 of 30")


def candidate(
    measures: object = (DAYS, WET), metrics: Sequence[Metric] = (wetness,), vectors: object = (PROOF,)
) -> Candidate:
    return Candidate("weather", "kpi-server-weather", "1.0", plugin=Plugin(metrics, measures, vectors))


def refusal(candidate: Candidate) -> list[str]:
    with pytest.raises(PluginError) as refused:
        build([candidate])
    prefix = "kpi-server-weather 1.0: "
    return [str(problem).removeprefix(prefix) for problem in refused.value.problems]


def test_measures_and_vectors_are_kept_with_their_family() -> None:
    registry = build([candidate()])
    assert dict(registry.measures) == {"weather.days": DAYS, "weather.wet_days": WET}
    assert registry.families[0].vectors == (PROOF,)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("weather.days", ["weather.days"]),
        ("Wet Days", ["weather.wet_days"]),
        ("rainy-days", ["weather.dry_days", "weather.wet_days"]),
        ("Days of rain", ["weather.wet_days"]),
        ("dry_days", ["weather.dry_days"]),
        ("wetness", []),
    ],
)
def test_a_measure_has_its_key_its_name_and_aliases_which_two_may_share(text: str, keys: list[str]) -> None:
    wet = replace(WET, aliases=("Rainy days", "Days of rain"))
    dry = replace(WET, key="dry_days", name="Days without", aliases=("Rainy days",))
    assert sorted(build([candidate((DAYS, wet, dry))]).resolve_measure(text)) == keys


def test_a_family_that_only_reports_declares_neither() -> None:
    class Reporting:
        @hookimpl
        def kpi_family(self) -> Family:
            return Family(name="weather", title="Weather", description="What falls and blows.", api_version=1)

        @hookimpl
        def kpi_metrics(self) -> tuple[Metric, ...]:
            return (replace(wetness, calculator=None),)

    registry = build([Candidate("weather", "kpi-server-weather", "1.0", plugin=Reporting())])
    assert (dict(registry.measures), registry.families[0].vectors) == ({}, ())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": "", "description": " "}, "has no description and no source"),
        ({"unit": "COUNT(day)"}, "its unit must be a Unit such as parse_unit('RATIO'), not str"),
        ({"unit": parse_unit("TEXT")}, "its unit is TEXT; a measure is a quantity"),
        ({"unit": parse_unit("MONEY(EUR)")}, "its unit MONEY(EUR) fixes the currency, which is the organization's"),
        (
            {"across": "SUM"},
            "does not say how it adds up across segments: "
            "Across.SUM, Across.MIN, Across.MAX, Across.WEIGHTED, Across.MERGE, Across.NONE",
        ),
        (
            {"over_time": None},
            "does not say how it adds up over time: OverTime.SUM, OverTime.LAST, OverTime.FIRST, OverTime.AVG, "
            "OverTime.MIN, OverTime.MAX, OverTime.MERGE, OverTime.NONE",
        ),
        ({"across": Across.WEIGHTED}, "is WEIGHTED but names no measure as its weight"),
        ({"across": Across.WEIGHTED, "weight": "days"}, "is weighted by itself"),
        ({"weight": "wet_days"}, "names a weight but is not Across.WEIGHTED"),
        (
            {"across": Across.WEIGHTED, "weight": "wet_dys"},
            "is weighted by wet_dys, which is neither a measure nor a metric of weather; did you mean wet_days?",
        ),
        (
            {"across": Across.WEIGHTED, "weight": "wet_days"},
            "is weighted by wet_days, which does not add up across segments: it is MAX",
        ),
        (
            {"alternative": "wetnes"},
            "its alternative is wetnes, which is neither a measure nor a metric of weather; did you mean wetness?",
        ),
        (
            {"over_time": OverTime.MERGE},
            "merges, but only a sketch can be merged; say which it is: Sketch.DISTINCT or HISTOGRAM",
        ),
        ({"sketch": Sketch.DISTINCT}, "is a sketch, so across and over_time must both be MERGE"),
        ({"sketch": "DISTINCT"}, "its sketch must be Sketch.DISTINCT or HISTOGRAM"),
        (
            {
                "sketch": Sketch.DISTINCT,
                "across": Across.MERGE,
                "over_time": OverTime.MERGE,
                "unit": parse_unit("DURATION"),
            },
            "its unit is DURATION; a DISTINCT sketch counts, so its unit is COUNT(…)",
        ),
    ],
)
def test_a_measure_that_cannot_be_rolled_up_is_refused(changes: Mapping[str, Any], message: str) -> None:
    wet = replace(WET, across=Across.MAX) if message.endswith("MAX") else WET
    assert f"weather.days: {message}" in refusal(candidate([replace(DAYS, **changes), wet]))


@pytest.mark.parametrize(
    "changes",
    [
        {"across": Across.WEIGHTED, "weight": "wet_days"},
        {"alternative": "wetness"},
        {"sketch": Sketch.DISTINCT, "across": Across.MERGE, "over_time": OverTime.MERGE},
        {
            "sketch": Sketch.HISTOGRAM,
            "across": Across.MERGE,
            "over_time": OverTime.MERGE,
            "unit": parse_unit("DURATION"),
        },
    ],
)
def test_a_measure_within_the_rules_is_served(changes: Mapping[str, Any]) -> None:
    rain = replace(DAYS, key="rain", name="Rain", **changes)
    assert build([candidate([DAYS, WET, rain])]).measures["weather.rain"] == rain


def test_a_key_belongs_to_a_metric_or_to_a_measure() -> None:
    twice = replace(DAYS, name="Days again")
    metrics = (wetness, replace(wetness, key="wet_days", name="Wetness of days", calculator=None))
    assert refusal(candidate([DAYS, WET, twice], metrics)) == [
        "weather.wet_days: its key is given to a metric and a measure, 'Wetness of days' and 'Wet days'",
        "weather.days: its key is given to two measures, 'Days' and 'Days again'",
    ]


def test_everything_wrong_is_said_at_once() -> None:
    @metric(unit="RATOI", direction=Direction.NONE, source="", name="Dryness", version=0)
    def dryness(wet_days: Symbol, days: Symbol) -> Symbol:
        return 0.5 * wet_days / days

    line = dryness.calculator.__code__.co_firstlineno + 2  # type: ignore[union-attr]
    problems = refusal(candidate([replace(DAYS, name=""), WET], (dryness,), [PROOF, "0.1"]))
    assert [problem.partition("; units read")[0] for problem in problems] == [
        "weather.dryness: has no description and no source",
        "weather.dryness: its unit cannot be read: 'RATOI' is no unit",
        "weather.dryness: its version must be a whole number from 1, not 0",
        "weather.days: has no name",
        "kpi_vectors: item 2 must be a Vector, not str",
        f"weather.dryness: its calculator at {__file__}:{line}: contains the float 0.5, which is not exact; "
        'write Decimal("0.5")',
    ]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (rolling("days", 0), "its input days rolls over 0 periods; at least 1 is needed"),
        (carried("days", 0), "its input days is carried over no period; say how many"),
        (Input(missing=Missing.ZERO, carry=2), "its input days says how far, but is not CARRY"),
    ],
)
def test_an_input_that_contradicts_itself_is_refused(declared: Input, message: str) -> None:
    assert refusal(candidate(metrics=[replace(wetness, inputs={"days": declared})])) == [f"weather.wetness: {message}"]


@pytest.mark.parametrize(
    ("hook", "answer", "message"),
    [
        ("measures", None, "kpi_measures: must answer a tuple or list of Measure, not nothing"),
        ("measures", [wetness], "kpi_measures: item 1 must be a Measure, not Metric"),
        ("vectors", {"a": 1}, "kpi_vectors: must answer a tuple or list of Vector, not dict"),
        ("vectors", [replace(PROOF, source="")], "vector of wetness: has no source"),
        (
            "vectors",
            [replace(PROOF, given=[1])],  # type: ignore[arg-type]
            "vector of wetness: given must be a mapping of parameters to values",
        ),
    ],
)
def test_an_answer_of_another_kind_is_refused(hook: str, answer: object, message: str) -> None:
    assert message in refusal(candidate(**{hook: answer}))


def test_the_digest_changes_with_a_measure() -> None:
    plain, other = build([candidate()]), build([candidate([DAYS, replace(WET, over_time=OverTime.MAX)])])
    assert plain.digest != other.digest
