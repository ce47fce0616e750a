"""The repository carries no addresses of registries, no paths of one machine, and pins what it installs."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: there is no list of tracked files")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_constraints_pin_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9._-]+==[A-Za-z0-9.+!]+( ; .+)?", line)] == []


def test_every_dependency_is_pinned():
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    named = set()
    for file in [ROOT / "pyproject.toml", *sorted((ROOT / "plugins").glob("*/pyproject.toml"))]:
        project = tomllib.loads(file.read_text(encoding="utf-8"))
        groups = [
            project["project"].get("dependencies", []),
            *project["project"].get("optional-dependencies", {}).values(),
            *project.get("dependency-groups", {}).values(),
        ]
        named |= {re.split(r"[\[<>=;~! ]", entry)[0] for group in groups for entry in group if isinstance(entry, str)}
    assert {name for name in named if not name.startswith("kpi-server")} <= pinned


def test_no_lock_file_is_tracked(tracked):
    assert [path.name for path in tracked if path.name in {"uv.lock", "pylock.toml"}] == []


def test_npm_lock_files_name_no_registry(tracked):
    locks = [path for path in tracked if path.name == "package-lock.json"]
    assert [path for path in locks if '"resolved"' in path.read_text(encoding="utf-8")] == []


def test_the_top_level_is_the_fixed_one(tracked):
    top = {path.relative_to(ROOT).parts[0] for path in tracked}
    assert top <= {
        "kpi_server", "plugins", "schema", "tests", "seeds", "docs", "benchmarks", ".ci", "run", "pyproject.toml",
        "docker-compose.yml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile", "constraints.txt", ".gitignore",
        ".dockerignore", ".gitattributes",
    }  # fmt: skip


def test_every_ruff_ignore_carries_its_reason():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("ignore = ["))
    entries = []
    for line in lines[start + 1 :]:
        if line.startswith("]"):
            break
        entries.append(line)
    assert [line for line in entries if "#" not in line] == []
