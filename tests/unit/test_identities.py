"""A family's identities are read at start-up; wrong ones are refused by name."""

from dataclasses import replace
from typing import Any

import pytest

from kpi_server.errors import PluginError
from kpi_server.plugin import Direction, Family, Metric, hookimpl, parse_unit
from kpi_server.registry import Candidate, build


class Plugin:
    """A plugin as an object."""

    def __init__(self, *metrics: Metric) -> None:
        self.metrics = metrics

    @hookimpl
    def kpi_family(self) -> Family:
        return Family(name="weather", title="Weather", description="What falls and blows.", api_version=1)

    @hookimpl
    def kpi_metrics(self) -> tuple[Metric, ...]:
        return self.metrics


def _metric(key: str, **fields: Any) -> Metric:
    return Metric(
        key=key,
        name=key,
        unit=parse_unit("RATIO"),
        direction=Direction.NONE,
        description="It falls or blows.",
        source="WMO-No. 8",
        **fields,
    )


RAIN, DRY = _metric("rain"), _metric("dry", identity="1 - rain")


def _candidate(*metrics: Metric) -> Candidate:
    return Candidate("weather", "kpi-server-weather", "1.0", plugin=Plugin(*metrics))


def test_the_registry_knows_identities_by_kpi_key():
    registry = build([_candidate(RAIN, DRY)])
    assert {key: str(identity) for key, identity in registry.identities.items()} == {"weather.dry": "1 - weather.rain"}


def test_another_familys_metric_need_not_be_installed():
    registry = build([_candidate(RAIN, _metric("yield", identity="rain * farming.area"))])
    assert registry.identities["weather.yield"].inputs == ("weather.rain", "farming.area")


@pytest.mark.parametrize(
    ("identity", "message"),
    [
        ("1 -", 'its identity cannot be read: "1 -" ends where a metric or number should stand'),
        ("1 - snow", "its identity names weather.snow, which the family does not define"),
        ("dry * 2", "its identity names itself"),
        ("weather.dry * 2", "its identity names itself"),
        (None, "its identity must be a text such as 'clv / cac', not nothing"),
        (("rain",), "its identity must be a text such as 'clv / cac', not tuple"),
    ],
)
def test_a_wrong_identity_is_refused(identity, message):
    with pytest.raises(PluginError) as refused:
        build([_candidate(RAIN, replace(DRY, identity=identity))])
    assert [str(problem) for problem in refused.value.problems] == [f"kpi-server-weather 1.0: weather.dry: {message}"]


def test_another_identity_is_another_digest():
    plain, other = build([_candidate(RAIN, _metric("dry"))]), build([_candidate(RAIN, DRY)])
    assert plain.digest != other.digest
