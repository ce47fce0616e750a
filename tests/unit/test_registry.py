"""What families offer is judged all at once, ordered and frozen; a clash names both owners."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kpi_server.errors import PluginError
from kpi_server.plugin import Direction, Family, Grain, Metric, Unit, hookimpl, of, parse_unit
from kpi_server.registry import Candidate, Policy, Registry, build, fold_name


class Plugin:
    """A plugin as an object; counts how often its hooks run."""

    def __init__(self, family: object, metrics: object) -> None:
        self.family, self.metrics, self.calls = family, metrics, 0

    @hookimpl
    def kpi_family(self) -> object:
        self.calls += 1
        return self.family

    @hookimpl
    def kpi_metrics(self) -> object:
        self.calls += 1
        return self.metrics


RAIN = Metric(
    key="rain",
    name="Rainfall",
    unit=parse_unit("COUNT(millimetre)/day"),
    direction=Direction.NONE,
    description="Height of the water that fell.",
    source="WMO-No. 8, chapter 6",
)


def family(name: str = "weather", **changes: Any) -> Family:
    declared = Family(name=name, title="Weather", description="What falls and blows.", api_version=1)
    return replace(declared, **changes)


def candidate(name: str = "weather", *metrics: object, version: str = "1.0", **changes: Any) -> Candidate:
    plugin = Plugin(family(name), metrics or (RAIN,))
    return replace(Candidate(name, f"kpi-server-{name}", version, plugin=plugin), **changes)


def refusal(*candidates: Candidate) -> list[str]:
    """The problems of a strict build, one line each."""
    with pytest.raises(PluginError) as refused:
        build(candidates)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Weather"}, "family Weather: its name must be one lower-case word such as 'financial'"),
        ({"name": "two_words"}, "family two_words: its name must be one lower-case word such as 'financial'"),
        ({"title": " "}, "family weather: has no title"),
        ({"title": "", "description": ""}, "family weather: has no title and no description"),
    ],
)
def test_a_family_that_cannot_be_shown_is_refused(changes: Mapping[str, Any], message: str) -> None:
    broken = candidate(plugin=Plugin(family(**changes), [RAIN]))
    assert refusal(broken) == [f"kpi-server-weather 1.0: {message}"]


def test_a_family_without_a_metric_is_refused() -> None:
    empty = candidate(plugin=Plugin(family(), []))
    assert refusal(empty) == ["kpi-server-weather 1.0: kpi_metrics: answered no metric; a family has at least one"]


FIXED = "which is the organization's; else say why in fixed_unit_reason"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"description": ""}, "has no description"),
        ({"description": "  ", "source": ""}, "has no description and no source"),
        ({"name": ""}, "has no name"),
        ({"unit": 7}, "its unit must be a Unit such as parse_unit('RATIO'), not int"),
        ({"unit": "MONEY"}, "its unit must be a Unit such as parse_unit('RATIO'), not str"),
        ({"unit": Unit(kind=None)}, "its unit has no kind"),  # type: ignore[arg-type]
        ({"unit": parse_unit("MONEY(EUR)/month")}, f"its unit MONEY(EUR)/month fixes the currency, {FIXED}"),
        ({"unit": parse_unit("SCORE(0,5)")}, f"its unit SCORE(0,5) fixes the scale, {FIXED}"),
        ({"direction": "UP!"}, "its direction must be Direction.UP, DOWN or NONE"),
        ({"aliases": "RF"}, "its aliases must be a tuple or list of texts, not str"),
        ({"aliases": ["→"]}, "its alias '→' has no letter or digit"),
        ({"aliases": [7]}, "its alias 7 has no letter or digit"),
        (
            {"acceptable": Decimal(0)},
            "its acceptable attainment must be a Decimal above 0 and up to 1, not Decimal('0')",
        ),
        (
            {"acceptable": Decimal("1.01")},
            "its acceptable attainment must be a Decimal above 0 and up to 1, not Decimal('1.01')",
        ),
        (
            {"acceptable": Decimal("NaN")},
            "its acceptable attainment must be a Decimal above 0 and up to 1, not Decimal('NaN')",
        ),
        ({"acceptable": 0.9}, "its acceptable attainment must be a Decimal above 0 and up to 1, not 0.9"),
        ({"calculator": "a / b"}, "its calculator must be a function"),
        ({"version": 0}, "its version must be a whole number from 1, not 0"),
        ({"grains": ("MONTH",)}, "its grains must be a tuple or list of Grain, not ('MONTH',)"),
        ({"inputs": {"rain": of("snow")}}, "has inputs but no calculator that reads them"),
        (
            {"inputs": ["rain"]},
            "its inputs must be a mapping of parameters to Input, such as {'before': previous('mrr')}",
        ),
    ],
)
def test_a_metric_that_cannot_be_judged_is_refused(changes: Mapping[str, Any], message: str) -> None:
    assert refusal(candidate("weather", replace(RAIN, **changes))) == [
        f"kpi-server-weather 1.0: weather.rain: {message}"
    ]


@pytest.mark.parametrize("key", ["", "Rain", "rain-fall", "rain__fall", "_rain", "rain_", "1st_rain", "régn"])
def test_a_key_in_another_spelling_than_snake_case_is_refused(key: str) -> None:
    [problem] = refusal(candidate("weather", replace(RAIN, key=key)))
    assert problem == f"kpi-server-weather 1.0: weather.{key}: its key must be snake case such as 'gross_margin'"


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "rain_24h"},
        {"acceptable": Decimal(1)},
        {"acceptable": Decimal("0.01")},
        {"unit": parse_unit("MONEY/month")},
        {"unit": parse_unit("SCORE")},
        {"unit": parse_unit("SCORE(0,12)"), "fixed_unit_reason": "The scale is the same for everybody."},
        {"aliases": ["Rainfall", "rain fall"]},
        {"version": 2},
        {"grains": [Grain.MONTH]},
    ],
)
def test_a_metric_within_the_rules_is_served(changes: Mapping[str, Any]) -> None:
    [loaded] = build([candidate("weather", replace(RAIN, **changes))]).families
    assert len(loaded.metrics) == 1


def test_two_metrics_with_one_key_are_refused() -> None:
    second = replace(RAIN, name="Rain again")
    assert refusal(candidate("weather", RAIN, second)) == [
        "kpi-server-weather 1.0: weather.rain: its key is given to two metrics, 'Rainfall' and 'Rain again'"
    ]


SNOW = replace(RAIN, key="snow", name="Snowfall")


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (RAIN, replace(SNOW, aliases=["RAINFALL"]), "RAINFALL"),
        (replace(RAIN, aliases=["Wet-stuff"]), replace(SNOW, aliases=["wet stuff"]), "wet stuff"),
        (RAIN, replace(SNOW, name="rain fall"), "rain fall"),
        (RAIN, replace(SNOW, aliases=["Weather.Rain"]), "Weather.Rain"),
    ],
)
def test_a_name_with_two_meanings_is_refused_naming_both_owners(first: Metric, second: Metric, text: str) -> None:
    """Within a family and across families; capitals and punctuation make no difference."""
    within = (
        f"kpi-server-weather 1.0: weather.snow: {text!r} is already a name of weather.rain (kpi-server-weather 1.0)"
    )
    assert refusal(candidate("weather", first, second)) == [f"{within}; one must go"]
    across = f"kpi-server-winter 3.1: winter.snow: {text!r} is already a name of weather.rain (kpi-server-weather 1.0)"
    winter = candidate("winter", second, version="3.1")
    assert refusal(winter, candidate("weather", first)) == [f"{across}; one must go"]


def test_an_alias_may_not_hide_a_siblings_key_but_another_familys() -> None:
    hiding = replace(SNOW, aliases=["rain"])
    within = "kpi-server-weather 1.0: weather.snow: 'rain' is already a name of weather.rain (kpi-server-weather 1.0)"
    assert refusal(candidate("weather", RAIN, hiding)) == [f"{within}; one must go"]
    registry = build([candidate("weather", RAIN), candidate("winter", hiding)])
    assert registry.resolve("rain") == ("winter.snow",)


def test_families_may_share_a_key() -> None:
    registry = build([candidate("winter", replace(RAIN, name="Winter rain")), candidate("weather", RAIN)])
    assert registry.resolve("rain") == ("weather.rain", "winter.rain")


def test_one_entry_point_from_two_distributions_is_refused() -> None:
    rival = candidate("weather", SNOW, distribution="other-weather", version="0.2")
    assert refusal(rival, candidate()) == [
        "other-weather 0.2: entry point weather: is also registered by kpi-server-weather 1.0; uninstall one of them"
    ]


def test_one_family_from_two_entry_points_is_refused() -> None:
    rival = candidate("winter", SNOW, plugin=Plugin(family("weather"), [SNOW]))
    assert refusal(candidate(), rival) == [
        "kpi-server-winter 1.0: family weather: its entry point must have the same name, not 'winter'",
        "kpi-server-winter 1.0: family weather: is also supplied by kpi-server-weather 1.0; uninstall one of them",
    ]


def test_all_problems_are_reported_at_once() -> None:
    broken = replace(RAIN, source="", unit=Unit(kind=None))  # type: ignore[arg-type]
    lost = Candidate("tides", "kpi-server-tides", "0.1", failure="ImportError: no moon")
    with pytest.raises(PluginError) as refused:
        build([candidate("weather", broken, SNOW), candidate("winter", SNOW), lost])
    assert str(refused.value).splitlines() == [
        "4 problems in the installed families:",
        "  kpi-server-tides 0.1: entry point tides: cannot be imported: ImportError: no moon",
        "  kpi-server-weather 1.0: weather.rain: has no source",
        "  kpi-server-weather 1.0: weather.rain: its unit has no kind",
        "  kpi-server-winter 1.0: winter.snow: 'Snowfall' is already a name of weather.snow (kpi-server-weather 1.0); "
        "one must go",
    ]


def test_quarantine_spares_neither_party_of_a_clash() -> None:
    other = replace(RAIN, key="hail", name="Hail")
    parties = [candidate("weather", RAIN), candidate("winter", replace(SNOW, aliases=["Rainfall"]))]
    registry = build([*parties, candidate("storm", other)], Policy.QUARANTINE)
    assert [loaded.family.name for loaded in registry.families] == ["storm"]
    clash = "kpi-server-winter 1.0: winter.snow: 'Rainfall' is already a name of weather.rain (kpi-server-weather 1.0)"
    assert [(left.name, left.reason) for left in registry.quarantined] == [
        ("weather", f"{clash}; one must go"),
        ("winter", f"{clash}; one must go"),
    ]


def test_a_quarantined_family_says_every_problem_it_has() -> None:
    broken = replace(RAIN, source="", unit=Unit(kind=None))  # type: ignore[arg-type]
    [left] = build([candidate("weather", broken)], Policy.QUARANTINE).quarantined
    assert left.reason == (
        "kpi-server-weather 1.0: weather.rain: has no source; "
        "kpi-server-weather 1.0: weather.rain: its unit has no kind"
    )


def test_families_are_ordered_by_name_whatever_the_order_of_installation() -> None:
    first, second = candidate("winter", SNOW), candidate("weather", RAIN)
    for order in ([first, second], [second, first]):
        assert [loaded.family.name for loaded in build(order).families] == ["weather", "winter"]


@pytest.fixture
def registry() -> Registry:
    rain = replace(RAIN, aliases=["RF", "Rain:Day ratio"])
    nameless = replace(SNOW, key="rain", name="Snow that rains", aliases=["RF²"])
    return build([candidate("weather", rain, replace(SNOW, key="frost", name="Frost")), candidate("winter", nameless)])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("weather.rain", ["weather.rain"]),
        ("WEATHER.RAIN", ["weather.rain"]),
        ("winter.rain", ["winter.rain"]),
        ("weather rain", []),
        ("Rainfall", ["weather.rain"]),
        ("rain-fall", ["weather.rain"]),
        ("RF", ["weather.rain"]),
        ("rf", ["weather.rain"]),
        ("RF²", ["winter.rain"]),
        ("rain/day Ratio", ["weather.rain"]),
        ("rain", ["weather.rain", "winter.rain"]),
        ("frost", ["weather.frost"]),
        ("frosty", []),
        ("", []),
        ("→", []),
    ],
)
def test_a_key_name_or_alias_resolves_however_it_is_written(registry: Registry, text: str, keys: list[str]) -> None:
    assert registry.resolve(text) == tuple(keys)


def test_absence_is_none(registry: Registry) -> None:
    assert registry.metric("weather.tides") is None
    assert registry.family("tides") is None
    assert registry.family("winter") == registry.families[1]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("LTV:CAC Ratio", "ltvcacratio"),
        ("  6-Month  Retention ", "6monthretention"),
        ("STRAßE", "strasse"),
        ("%", ""),
        (" Financial.LTV_CAC ", "financial.ltv_cac"),
        ("No. 1", "no1"),
    ],
)
def test_names_are_compared_by_letters_and_digits(text: str, folded: str) -> None:
    assert fold_name(text) == folded


def test_a_registry_cannot_be_changed(registry: Registry) -> None:
    with pytest.raises(TypeError):
        registry.metrics["weather.rain"] = SNOW  # type: ignore[index]
    with pytest.raises(AttributeError):
        registry.families = ()  # type: ignore[misc]


def test_a_plugin_cannot_change_what_it_answered() -> None:
    aliases = ["RF"]
    metrics = [replace(RAIN, aliases=aliases)]
    registry = build([candidate(plugin=Plugin(family(), metrics))])
    aliases.append("Rain fell")
    metrics.append(SNOW)
    assert registry.resolve("Rain fell") == ()
    assert list(registry.metrics) == ["weather.rain"]


def test_no_hook_runs_once_the_registry_is_made() -> None:
    plugin = Plugin(family(), [RAIN])
    registry = build([candidate(plugin=plugin)])
    assert plugin.calls == 2
    assert registry.metric("weather.rain") == RAIN
    assert registry.resolve("Rainfall") == ("weather.rain",)
    assert plugin.calls == 2


@pytest.mark.parametrize(
    "changed",
    [
        candidate(version="1.0.1"),
        candidate(distribution="weather-kpis"),
        candidate("weather", replace(RAIN, description="Another definition.")),
        candidate("weather", replace(RAIN, unit=parse_unit("RATIO"))),
        candidate("weather", replace(RAIN, direction=Direction.UP)),
        candidate("weather", replace(RAIN, aliases=["RF"])),
        candidate("weather", replace(RAIN, acceptable=Decimal("0.9"))),
        candidate("weather", RAIN, SNOW),
        candidate("weather", replace(RAIN, source="")),
        candidate(plugin=Plugin(family(title="Sky"), [RAIN])),
    ],
)
def test_the_digest_changes_with_a_definition_or_a_version(changed: Candidate) -> None:
    assert build([changed], Policy.QUARANTINE).digest != build([candidate()], Policy.QUARANTINE).digest


def test_the_digest_depends_neither_on_order_nor_on_location() -> None:
    here = build([candidate("weather"), candidate("winter", SNOW)])
    there = build([candidate("winter", SNOW), candidate("weather", location="/elsewhere")])
    assert here.digest == there.digest
