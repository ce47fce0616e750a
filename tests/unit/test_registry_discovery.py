"""Families are found by their entry points; what is wrong with one is said with its distribution and version."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from kpi_server.errors import PluginError
from kpi_server.plugin import Direction
from kpi_server.registry import Policy, QuarantinedFamily, discover

TOY = Path(__file__).parents[1] / "toy_family"
install: Callable[[Path, Path], None] = runpy.run_path(str(TOY / "installing.py"))["install"]

PYPROJECT = """
[project]
name = "kpi-server-broken"
version = "0.3.0"
[project.entry-points.kpi_server]
broken = "kpi_server_broken"
[tool.hatch.build.targets.wheel]
packages = ["kpi_server_broken"]
"""

WORKING = """
from kpi_server.plugin import Direction, Family, Metric, hookimpl, parse_unit

@hookimpl
def kpi_family():
    return Family(name="broken", title="Broken", description="A family to break.", api_version=1)

@hookimpl
def kpi_metrics():
    return [
        Metric(
            key="glass",
            name="Broken glass",
            unit=parse_unit("COUNT(pane)"),
            direction=Direction.DOWN,
            description="Panes broken in the period.",
            source="House rules, page 1",
            aliases=["Panes"],
        )
    ]
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory that Python imports from and that holds what a test installs."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        if name.startswith("kpi_server_"):
            del sys.modules[name]


def install_source(source: str, site: Path) -> None:
    project = site.parent / "project"
    (project / "kpi_server_broken").mkdir(parents=True)
    (project / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (project / "kpi_server_broken" / "__init__.py").write_text(source, encoding="utf-8")
    install(project, site)


def test_a_strangers_family_loads_from_its_entry_point(site: Path) -> None:
    install(TOY, site)
    registry = discover(path=[str(site)])
    [loaded] = registry.families
    assert (loaded.family.name, loaded.family.title) == ("weather", "Weather")
    assert (loaded.distribution, loaded.version) == ("kpi-server-weather", "2.5.0")
    assert loaded.location == str(site / "kpi_server_weather" / "__init__.py")
    assert list(registry.metrics) == ["weather.sunshine", "weather.forecast_accuracy", "weather.wind_force"]
    assert registry.quarantined == ()
    accuracy = registry.metric("weather.forecast_accuracy")
    assert accuracy is not None
    assert (str(accuracy.unit), accuracy.direction, accuracy.acceptable) == ("RATIO", Direction.UP, Decimal("0.9"))


def test_no_family_installed_is_an_empty_registry(tmp_path: Path) -> None:
    registry = discover(path=[str(tmp_path)])
    assert (registry.families, registry.quarantined, dict(registry.metrics)) == ((), (), {})


def test_a_distribution_found_twice_counts_where_python_imports_it(site: Path, tmp_path: Path) -> None:
    install(TOY, site)
    shadowed = tmp_path / "later_on_the_path"
    shadowed.mkdir()
    install(TOY, shadowed)
    [loaded] = discover(path=[str(site), str(shadowed)]).families
    assert loaded.location.startswith(str(site))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "from kpi_server.plugin import",
            "import nowhere_to_be_found\nfrom kpi_server.plugin import",
            "entry point broken: cannot be imported: ModuleNotFoundError: No module named 'nowhere_to_be_found'",
        ),
        (
            "from kpi_server.plugin import",
            "raise SystemExit('no licence')\nfrom kpi_server.plugin import",
            "entry point broken: cannot be imported: SystemExit: no licence",
        ),
        ("def kpi_metrics", "def kpi_metrcs", "kpi_metrcs: is no hook; did you mean kpi_metrics?"),
        (
            "@hookimpl\ndef kpi_metrics",
            "@hookimpl\ndef kpi_measure(): return []\n@hookimpl\ndef kpi_metrics",
            "kpi_measure: is no hook; did you mean kpi_measures?",
        ),
        (
            "@hookimpl\ndef kpi_metrics",
            "def kpi_vectors(): return []\n@hookimpl\ndef kpi_metrics",
            "kpi_vectors: is not marked with @hookimpl",
        ),
        (
            "@hookimpl\ndef kpi_metrics",
            "@hookimpl\ndef kpi_fields(): return 'fields.py'\n@hookimpl\ndef kpi_metrics",
            "kpi_fields: must name a class as 'package.module:Class', not 'fields.py'",
        ),
        ("def kpi_metrics", "def weather_report", "weather_report: is no hook"),
        (
            "def kpi_metrics()",
            "def kpi_metrics(month)",
            "hooks: Plugin 'kpi-server-broken 0.3.0' for hook 'kpi_metrics' hookimpl definition: kpi_metrics(month) "
            "Argument(s) {'month'} are declared in the hookimpl but can not be found in the hookspec",
        ),
        ("@hookimpl\ndef kpi_metrics", "def kpi_metrics", "kpi_metrics: is not marked with @hookimpl"),
        ("@hookimpl\ndef kpi_metrics", "def metrics", "kpi_metrics: is missing; every family supplies it"),
        ("    return [", "    return 1 / 0, [", "kpi_metrics: raised ZeroDivisionError: division by zero"),
        ("    return [", "    [", "kpi_metrics: must answer a tuple or list of Metric, not nothing"),
        ("        Metric(", "        dict(", "kpi_metrics: item 1 must be a Metric, not dict"),
        ("return Family(", "return dict(", "kpi_family: must answer a Family, not dict"),
        (
            'name="broken"',
            'name="glazing"',
            "family glazing: its entry point must have the same name, not 'broken'",
        ),
        (
            "api_version=1",
            "api_version=2",
            "family broken: was written for version 2 of kpi_server.plugin; this server has 1",
        ),
    ],
)
def test_a_broken_distribution_is_refused_by_name_and_version(
    site: Path, before: str, after: str, message: str
) -> None:
    assert before in WORKING
    install_source(WORKING.replace(before, after), site)
    with pytest.raises(PluginError) as refused:
        discover(path=[str(site)])
    assert str(refused.value) == f"1 problem in the installed families:\n  kpi-server-broken 0.3.0: {message}"


def test_the_family_that_the_cases_break_is_whole(site: Path) -> None:
    install_source(WORKING, site)
    assert list(discover(path=[str(site)]).metrics) == ["broken.glass"]


def test_quarantine_serves_the_families_without_a_problem(site: Path) -> None:
    install(TOY, site)
    install_source(WORKING.replace("def kpi_metrics", "def kpi_metrcs"), site)
    registry = discover(Policy.QUARANTINE, path=[str(site)])
    assert [loaded.family.name for loaded in registry.families] == ["weather"]
    reason = "kpi-server-broken 0.3.0: kpi_metrcs: is no hook; did you mean kpi_metrics?"
    assert registry.quarantined == (QuarantinedFamily("broken", "kpi-server-broken", "0.3.0", (reason,)),)
    assert registry.family("broken") is None


def test_the_digest_is_the_same_in_every_process_and_place(site: Path, tmp_path: Path) -> None:
    install(TOY, site)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    install(TOY, elsewhere)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from kpi_server.registry import discover; print(discover(path=[sys.argv[1]]).digest)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(place)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed, place in (("1", site), ("2", elsewhere))
    }
    assert outputs == {discover(path=[str(site)]).digest}
    assert all(len(digest) == 64 for digest in outputs)
