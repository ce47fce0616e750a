"""The command line: one module a command, imported only when that command is asked for."""

from kpi_server.cli.entry import main

__all__ = ["main"]
