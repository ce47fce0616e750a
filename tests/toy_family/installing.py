"""Installs a distribution from its source for the length of a test: no network, no build, no shared environment."""

import importlib
import shutil
import tomllib
from pathlib import Path


def install(project: Path, site: Path) -> None:
    """Put the packages and the metadata of the project into `site`, as an installer would."""
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    name, version = declared["project"]["name"], declared["project"]["version"]
    package = name.replace("-", "_")
    shutil.copytree(project / package, site / package, ignore=shutil.ignore_patterns("__pycache__"))
    metadata = site / f"{package}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    groups = declared["project"]["entry-points"].items()
    lines = [line for group, entries in groups for line in (f"[{group}]", *(f"{k} = {v}" for k, v in entries.items()))]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    importlib.invalidate_caches()  # Python may have listed the directory in this very tick of its clock
