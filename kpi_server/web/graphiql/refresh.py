"""Rebuilds the vendored GraphiQL: ``python -m kpi_server.web.graphiql.refresh [--update]``.

Needs ``node`` and ``npm``. Without ``--update`` it installs exactly what ``source/package-lock.json`` names, and the
same files come out; with it, npm resolves ``source/package.json`` anew and the lock file is rewritten.

GraphiQL 4 rather than 5: version 5 edits with Monaco, which does not support phones, needs workers and is four times
the size of version 4's CodeMirror.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE / "source"
ASSETS = HERE / "assets"
MANIFEST = HERE / "assets.json"
BUNDLER = "esbuild"


@dataclass(frozen=True, order=True)
class Package:
    """One npm package with at least one file in the bundle."""

    name: str
    version: str
    licence: str


def main() -> None:
    """Install, bundle, strip and record."""
    parser = argparse.ArgumentParser(description="Rebuild the vendored GraphiQL assets.")
    parser.add_argument("--update", action="store_true", help="resolve package.json anew and rewrite the lock file")
    update = parser.parse_args().update
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        shutil.copytree(SOURCE, work, dirs_exist_ok=True)
        _install(work, update=update)
        folders = _bundle(work)
        _write(work, folders)
        if update:
            shutil.copy(work / "package-lock.json", SOURCE)
    print(f"{MANIFEST.name} and {len(list(ASSETS.iterdir()))} assets written")


def _install(work: Path, *, update: bool) -> None:
    verb = "install" if update else "ci"
    command = ["npm", verb, "--no-audit", "--no-fund", "--ignore-scripts", "--omit-lockfile-registry-resolved"]
    subprocess.run(command, cwd=work, check=True)


def _bundle(work: Path) -> list[Path]:
    """The folders of the packages that went into ``out/graphiql.js`` and ``out/graphiql.css``."""
    command = [
        "node_modules/.bin/esbuild",
        "graphiql=entry.js",
        "--bundle",
        "--minify",
        "--keep-names",  # GraphiQL names its icons for screen readers after their functions
        "--format=iife",
        "--target=es2022",
        "--legal-comments=none",
        '--define:process.env.NODE_ENV="production"',
        "--metafile=meta.json",
        "--outdir=out",
    ]
    subprocess.run(command, cwd=work, check=True)
    inputs = json.loads((work / "meta.json").read_text())["inputs"]
    found = (re.match(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/]+", path) for path in inputs)
    return sorted({work / match.group() for match in found if match})


def _write(work: Path, folders: Sequence[Path]) -> None:
    shutil.rmtree(ASSETS, ignore_errors=True)
    ASSETS.mkdir()
    shutil.copy(work / "out" / "graphiql.js", ASSETS)
    # The fonts of GraphiQL's style sheet are three quarters of it and carry licences of their own; page.css names the
    # reader's fonts instead.
    style = re.sub(r"@font-face\s*\{[^}]*\}", "", (work / "out" / "graphiql.css").read_text())
    (ASSETS / "graphiql.css").write_text(style)
    (ASSETS / "LICENSES.txt").write_text(_licences(folders))
    manifest = {
        "bundler": asdict(_package(work / "node_modules" / BUNDLER)),
        "packages": [asdict(package) for package in sorted({_package(folder) for folder in folders})],
        "files": [_record(path) for path in sorted(ASSETS.iterdir())],
    }
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def _package(folder: Path) -> Package:
    about = json.loads((folder / "package.json").read_text())
    return Package(name=about["name"], version=about["version"], licence=about["license"])


def _licences(folders: Iterable[Path]) -> str:
    """Every licence text once, under the names of the packages that come with it."""
    titles: dict[str, list[str]] = {}
    for folder in folders:
        package = _package(folder)
        files = [path for path in sorted(folder.iterdir()) if re.match(r"(?i)licen[cs]e", path.name)]
        text = "\n\n".join(path.read_text().strip() for path in files)
        titles.setdefault(text, []).append(f"{package.name} {package.version} ({package.licence})")
    return "\n\n".join("\n".join([*names, "", text]).strip() for text, names in titles.items()) + "\n"


def _record(path: Path) -> dict[str, str | int]:
    content = path.read_bytes()
    return {"path": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


if __name__ == "__main__":
    main()
