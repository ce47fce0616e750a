"""Example operations for GraphiQL's tabs, read once when the server starts."""

from pathlib import Path

from kpi_server.web.graphiql.page import Example

REPOSITORY_OPERATIONS = Path(__file__).parents[2] / "schema" / "operations"


def examples(folder: Path | None) -> list[Example]:
    """The operations of a folder by file name, `x.graphql` with `x.variables.json`; none where there is no folder."""
    files = sorted((folder or REPOSITORY_OPERATIONS).glob("*.graphql"))
    return [Example(file.stem, file.read_text(encoding="utf-8"), _variables(file)) for file in files]


def _variables(file: Path) -> str:
    variables = file.with_suffix(".variables.json")
    return variables.read_text(encoding="utf-8") if variables.is_file() else ""
