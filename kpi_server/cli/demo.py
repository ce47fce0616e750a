"""`kpi-server demo`: from nothing to a server with the sample companies, and back to nothing left running."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import orjson

from kpi_server.app import create_app
from kpi_server.cli.checkout import samples
from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import note
from kpi_server.cli.databases import Addresses, addresses_of, opened, prepare
from kpi_server.cli.options import data_option
from kpi_server.cli.past import generate_history
from kpi_server.cli.progress import loading_bar
from kpi_server.cli.remembering import Memory, fingerprint, forget, versions_of
from kpi_server.cli.serving import bound, serve, url_of
from kpi_server.cli.welcome import Loaded, Ready, welcome
from kpi_server.domain.access import Role
from kpi_server.errors import CatalogError, StartupError
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.access import rotate_demo_tokens
from kpi_server.services.catalog.loading import find_catalogs, seed
from kpi_server.services.catalog.report import report
from kpi_server.settings import Settings
from kpi_server.store.database import Database
from kpi_server.store.embedded import erase
from kpi_server.web.logs import configure_logs

HOST: Final = "127.0.0.1"
PORT: Final = 8000


@dataclass(frozen=True)
class _Filled:
    """A database with the sample companies, and who may open it."""

    loaded: Loaded
    tokens: Mapping[str, str]


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="The port to listen on.")
@click.option("--reset", is_flag=True, help="Start over: remove the data that an earlier demo made.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON on stdout when ready, and nothing else.")
@data_option
def command(port: int, reset: bool, as_json: bool, data: Path) -> int:
    """Set up everything and serve the sample companies on this machine; Ctrl-C stops it, the data stays.

    Without DATABASE_URL it brings a PostgreSQL of its own. A demo on the same data as another one shares its database.
    """
    settings = settings_of_environment()
    configure_logs(settings.log_format)
    registry = discover(Policy(settings.plugins))
    with bound(HOST, port) as listener:
        if reset:
            _reset(settings, data)
        with addresses_of(settings, data) as addresses:
            memory = Memory(data, fingerprint(registry, [samples()])) if addresses.embedded else None
            filled = asyncio.run(_fill(addresses, registry, memory))
            ready = Ready(url_of(listener), filled.tokens, addresses.place, os.getpid(), filled.loaded)
            chosen = settings.model_copy(update={"database_url": addresses.server})
            app = create_app(chosen, registry, demo_token=filled.tokens[Role.EXECUTIVE])
            serve(app, chosen, listener, lambda: _announce(ready, as_json))
    note(f"Stopped. The data stays in {ready.data}.")
    return 0


def _reset(settings: Settings, data: Path) -> None:
    if settings.database_url:
        raise StartupError("--reset removes an embedded database only: DATABASE_URL names another one.")
    _refuse_foreign(data)
    forget(data)
    erase(data)


def _refuse_foreign(data: Path) -> None:
    """A directory that held a "cluster" before any demo used it must not lose that."""
    if (data / "cluster").exists() and not (data / "password").exists():
        raise StartupError(f"{data / 'cluster'} was not made by a demo, so --reset does not remove it: move it away.")


async def _fill(addresses: Addresses, registry: Registry, memory: Memory | None) -> _Filled:
    await prepare(addresses)
    async with opened(addresses) as database:
        loaded = await _loaded_earlier(database, memory) or await _load(database, registry)
        if memory is not None:
            memory.keep(loaded.report)
        return _Filled(loaded, await rotate_demo_tokens(database))


async def _loaded_earlier(database: Database, memory: Memory | None) -> Loaded | None:
    """What is there, when it is what loading would give: nothing was written since it was loaded."""
    versions = memory.versions() if memory is not None else {}
    if not versions:
        return None
    found = await report(database, versions)
    return Loaded((), found) if versions_of(found) == versions else None


async def _load(database: Database, registry: Registry) -> Loaded:
    with loading_bar() as listener:
        receipts = await seed(database, registry, find_catalogs([samples()]), progress=listener)
    problems = [problem for receipt in receipts for problem in receipt.problems]
    if problems:
        raise CatalogError("The sample companies cannot be loaded as they are:", problems)
    slugs = [receipt.slug for receipt in receipts]
    await generate_history(database, registry, slugs)
    return Loaded(receipts, await report(database, slugs))


def _announce(ready: Ready, as_json: bool) -> None:
    if as_json:
        line = {"url": ready.url, "tokens": dict(ready.tokens), "data": ready.data, "pid": ready.pid}
        click.echo(orjson.dumps(line).decode())
    else:
        click.echo(welcome(ready))
