"""Where trusted documents come from: a folder of GraphQL files, or a manifest as compilers of clients write it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from kpi_server.api.trusted.hashes import hash_of, normalised
from kpi_server.errors import Problem

PREFIX = "sha256:"
MANIFEST = "persisted-documents.json"  # codegen's own name for it


@dataclass(frozen=True)
class Source:
    """The text of a document and where it is from; `line` of the file is its own first line, or its key in a manifest.

    `spread` says that the document's lines are lines of the file.
    """

    text: str
    file: str
    line: int = 1
    spread: bool = True

    def problem(self, message: str, line: int | None = None) -> Problem:
        """Something wrong with the document, at one of its lines when that is known."""
        if self.spread or line is None:
            return Problem(f"{self.file}:{line or self.line}", "", message)
        return Problem(f"{self.file}:{self.line}", "", f"{message} (line {line} of the document)")


@dataclass(frozen=True)
class Found:
    """What was read, and what was wrong on the way."""

    sources: tuple[Source, ...] = ()
    problems: tuple[Problem, ...] = ()


def read(path: Path) -> Found:
    """The documents of a folder with all folders inside, of a manifest, or of one GraphQL file."""
    if not path.is_dir():
        return _file(path)
    files = [*sorted(path.rglob("*.graphql")), *sorted(path.rglob(MANIFEST))]
    if not files:
        return Found((), (Problem(str(path), "", f"no document here: expected *.graphql files or {MANIFEST}"),))
    return _together(_file(file) for file in files)


def _together(found: Iterable[Found]) -> Found:
    each = tuple(found)
    return Found(
        tuple(source for one in each for source in one.sources),
        tuple(problem for one in each for problem in one.problems),
    )


def _file(path: Path) -> Found:
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        return Found((), (Problem(str(path), "", f"cannot be read: {error.strerror}"),))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Found((), (Problem(f"{path}:{line}", "", "is not UTF-8"),))
    return manifest(text, str(path)) if path.suffix == ".json" else Found((Source(text, str(path)),))


def manifest(text: str, file: str) -> Found:
    """The documents of a JSON object of hashes and texts; each key must be the SHA-256 of its text.

    >>> manifest('{"hello": "{hello}"}', "m.json").problems[0].place
    'm.json:1'
    """
    try:
        entries = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Found((), (Problem(f"{file}:{error.lineno}", "", f"is not JSON: {error.msg}"),))
    if not isinstance(entries, dict) or not entries:
        return Found((), (Problem(f"{file}:1", "", 'is no manifest: expected {"SHA-256": "document", …}'),))
    return _together(_entry(key, entry, file, _line_of(key, text)) for key, entry in entries.items())


def _line_of(key: str, text: str) -> int:
    """The line of a key; 1 where the file writes it with escapes."""
    return text.count("\n", 0, max(text.find(f'"{key}"'), 0)) + 1


def _entry(key: str, text: object, file: str, line: int) -> Found:
    if not isinstance(text, str):
        return Found((), (Problem(f"{file}:{line}", "", f"the document of {key[:80]!r} is no string"),))
    source = Source(text, file, line, spread=False)
    hashes = (hash_of(text), hash_of(normalised(text) or text))
    if key.removeprefix(PREFIX) in hashes:
        return Found((source,))
    return Found((source,), (source.problem(f"the key {key[:80]!r} is not the document's SHA-256, {hashes[0]}"),))
