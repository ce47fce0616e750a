"""Families shape the schema: a field each, refused by name where it would hide one of the core's."""

from dataclasses import replace

import pytest
import strawberry
from graphql import build_schema as parse_schema

from kpi_server.api.schema import build_schema
from kpi_server.api.types.enums import FamilyHealth
from kpi_server.api.types.family import family_named, served_families
from kpi_server.api.types.family_view import FamilyView, computed
from kpi_server.errors import PluginError
from kpi_server.plugin import Direction, Family, Metric, parse_unit
from kpi_server.registry import LoadedFamily, QuarantinedFamily, Registry

RAIN = Metric(
    key="rain_fall",
    name="Rainfall",
    unit=parse_unit("COUNT(millimetre)/day"),
    direction=Direction.NONE,
    description="Height of the water that fell.",
    source="WMO-No. 8, chapter 6",
    aliases=("Precipitation",),
)


def loaded(name="weather", *metrics):
    family = Family(name=name, title=name.capitalize(), description=f"About {name}.", api_version=1)
    return LoadedFamily(family, metrics or (RAIN,), f"kpi-server-{name}", "1.0", f"{name}.py")


def registry(*families, quarantined=()):
    return Registry(families, quarantined, "digest")


def test_each_family_is_a_field_with_its_metrics():
    schema = parse_schema(build_schema(registry(loaded(), loaded("tides", replace(RAIN, key="ebb")))).as_str())
    organization = schema.type_map["Organization"]
    assert str(organization.fields["weather"].type) == "WeatherFamily"
    assert organization.fields["weather"].description == "About weather."
    assert str(schema.type_map["WeatherFamily"].fields["rainFall"].type) == "Kpi"
    assert set(schema.type_map["TidesFamily"].fields) == {"kpis", "family", "ebb"}


@strawberry.type
class WeatherFields(FamilyView):
    @computed("How often the forecast proved right, of the last days.")
    def proved_right(self, days: int = 7) -> int | None:
        return days - 1


@strawberry.type
class Undescribed(FamilyView):
    tide: int | None = None


@strawberry.type(description="Anybody could have a type of this name.")
class Gust:
    knots: int = strawberry.field(description="Its speed.")


@strawberry.type(description="A storm, of which one part has a name of anybody's.")
class WeatherStorm:
    gusts: list[Gust] = strawberry.field(description="What it is made of.")


@strawberry.type
class Careless(FamilyView):
    @computed("The worst storm.")
    def worst(self) -> WeatherStorm:
        return WeatherStorm(gusts=[])


def test_a_familys_own_class_adds_fields_beside_its_metrics():
    """The hook kpi_fields names the class."""
    own = replace(loaded(), fields=f"{__name__}:WeatherFields")
    printed = build_schema(registry(own, loaded("tides"))).as_str()
    schema = parse_schema(printed)
    assert set(schema.type_map["WeatherFamily"].fields) == {"kpis", "family", "rainFall", "provedRight"}
    assert "provedRight(days: Int! = 7): Int\n" in printed
    assert set(schema.type_map["TidesFamily"].fields) == {"kpis", "family", "rainFall"}


@pytest.mark.parametrize(
    ("reference", "metric", "problem"),
    [
        ("nowhere:Fields", "rain", "weather: kpi_fields: nowhere:Fields cannot be used: ModuleNotFoundError"),
        (f"{__name__}:Missing", "rain", f"weather: kpi_fields: {__name__}:Missing cannot be used: AttributeError"),
        (f"{__name__}:RAIN", "rain", "RAIN cannot be used: BadInput: it is not made from FamilyView"),
        (f"{__name__}:Undescribed", "rain", "Undescribed cannot be used: BadInput: nothing describes its field tide"),
        (
            f"{__name__}:Careless",
            "rain",
            "its field worst is never null, so an error in it would take the family's other fields along; "
            "Gust of its field worst does not begin with Weather: types are everybody's",
        ),
        (
            f"{__name__}:WeatherFields",
            "proved_right",
            f"weather.proved_right: {__name__}:WeatherFields already has the field provedRight; rename the metric",
        ),
    ],
)
def test_own_fields_that_cannot_be_shown_are_refused_with_their_owner(reference, metric, problem):
    with pytest.raises(PluginError) as refused:
        build_schema(registry(replace(loaded("weather", replace(RAIN, key=metric)), fields=reference)))
    [found] = refused.value.problems
    assert problem in str(found)
    assert str(found).startswith("kpi-server-weather 1.0: weather")


def test_two_schemas_of_one_process_do_not_share_families():
    with_weather = parse_schema(build_schema(registry(loaded())).as_str())
    without = parse_schema(build_schema(registry()).as_str())
    assert "weather" in with_weather.type_map["Organization"].fields
    assert "weather" not in without.type_map["Organization"].fields
    assert "WeatherFamily" not in without.type_map


@pytest.mark.parametrize(
    ("family", "problem"),
    [
        (loaded("risks"), "risks: an organization has a field of this name; rename the family"),
        (loaded("record"), "record: an organization has a field of this name; rename the family"),
        (
            loaded("weather", replace(RAIN, key="kpis")),
            "weather.kpis: every family already has the field kpis; rename the metric",
        ),
        (
            loaded("weather", replace(RAIN, key="p_95"), replace(RAIN, key="p95")),
            "weather.p95: weather.p_95 already has the field p95; rename the metric",
        ),
    ],
)
def test_a_name_that_the_schema_needs_is_refused_with_its_owner(family, problem):
    with pytest.raises(PluginError) as refused:
        build_schema(registry(family))
    assert [str(found) for found in refused.value.problems] == [f"{family.distribution} 1.0: {problem}"]


def test_families_say_whether_they_are_served():
    known = registry(loaded(), quarantined=(QuarantinedFamily("tides", "kpi-server-tides", "2.0", ("broken",)),))
    assert [(family.name, family.health, family.version) for family in served_families(known)] == [
        ("weather", FamilyHealth.LOADED, "1.0"),
        ("tides", FamilyHealth.QUARANTINED, "2.0"),
    ]
    assert family_named(known, "weather").metrics[0].key == "weather.rain_fall"
    assert family_named(known, "weather").metrics[0].aliases == ["Precipitation"]
    assert family_named(known, "tides").health is FamilyHealth.QUARANTINED
    missing = family_named(known, "custom")
    assert (missing.title, missing.health, missing.metrics) == ("custom", FamilyHealth.MISSING, [])
