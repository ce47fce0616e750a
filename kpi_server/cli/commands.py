"""Groups of commands that are modules of one package: help and short commands import little."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click


class Commands(click.Group):
    """A group that imports the module of a command only when that command is asked for.

    `modules` has what each does, by the name of its module in `package`; `_` follows keywords.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = modules
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [*self._modules]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in self._modules:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        with _uncollected():
            command: click.Command = import_module(f"{self._package}.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([*self._modules.items()])


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: what modules make stays, and looking through it over and over takes a fifth more."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
