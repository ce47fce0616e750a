"""A hook ships only with a family that uses it, a heading in the documentation and a test; the documentation runs."""

import ast
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kpi_server import plugin
from kpi_server.errors import PluginError
from kpi_server.plugin import PROJECT
from kpi_server.registry import discover
from kpi_server.testing import failures

ROOT = Path(__file__).parents[2]
DOCUMENTATION = ROOT / "docs" / "plugins.md"
install: Callable[[Path, Path], None] = runpy.run_path(str(ROOT / "tests" / "toy_family" / "installing.py"))["install"]


def hooks() -> list[str]:
    """The specified hooks, by the mark that hookspec leaves on them."""
    return [name for name in vars(plugin) if hasattr(getattr(plugin, name), f"{PROJECT}_spec")]


def marked_functions(source: str) -> set[str]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {node.name for node in functions if "hookimpl" in {ast.unparse(mark) for mark in node.decorator_list}}


def test_there_are_hooks_to_check() -> None:
    assert {"kpi_family", "kpi_metrics"} <= set(hooks())


@pytest.mark.families
@pytest.mark.parametrize("hook", hooks())
def test_each_hook_is_used_by_a_family_of_our_own(hook: str) -> None:
    packages = (ROOT / "plugins").glob("*/kpi_server_*/__init__.py")
    users = [package.parent.name for package in packages if hook in marked_functions(package.read_text("utf-8"))]
    assert users != []


@pytest.mark.parametrize("hook", hooks())
def test_each_hook_has_a_heading_in_the_documentation(hook: str) -> None:
    headings = re.findall(r"^#+ (\w+)$", DOCUMENTATION.read_text("utf-8"), flags=re.MULTILINE)
    assert headings.count(hook) == 1


def test_the_documentation_names_no_hook_that_does_not_exist() -> None:
    assert set(re.findall(r"\bkpi_[a-z]+\b(?=\(|`| *$)", DOCUMENTATION.read_text("utf-8"))) <= set(hooks())


@pytest.mark.parametrize("hook", hooks())
def test_each_hook_appears_in_a_test(hook: str) -> None:
    others = [test for test in (ROOT / "tests").rglob("test_*.py") if test != Path(__file__)]
    assert [test.name for test in others if re.search(rf"\b{hook}\b", test.read_text("utf-8"))] != []


@pytest.fixture(params=[ROOT / "README.md", DOCUMENTATION], ids=lambda page: page.name)
def energy(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The family of a page, installed from its text."""
    for name, text in re.findall(
        r'^```\w+ title="([\w./]+)"\n(.*?)^```$', request.param.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    ):
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(text, encoding="utf-8")
    site = tmp_path / "site"
    site.mkdir()
    install(tmp_path / "project", site)
    monkeypatch.syspath_prepend(site)
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        if name.startswith("kpi_server_"):
            del sys.modules[name]


def test_the_family_in_the_documentation_works_as_printed(energy: Path) -> None:
    registry = discover(path=[str(energy)])
    assert failures("energy", registry) == []
    assert list(registry.metrics)[:1] == ["energy.use_intensity"]
    assert registry.resolve("EUI") == ("energy.use_intensity",)
    [loaded] = registry.families
    assert (loaded.distribution, loaded.version) == ("kpi-server-energy", "1.0.0")


def test_the_modules_in_the_documentation_are_about_thirty_lines(energy: Path) -> None:
    for module in (energy / "kpi_server_energy").glob("*.py"):
        lines = module.read_text("utf-8").splitlines()
        assert len([line for line in lines if line.strip()]) <= 36, module.name


@pytest.mark.parametrize("energy", [DOCUMENTATION], indirect=True)
def test_the_calculator_in_the_documentation_calculates(energy: Path) -> None:
    calculator = discover(path=[str(energy)]).calculators["energy.renewable_share"]
    assert calculator.formula == "renewable energy used ÷ energy used"


@pytest.mark.families
def test_a_clash_reads_as_the_documentation_prints_it(energy: Path) -> None:
    module = energy / "kpi_server_energy" / "__init__.py"
    source = module.read_text("utf-8")
    assert '("EUI",)' in source
    module.write_text(source.replace('("EUI",)', '("EUI", "System Uptime")'), "utf-8")
    install(ROOT / "plugins" / "technical", energy)
    [printed] = re.findall(r"^```text\n(.*?)\n```$", DOCUMENTATION.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    with pytest.raises(PluginError) as refused:
        discover(path=[str(energy)])
    assert str(refused.value) == printed
