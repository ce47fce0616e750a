"""`kpi-server serve`: serve a database, with one process or several."""

import asyncio
import multiprocessing
import os
import signal
import threading
from pathlib import Path
from typing import Final

import click
from starlette.applications import Starlette

from kpi_server.api.schema import build_schema
from kpi_server.api.trusted.documents import trusted_documents
from kpi_server.app import check_database, create_app
from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import note
from kpi_server.cli.databases import Addresses, addresses_of, prepare
from kpi_server.cli.options import data_option
from kpi_server.cli.serving import bound, make_room, serve, serve_with_workers, settle, url_of
from kpi_server.errors import StartupError
from kpi_server.registry import Policy, Registry, discover
from kpi_server.settings import Settings
from kpi_server.web.logs import configure_logs

WORKER: Final = "kpi_server.cli.serve:worker"


@click.command()
@click.option("--host", help="The address to listen on, in place of KPI_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on, in place of KPI_PORT.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that serve, in place of KPI_WORKERS.")
@data_option
def command(host: str | None, port: int | None, workers: int | None, data: Path) -> int:
    """Serve the database of DATABASE_URL; without one, and with one process, an embedded one.

    The database is looked at first: the server starts on one that answers, is new enough and has today's tables.
    """
    given = {"host": host, "port": port, "workers": workers}
    environment = settings_of_environment()
    settings = environment.model_copy(update={name: value for name, value in given.items() if value is not None})
    configure_logs(settings.log_format)
    if settings.workers > 1:
        return _serve_with_workers(settings)
    with bound(settings.host, settings.port) as listener, addresses_of(settings, data) as addresses:
        chosen = settings.model_copy(update={"database_url": addresses.server})
        asyncio.run(_check(chosen, addresses))
        app = create_app(chosen)
        serve(app, chosen, listener, lambda: note(f"Serving {addresses.place} on {url_of(listener)}/graphql."))
    return 0


async def _check(settings: Settings, addresses: Addresses) -> None:
    if addresses.embedded is not None:
        await prepare(addresses)
    await check_database(settings)


def _serve_with_workers(settings: Settings) -> int:
    if not settings.database_url:
        raise StartupError("Several workers need a database that is not one of them: set DATABASE_URL.")
    with bound(settings.host, settings.port) as listener:
        asyncio.run(check_database(settings))
        # Every worker would find the same problem; here it is found once, and said in one message.
        _check_documents(settings, discover(Policy(settings.plugins)))
        note(f"Serving on {url_of(listener)}/graphql with {settings.workers} workers.")
        return serve_with_workers(WORKER, settings, listener)


def _check_documents(settings: Settings, registry: Registry) -> None:
    if settings.trusted_documents is not None or settings.trusted_only:
        trusted_documents(settings, build_schema(registry), settings.trusted_documents)


def worker() -> Starlette:
    """The application of one of several workers: a process of its own, which has the settings of the environment.

    One that takes the place of a killed one may begin while the database is away: a worker that fails to begin ends
    the whole server.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = settings_of_environment()
    configure_logs(settings.log_format)
    app = create_app(settings, checked=True)
    make_room(settings.max_connections)
    settle()
    return app


def _end_with_parent() -> None:
    """Drain and end when the parent was killed: an orphan would keep the port, and nobody would restart it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
