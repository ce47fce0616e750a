"""Where things lie: the checkout this program is from, its seeds, and the demo's data."""

from pathlib import Path

import click

from kpi_server.errors import StartupError


def checkout() -> Path:
    """The root of the checkout this program runs from, or the current directory when it was installed as a wheel."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / "seeds").is_dir() else Path.cwd()


def default_data() -> Path:
    return checkout() / ".kpi-data"


def sample_catalogs() -> list[Path]:
    """The folders of the sample companies.

    Raises:
        StartupError: this installation has no seeds.
    """
    folders = catalogs(checkout() / "seeds")
    if not folders:
        raise StartupError(
            f"There are no sample companies in {checkout() / 'seeds'}: run this in a checkout of kpi-server."
        )
    return folders


def catalogs(path: Path) -> list[Path]:
    """The catalog folders at `path`: itself when it holds YAML files, else those of its sub-folders that do."""
    if _is_catalog(path):
        return [path]
    return sorted(folder for folder in path.iterdir() if _is_catalog(folder)) if path.is_dir() else []


def _is_catalog(folder: Path) -> bool:
    return folder.is_dir() and any(file.suffix in (".yaml", ".yml") for file in folder.iterdir())


data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=default_data,
    show_default=".kpi-data in the checkout",
    help="Directory of the embedded database; not used when DATABASE_URL is set.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
