"""Files of observations in the database: staged as they arrive, published all at once."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from kpi_server.domain.period import Period
from kpi_server.domain.recording import Recordable
from kpi_server.store.database import Write
from kpi_server.store.recording import Appended, array_text
from kpi_server.store.sql import statement

_COLUMNS: Final = (
    "position", "measure", "grain", "period", "period_start", "period_end", "segment", "value", "text", "currency",
    "sketch_places", "sketch_amounts", "external_id",
)  # fmt: skip
_SPECIAL: Final = re.compile(r"[\\\t\n\r]")
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NOTHING: Final = r"\N"
_BY_CELL: Final = "measure_id, segment, grain, period_start"


@dataclass(frozen=True)
class Taken:
    """Rows that were taken out again: the first of them with what they conflict with, and how many they are in all."""

    rows: Sequence[tuple[int, Any]]
    count: int


@dataclass(frozen=True)
class ImportRow:
    """A row of imports."""

    name: str | None
    source: str
    content: str
    format: str
    began_at: datetime
    recorded: int
    corrected: int
    unchanged: int
    rejected: int
    reasons: Sequence[Mapping[str, Any]]
    batch_id: int | None


async def open_stage(write: Write) -> None:
    """Make the table in which rows wait."""
    await (await write.driver()).execute(statement("staged"))


async def stage(write: Write, rows: Sequence[Recordable]) -> None:
    """Add rows to those that wait."""
    periods = {one.period.text: one.period for one in rows}
    spans = {text: _span(period) for text, period in periods.items()}
    lines = "".join([_line(one, spans[one.period.text]) for one in rows]).encode()

    async def whole() -> AsyncIterator[bytes]:
        yield lines

    await (await write.driver()).copy_to_table("staged", source=whole(), columns=_COLUMNS, format="text")


def _span(period: Period) -> str:
    return f"{period.grain.value}\t{period.text}\t{period.start}\t{period.end}"


def _line(row: Recordable, span: str) -> str:
    sketch = row.sketch
    places, amounts = (array_text(sketch.places), array_text(sketch.amounts)) if sketch else (_NOTHING, _NOTHING)
    external_id = _NOTHING if row.external_id is None else _escaped(row.external_id)
    return (
        f"{row.place}\t{row.measure.key}\t{span}\t"
        f"{_escaped(row.segment)}\t{row.value}\t{_escaped(row.text)}\t{row.currency or _NOTHING}\t"
        f"{places}\t{amounts}\t{external_id}\n"
    )


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


async def take_repetitions(write: Write, told: int) -> Taken:
    """Take out rows whose cell an earlier row has."""
    driver = await write.driver()
    await driver.execute("analyze staged")
    return taken(await driver.fetch(statement("staged_repetitions"), told))


async def take_closed(write: Write, closed: Period, told: int) -> Taken:
    """Take out rows of periods that lie in one that is closed."""
    driver = await write.driver()
    return taken(await driver.fetch(statement("staged_closed"), closed.start, closed.end, told))


async def take_foreign(write: Write, source: str, told: int) -> Taken:
    """Take out rows whose external id means another value."""
    driver = await write.driver()
    return taken(await driver.fetch(statement("staged_foreign"), write.organization_id, source, told))


def taken(rows: Sequence[Any]) -> Taken:
    """What a statement took out that tells the first rows, and in each how many there are."""
    return Taken([(row[0], row[1]) for row in rows], rows[0]["count"] if rows else 0)


async def publish(write: Write, source: str) -> Appended:
    """Record what was staged, as if one call had sent it."""
    driver = await write.driver()
    row = await driver.fetchrow(
        statement("record_observations").format(sent=statement("sent_in_file"), order=_BY_CELL),
        *(write.organization_id, write.batch_id, write.action, write.actor, datetime.now(UTC), source, "API"),
    )
    appended = Appended(*row.values())
    if appended.recorded or appended.corrected:
        write.append()
        await driver.execute(statement("keep_staged_ids"), write.organization_id, source)
    return appended


async def keep_import(write: Write, row: ImportRow) -> int:
    """Remember what became of a file; its id."""
    number: int = await (await write.driver()).fetchval(
        "insert into imports (organization_id, id, name, source, format, actor, began_at, ended_at, recorded, "
        "corrected, unchanged, rejected, reasons, batch_id, content) "
        "values ($1, nextval('entity_ids'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::jsonb, $13, $14) "
        "returning id",
        write.organization_id,
        row.name,
        row.source,
        row.format,
        write.actor,
        row.began_at,
        datetime.now(UTC),
        row.recorded,
        row.corrected,
        row.unchanged,
        row.rejected,
        orjson.dumps(row.reasons).decode(),
        row.batch_id,
        row.content,
    )
    write.keep()
    return number
