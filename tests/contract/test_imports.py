"""Imports point down only, without cycles; families see the plugin contract and nothing else."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("cli", "app", "web", "api", "services", "store", "registry", "plugin", "domain", "errors")
"""Each imports only what stands to its right; settings stand beside errors."""
LEVEL = {name: level for level, name in enumerate(LAYERS)} | {
    "__main__": -1,
    "testing": -1,
    "settings": LAYERS.index("errors"),
}
FAMILY_MAY_IMPORT = ("kpi_server.plugin", "kpi_server.domain", "kpi_server.api.types")
ASYNC_LAYERS = {"__main__", "testing", "cli", "app", "web", "api", "services", "store"}


def _modules(folder: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _layer(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "kpi_server" and len(parts) > 1 and parts[1] in LEVEL else None


CORE = dict(_modules(ROOT / "kpi_server"))
FAMILIES = {
    name: tree for package in sorted((ROOT / "plugins").glob("*/kpi_server_*")) for name, tree in _modules(package)
}


def test_every_module_of_the_core_stands_in_a_layer():
    assert {module for module in CORE if module != "kpi_server" and _layer(module) is None} == set()


def test_the_core_imports_downwards_only():
    upward = [
        f"{module} imports {imported}"
        for module, tree in CORE.items()
        for imported in _imports(tree)
        if (to := _layer(imported)) and (own := _layer(module)) and LEVEL[to] < LEVEL[own]
    ]
    assert upward == []


def test_modules_do_not_import_each_other_in_a_circle():
    graph = {
        module: {
            target
            for imported in _imports(tree)
            for target in (imported, imported.rpartition(".")[0])
            if target in CORE and target != module and not module.startswith(f"{target}.")
        }
        for module, tree in CORE.items()
    }
    assert len(list(TopologicalSorter(graph).static_order())) >= len(CORE)


def test_the_core_names_no_family():
    assert [m for m, tree in CORE.items() for name in _imports(tree) if name.startswith("kpi_server_")] == []


@pytest.mark.families
@pytest.mark.parametrize("module", FAMILIES)
def test_a_family_imports_only_the_plugin_contract(module):
    foreign = [
        name
        for name in _imports(FAMILIES[module])
        if name.startswith("kpi_server.") and not name.startswith(FAMILY_MAY_IMPORT)
    ]
    assert foreign == []


def test_nothing_awaits_in_the_pure_layers():
    asynchronous = (ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)
    found = {
        module
        for module, tree in CORE.items()
        if (layer := _layer(module)) and layer not in ASYNC_LAYERS
        for node in ast.walk(tree)
        if isinstance(node, asynchronous)
    }
    assert found == set()


def test_the_domain_touches_no_clock_chance_or_file():
    impure = {"time", "random", "secrets", "os", "pathlib", "io", "asyncio", "socket", "uuid"}
    found = {
        f"{module} imports {name}"
        for module, tree in CORE.items()
        if _layer(module) == "domain"
        for name in _imports(tree)
        if name.split(".")[0] in impure
    }
    clocks = {
        f"{module}: {node.attr}"
        for module, tree in CORE.items()
        if _layer(module) == "domain"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}
    }
    assert found | clocks == set()


def test_functions_fit_in_the_head():
    long = [
        f"{module}.{node.name}: {node.end_lineno - node.lineno} lines"
        for module, tree in (CORE | FAMILIES).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno > 50
    ]
    assert long == []
