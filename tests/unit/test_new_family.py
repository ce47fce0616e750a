"""A family that is begun works at once: it loads, keeps its promises, and its own test passes."""

import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kpi_server.cli.plugins.new import distribution, write
from kpi_server.errors import StartupError
from kpi_server.registry import discover
from kpi_server.testing import failures

TOY = Path(__file__).parents[1] / "toy_family"
install: Callable[[Path, Path], None] = runpy.run_path(str(TOY / "installing.py"))["install"]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory that Python imports from."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        if name.startswith("kpi_server_"):
            del sys.modules[name]


def test_a_new_family_loads_and_keeps_its_promises(tmp_path: Path, site: Path) -> None:
    write(tmp_path / "kpi-server-tides", distribution("tides"))
    install(tmp_path / "kpi-server-tides", site)
    registry = discover(path=[str(site)])
    assert failures("tides", registry) == []
    assert {key: one.formula for key, one in registry.calculators.items()} == {
        "tides.completion": "tides things done ÷ tides things planned"
    }
    assert [len(loaded.vectors) for loaded in registry.families] == [2]


def test_the_test_of_a_new_family_passes(tmp_path: Path, site: Path) -> None:
    write(tmp_path / "kpi-server-tides", distribution("tides"))
    install(tmp_path / "kpi-server-tides", site)
    tests = runpy.run_path(str(tmp_path / "kpi-server-tides" / "tests" / "test_family.py"))
    tests["test_the_family_keeps_what_it_promises"]()


def test_what_lies_there_already_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "kpi-server-tides"
    folder.mkdir()
    with pytest.raises(StartupError, match=r"kpi-server-tides exists already; nothing was written\.$"):
        write(folder, distribution("tides"))
    assert [*folder.iterdir()] == []


def test_no_placeholder_is_left_in_a_new_family() -> None:
    files = distribution("tides")
    assert sorted(files) == [
        "README.md",
        "kpi_server_tides/__init__.py",
        "kpi_server_tides/measures.py",
        "kpi_server_tides/metrics.py",
        "kpi_server_tides/py.typed",
        "kpi_server_tides/vectors.py",
        "pyproject.toml",
        "tests/test_family.py",
    ]
    assert [path for path, text in files.items() if "$" in text] == []


def test_the_strangers_family_of_the_tests_keeps_its_promises(site: Path) -> None:
    install(TOY, site)
    assert failures("weather", discover(path=[str(site)])) == []
