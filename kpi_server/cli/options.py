"""Options that several commands share."""

from pathlib import Path

import click

from kpi_server.cli.checkout import checkout

DATA = ".kpi-data"


def default_data() -> Path:
    return checkout() / DATA


data_option = click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=default_data,
    show_default=f"{DATA} in the checkout",
    help="Directory of the embedded database; not used when DATABASE_URL is set.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
