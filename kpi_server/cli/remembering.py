"""What the demo loaded last, so that a second start need not load it again to find it unchanged."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from kpi_server.registry import Registry
from kpi_server.services.catalog.report import Report

NOTE: Final = "loaded.json"
PROGRAM: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Memory:
    """A note in the data directory: what was loaded, and the organizations' versions right after."""

    data: Path
    fingerprint: str

    def versions(self) -> Mapping[str, int]:
        """The organizations of the note; none where there is no note, or one of other content or another program."""
        try:
            note = orjson.loads((self.data / NOTE).read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        known = isinstance(note, dict) and note.get("fingerprint") == self.fingerprint
        return dict(note["versions"]) if known else {}

    def keep(self, report: Report) -> None:
        """Write the note; where that is not possible the next start loads again."""
        content = {"fingerprint": self.fingerprint, "versions": versions_of(report)}
        with suppress(OSError):
            (self.data / NOTE).write_bytes(orjson.dumps(content))


def versions_of(report: Report) -> Mapping[str, int]:
    """The version of each organization, by its slug."""
    return {organization.slug: organization.sequence for organization in report.organizations}


def forget(data: Path) -> None:
    """Remove the note, if there is one."""
    (data / NOTE).unlink(missing_ok=True)


def fingerprint(registry: Registry, folders: Sequence[Path]) -> str:
    """Changes with everything that decides what loading gives: the catalogs, the families, the program itself."""
    digest = hashlib.sha256(registry.digest.encode())
    for path in [*_files([PROGRAM], ".py", ".sql"), *_files(folders, ".yaml", ".yml")]:
        digest.update(f"\0{path}\0".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(folders: Sequence[Path], *endings: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.suffix in endings and path.is_file())
