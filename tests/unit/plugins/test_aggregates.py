"""What a family says of its aggregates: all that is wrong at once, by name."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kpi_server.errors import PluginError
from kpi_server.plugin import (
    Across,
    Aggregate,
    Cell,
    Direction,
    Events,
    Family,
    Grain,
    Measure,
    Metric,
    OverTime,
    aggregate,
    hookimpl,
    parse_unit,
)
from kpi_server.registry import Candidate, Registry, build
from kpi_server.registry.aggregate_rules import among, faults

GUSTS = Measure(
    key="gusts",
    name="Gusts",
    unit=parse_unit("COUNT(gust)"),
    across=Across.SUM,
    over_time=OverTime.SUM,
    description="Gusts of the period.",
    source="WMO-No. 8",
)
WIND = Metric(
    key="wind",
    name="Wind",
    unit=parse_unit("COUNT(gust)"),
    direction=Direction.NONE,
    description="How it blows.",
    source="WMO-No. 8",
)


@aggregate(kind="gust", outputs=("gusts",), amount="DURATION", by=("station",))
async def blowing(events: Events) -> Sequence[Cell]:
    """Gusts, by day."""
    return [Cell("gusts", total.period, total.segment, total.number) for total in await events.totals()]


class Plugin:
    """A plugin as an object."""

    def __init__(self, name: str, aggregates: object) -> None:
        self.name, self.aggregates = name, aggregates

    @hookimpl
    def kpi_family(self) -> Family:
        return Family(name=self.name, title=self.name.title(), description="What blows.", api_version=1)

    @hookimpl
    def kpi_metrics(self) -> list[Metric]:
        return [replace(WIND, name=f"{self.name} wind", key=f"{self.name}_wind")]

    @hookimpl
    def kpi_measures(self) -> list[Measure]:
        return [GUSTS]

    @hookimpl
    def kpi_aggregates(self) -> object:
        return self.aggregates


def candidate(aggregates: object, name: str = "weather") -> Candidate:
    return Candidate(name, f"kpi-server-{name}", "1.0", plugin=Plugin(name, aggregates))


def registry(aggregates: object) -> Registry:
    return build([candidate(aggregates)])


def test_aggregates_and_their_kinds_are_in_the_registry() -> None:
    made = registry([blowing])
    assert [*made.aggregates] == ["weather.blowing"]
    assert made.aggregates["weather.blowing"].description == "Gusts, by day."
    assert str(made.event_kinds["gust"].amount) == "DURATION"


def test_a_changed_aggregate_is_another_registry() -> None:
    assert registry([blowing]).digest != registry([replace(blowing, version=2)]).digest
    assert registry([blowing]).digest == registry((blowing,)).digest


def not_async(events: Events) -> list[Cell]:
    del events
    return []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "Blowing"}, "weather.Blowing: its key must be snake case such as 'daily_sessions'"),
        ({"kind": "a gust"}, "weather.blowing: its kind must be snake case such as 'session'"),
        ({"function": not_async}, "weather.blowing: its function must be async: it asks the database"),
        ({"description": ""}, "weather.blowing: has no description: its function has no docstring"),
        ({"outputs": ()}, "weather.blowing: makes no measure"),
        ({"outputs": "gusts"}, "weather.blowing: its outputs must be a tuple or list of keys"),
        ({"by": ("The Station",)}, "weather.blowing: its by must be keys in snake case"),
        ({"outputs": ("gust",)}, "weather.blowing: makes gust, which is no measure of the family"),
        ({"grain": "DAY!"}, "weather.blowing: its grain must be a Grain such as Grain.DAY"),
        ({"amount": "SECONDS"}, "weather.blowing: its amount is in no unit: 'SECONDS'"),
        ({"version": 0}, "weather.blowing: its version must be a whole number from 1"),
    ],
)
def test_what_is_wrong_with_an_aggregate_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError) as caught:
        registry([replace(blowing, **changes)])
    assert [str(problem) for problem in caught.value.problems] == [f"kpi-server-weather 1.0: {message}"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("blowing", "kpi_aggregates: must answer a tuple or list of Aggregate, not str"),
        ([blowing, 5], "kpi_aggregates: item 2 must be a Aggregate, not int"),
        ([blowing, replace(blowing, key="gusty")], "weather.gusty: makes gusts, which blowing makes already"),
        ([blowing, blowing], "weather.blowing: its key is given to two aggregates"),
    ],
)
def test_what_is_wrong_between_aggregates_is_named(answer: object, message: str) -> None:
    with pytest.raises(PluginError) as caught:
        registry(answer)
    assert [str(problem) for problem in caught.value.problems] == [f"kpi-server-weather 1.0: {message}"]


def test_one_kind_of_event_has_amounts_in_one_unit() -> None:
    other: Aggregate = replace(blowing, amount=None, grain=Grain.MONTH)
    with pytest.raises(PluginError) as caught:
        build([candidate([blowing]), candidate([other], "climate")])
    assert [str(problem) for problem in caught.value.problems] == [
        "kpi-server-weather 1.0: weather.blowing: reads gust events with amounts in DURATION; "
        "climate.blowing in nothing"
    ]


def test_the_aggregate_in_the_documentation_keeps_the_rules(repository: Path) -> None:
    page = (repository / "docs" / "plugins.md").read_text("utf-8")
    told = page.partition("### kpi_aggregates")[2].partition("```python\n")[2].partition("```")[0]
    made: dict[str, Any] = {}
    exec(told, made)  # noqa: S102 - the documentation is ours
    measures = [replace(GUSTS, key=key) for key in ("requests", "response_times")]
    assert [*faults(made["requests"]), *among([made["requests"]], measures)] == []
