"""The checkout this program is from: its sample companies, its published schema, the place for the demo's data."""

from pathlib import Path

from kpi_server.errors import StartupError

SOURCE = Path(__file__).resolve().parents[2]


def checkout() -> Path:
    """The root of the checkout this program runs from, or the current directory when it was installed as a wheel."""
    return SOURCE if (SOURCE / "pyproject.toml").is_file() and (SOURCE / "seeds").is_dir() else Path.cwd()


def samples() -> Path:
    """The folder of the sample companies.

    Raises:
        StartupError: this installation has none.
    """
    seeds = checkout() / "seeds"
    if not seeds.is_dir():
        raise StartupError(f"There are no sample companies in {seeds}: run this in a checkout of kpi-server.")
    return seeds
