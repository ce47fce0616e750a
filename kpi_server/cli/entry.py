"""The entry point: it finds the command, and turns every failure into one message and an exit code."""

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

from kpi_server.cli.commands import Commands
from kpi_server.cli.stopping import Stopped, stop_on_signals
from kpi_server.errors import KpiError

FAILED: Final = 1
INTERRUPTED: Final = 130

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "demo": "Set up everything and serve the sample companies.",
        "serve": "Serve a database.",
        "migrate": "Bring the database to today's tables.",
        "seed": "Load catalogs, or count what is loaded.",
        "import": "Record what files of observations hold.",
        "aggregate": "Make measures of recorded events.",
        "recompute": "Calculate what is marked to be calculated again, or everything.",
        "work": "Calculate beside servers as values are recorded.",
        "feed": "Print what changes, as it changes.",
        "explain": "Tell what an operation costs and does, and by which statements.",
        "lint": "List what does not fit together in what is loaded.",
        "plugins": "List the families that are loaded; verify them; begin a new one.",
        "documents": "List the trusted documents that clients may name.",
        "token": "Create, list and revoke API tokens.",
        "schema": "Print, check or write the published schema.",
    }
)


@click.group(
    cls=Commands,
    modules=COMMANDS,
    package="kpi_server.cli",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
@click.version_option(package_name="kpi-server", message="%(package)s %(version)s")
def commands() -> None:
    """The system of record for a company's KPIs."""


def main() -> None:
    """Run the command of this process's arguments and end with its exit code."""
    sys.exit(_exit_code(sys.argv[1:]))


def _exit_code(arguments: list[str]) -> int:
    stop_on_signals()
    try:
        result = commands.main(arguments, prog_name="kpi-server", standalone_mode=False)
    except click.Abort as abort:
        return _interrupted(abort.__cause__)
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt)
    except click.ClickException as refusal:
        refusal.show(sys.stderr)
        return refusal.exit_code
    except KpiError as error:
        click.echo(error.message, err=True)
        return FAILED
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`); flushing at the end would complain about it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return result if isinstance(result, int) else 0


def _interrupted(cause: BaseException | None) -> int:
    return cause.exit_code if isinstance(cause, Stopped) else INTERRUPTED
