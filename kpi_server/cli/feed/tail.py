"""`kpi-server feed tail`: one line for each change, as it is committed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import orjson

from kpi_server.api.types.change import Event
from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.databases import Addresses, addresses_of, chosen, opened, prepare
from kpi_server.cli.options import data_option, json_option
from kpi_server.domain.feed import ChangeOperation
from kpi_server.errors import BadInput
from kpi_server.services.feed import MOST_EVENTS, Asked, FeedPage, read_on
from kpi_server.store.database import Database

PAUSE_S: Final = 0.5


@click.command()
@click.option("--organization", metavar="SLUG", help="Of this organization; else of all of them.")
@click.option("--after", metavar="CURSOR", help="Begin behind this cursor; else with what comes from now on.")
@click.option("--once", is_flag=True, help="Print what there is, and end.")
@json_option
@data_option
def command(organization: str | None, after: str | None, once: bool, as_json: bool, data: Path) -> None:
    """Print what changes in an organization, or in all, as it is committed: a line for each change.

    With --json a line is an object with the fields of `Change` and the cursor behind it. A cursor belongs to one
    organization: --after needs --organization.
    """
    if after is not None and organization is None:
        raise BadInput("a cursor belongs to one organization: say which with --organization")
    settings = settings_of_environment()
    kept = timedelta(days=settings.feed_retention_days)
    with addresses_of(settings, data) as addresses:
        asyncio.run(_tail(addresses, organization, after, kept, once=once, as_json=as_json))


async def _tail(
    addresses: Addresses, organization: str | None, after: str | None, kept: timedelta, *, once: bool, as_json: bool
) -> None:
    if addresses.embedded is not None:
        await prepare(addresses)
    async with opened(addresses) as database:
        numbers = await chosen(database, [] if organization is None else [organization])
        places: dict[str, Asked] = {slug: Asked(number, after, MOST_EVENTS, kept) for slug, number in numbers.items()}
        while True:
            pages = {slug: await _page(database, asked) for slug, asked in places.items()}
            for slug, page in pages.items():
                _print(slug, page, as_json=as_json)
                places[slug] = Asked(places[slug].organization_id, str(page.cursor), MOST_EVENTS, kept)
            if all(page.caught_up for page in pages.values()):
                if once:
                    return
                await asyncio.sleep(PAUSE_S)


async def _page(database: Database, asked: Asked) -> FeedPage:
    async with database.read([asked.organization_id]) as connection:
        return await read_on(connection.fetch, asked, datetime.now(UTC))


def _print(slug: str, page: FeedPage, *, as_json: bool) -> None:
    for row in page.events:
        event = Event(row, page.cursor)
        click.echo(orjson.dumps(_fields(slug, event)).decode() if as_json else line_of(slug, event))


def _fields(slug: str, event: Event) -> dict[str, Any]:
    return {
        "organization": slug,
        "kind": event.kind,
        "operation": event.operation,
        "id": event.id,
        "key": event.key,
        "segment": event.segment,
        "period": event.period,
        "revision": event.revision,
        "recordedAt": event.recorded_at,
        "oldExact": _exact(event.old_exact),
        "newExact": _exact(event.new_exact),
        "oldText": event.old_text,
        "newText": event.new_text,
        "absence": event.absence,
        "oldStatus": event.old_status,
        "newStatus": event.new_status,
        "cursor": event.cursor,
    }


def line_of(slug: str, event: Event) -> str:
    """A change in one line: where, which write, what, and what became of it."""
    named = (event.key, event.segment, event.period)
    where: Sequence[str] = [text for text in named if text] or [str(event.row["entity"])]
    return " ".join([slug, str(event.revision), event.kind, *where, _became(event)])


def _became(event: Event) -> str:
    old = event.old_status or _exact(event.old_exact) or event.old_text
    new = event.new_status or _exact(event.new_exact) or event.new_text or event.absence
    if old is None and new is None:
        return event.operation.lower()
    if event.operation is ChangeOperation.REMOVED:
        return f"{old} is gone"
    return f"{new}" if old is None else f"{old} → {new}"


def _exact(value: Any) -> str | None:
    return None if value is None else format(value, "f")
