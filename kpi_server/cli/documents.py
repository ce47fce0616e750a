"""`kpi-server documents`: the trusted documents, checked as the server checks them when it starts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from kpi_server.api.schema import build_schema
from kpi_server.api.trusted.documents import TrustedDocument, trusted_documents
from kpi_server.api.trusted.sources import PREFIX
from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import show_json
from kpi_server.cli.options import json_option
from kpi_server.cli.tables import show
from kpi_server.errors import StartupError
from kpi_server.registry import Policy, discover

_HEADING = ("documentId", "operation", "cost", "file")


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--manifest", is_flag=True, help="Print a manifest for clients: SHA-256 and normalised text of each.")
@json_option
def command(path: Path | None, manifest: bool, as_json: bool) -> None:
    """List the trusted documents of KPI_TRUSTED_DOCUMENTS, or of PATH, each with its id, its operations and their cost.

    Ends with 1 when a document is not valid or beyond a limit, as the server would not start with it; all that is wrong
    is listed. The cost is that of an operation with its variables left to their defaults.
    """
    if manifest and as_json:
        raise click.UsageError("--manifest and --json exclude each other.")
    settings = settings_of_environment()
    chosen = path or settings.trusted_documents
    if chosen is None:
        raise StartupError("There are no trusted documents: set KPI_TRUSTED_DOCUMENTS, or name a folder or a manifest.")
    schema = build_schema(discover(Policy(settings.plugins)))
    trusted = trusted_documents(settings, schema, chosen)
    if manifest:
        show_json({document.hashes[0]: document.forms[0] for document in trusted})
    elif as_json:
        show_json([_as_json(document) for document in trusted])
    else:
        show(_HEADING, [row for document in trusted for row in _rows(document, chosen)])


def _as_json(document: TrustedDocument) -> dict[str, Any]:
    first, *_ = hashes = document.hashes
    operations = [{"name": each.name, "kind": each.kind, "cost": each.cost} for each in document.operations]
    return {"id": PREFIX + first, "hashes": hashes, "file": document.file, "operations": operations}


def _rows(document: TrustedDocument, root: Path) -> Iterator[tuple[str, ...]]:
    file = Path(document.file)
    place = file.relative_to(root) if file != root else file
    for operation in document.operations:
        words = f"{operation.kind} {operation.name or ''}".rstrip()
        yield (PREFIX + document.hashes[0], words, str(operation.cost), str(place))
