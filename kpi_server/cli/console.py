"""What people see: results on stdout, what is being done on stderr."""

import click
import orjson


def show_json(data: object) -> None:
    """Print data as indented JSON on stdout."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def note(sentence: str) -> None:
    """Say on stderr what is being done."""
    click.echo(sentence, err=True)
