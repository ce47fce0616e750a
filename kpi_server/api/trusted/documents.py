"""The allow-list: every trusted document, valid on this schema and within the limits, found by its hash or its text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import strawberry
from graphql import OperationDefinitionNode

from kpi_server.api.documents import Documents, Prepared, RequestRefused
from kpi_server.api.graph import build_graph
from kpi_server.api.limits import Limits
from kpi_server.api.trusted.hashes import forms_of, hash_of, normalised
from kpi_server.api.trusted.sources import Source, read
from kpi_server.errors import Problem, StartupError, TrustedDocumentsError
from kpi_server.settings import Settings

LONGEST = 2  # times the longest document: a text beyond it is compared with none, so that refusing it costs nothing


@dataclass(frozen=True)
class TrustedOperation:
    """An operation of a trusted document; `cost` is what it may ask for with its variables left to their defaults."""

    name: str | None
    kind: str
    cost: int


@dataclass(frozen=True)
class TrustedDocument:
    """A document of the allow-list, in the forms whose hashes name it: normalised, as it was read, printed."""

    text: str
    forms: tuple[str, ...]
    file: str
    operations: tuple[TrustedOperation, ...]

    @property
    def hashes(self) -> tuple[str, ...]:
        """All that name it, that of the normalised text first."""
        return tuple(dict.fromkeys(hash_of(form) for form in self.forms))


class TrustedDocuments:
    """The allow-list of one server; of two that differ only in what GraphQL ignores, the first is listed."""

    def __init__(self, documents: Iterable[TrustedDocument] = ()) -> None:
        self._listed: dict[str, TrustedDocument] = {}
        self._named: dict[str, TrustedDocument] = {}
        for document in documents:
            hashes = document.hashes
            first = self._listed.setdefault(hashes[0], document)
            self._named |= dict.fromkeys(hashes, first)
        self._longest = LONGEST * max((len(form) for document in self for form in document.forms), default=0)

    def __iter__(self) -> Iterator[TrustedDocument]:
        return iter(self._listed.values())

    def named(self, name: str) -> TrustedDocument | None:
        """The document of that hash."""
        return self._named.get(name)

    def written(self, text: str) -> TrustedDocument | None:
        """The document that a text is, however it is laid out; None when it is none of them, or very much longer."""
        if len(text) > self._longest:
            return None
        exact = self._named.get(hash_of(text))
        return exact or self._named.get(hash_of(normalised(text) or text))


def trusted_documents(settings: Settings, schema: strawberry.Schema, path: Path | None) -> TrustedDocuments:
    """The allow-list that lies at a path; an empty one without a path.

    Raises:
        TrustedDocumentsError: a document cannot be read, is not valid or beyond a limit; everything wrong is listed.
        StartupError: only trusted documents are to be executed, and there is none.
    """
    if path is None:
        if settings.trusted_only:
            raise StartupError("KPI_TRUSTED_ONLY refuses every document: name those to trust in KPI_TRUSTED_DOCUMENTS.")
        return TrustedDocuments()
    found = read(path)
    checking = _Checking(settings, schema)
    checked = [checking.checked(source) for source in found.sources]
    problems = [*found.problems, *(problem for each in checked if isinstance(each, list) for problem in each)]
    if problems:
        raise TrustedDocumentsError("The trusted documents cannot be used as they are:", sorted(problems))
    return TrustedDocuments(each for each in checked if isinstance(each, TrustedDocument))


class _Checking:
    """Checks documents as a request's would be."""

    def __init__(self, settings: Settings, schema: strawberry.Schema) -> None:
        self._limits = Limits.of(settings)
        self._documents = Documents(
            build_graph(schema), self._limits, introspection=settings.introspection, suggestions=settings.suggestions
        )

    def checked(self, source: Source) -> TrustedDocument | list[Problem]:
        try:
            prepared = self._documents.prepare(source.text)
        except RequestRefused as refused:
            return [source.problem(error["message"], _line(error)) for error in refused.errors]
        operations = tuple(_operation(prepared, node) for node in prepared.operations)
        limit = self._limits.cost
        dear = [source.problem(_too_dear(each, limit)) for each in operations if each.cost > limit]
        return dear or TrustedDocument(source.text, forms_of(source.text, prepared.document), source.file, operations)


def _operation(prepared: Prepared, node: OperationDefinitionNode) -> TrustedOperation:
    name = node.name.value if node.name else None
    return TrustedOperation(name, node.operation.value, prepared.costs.of(node, {}))


def _line(error: dict[str, object]) -> int | None:
    match error.get("locations"):
        case [{"line": int(line)}, *_]:
            return line
    return None


def _too_dear(operation: TrustedOperation, limit: int) -> str:
    name = f"the operation {operation.name}" if operation.name else "the operation"
    return f"{name} may ask for {operation.cost} objects; {limit} are allowed"
