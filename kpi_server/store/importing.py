"""Files of observations in the database: staged as they arrive, published all at once."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, Final, Generic, TypeVar

import orjson

from kpi_server.domain.period import Period
from kpi_server.domain.recording import Recordable
from kpi_server.store.database import Write
from kpi_server.store.recording import Appended
from kpi_server.store.sql import array_text, statement

MOST_NUMBERED: Final = 50_000
"""How many series and periods are remembered; one that is met again later gets another number."""
_COLUMNS: Final = (
    "position", "series", "period", "value", "text", "currency", "sketch_places", "sketch_amounts", "external_id",
)  # fmt: skip
_SPECIAL: Final = re.compile(r"[\\\t\n\r]")
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NOTHING: Final = r"\N"


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


_Thing = TypeVar("_Thing")


class _Numbers(dict[_Thing, int], Generic[_Thing]):
    """Numbers for things, each given when a thing is first met."""

    def __init__(self) -> None:
        self._last = 0
        self._new: list[tuple[int, _Thing]] = []

    def __missing__(self, thing: _Thing) -> int:
        self._last += 1
        self[thing] = self._last
        self._new.append((self._last, thing))
        return self._last

    def take_new(self) -> list[tuple[int, _Thing]]:
        """What was met since this was asked; when it is much, all is forgotten."""
        taken, self._new = self._new, []
        if len(self) > MOST_NUMBERED:
            self.clear()
        return taken


class Staged:
    """The rows that wait: each names its series and its period by a number, which is told once."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._series = _Numbers[tuple[str, str, str]]()
        self._periods = _Numbers[Period]()

    async def add(self, rows: Sequence[Recordable]) -> None:
        """Let rows wait."""
        lines = self._lines(rows) if rows else []
        series = [
            f"{number}\t{measure}\t{_escaped(segment)}\t{grain}"
            for number, (measure, segment, grain) in self._series.take_new()
        ]
        periods = [f"{number}\t{one.text}\t{one.start}\t{one.end}" for number, one in self._periods.take_new()]
        await self._copy("staged_series", series)
        await self._copy("staged_periods", periods)
        await self._copy("staged", lines, columns=_COLUMNS)

    def _lines(self, rows: Sequence[Recordable]) -> Sequence[str]:
        """Lines of COPY, made in columns."""
        places, of, segments, when, values, texts, ids, currencies, sketches = zip(*rows, strict=True)
        met = dict(zip(map(id, when), when, strict=True))
        spans = {key: (period.grain.value, str(self._periods[period])) for key, period in met.items()}
        grains, periods = zip(*map(spans.__getitem__, map(id, when)), strict=True)
        cells = zip([measure.key for measure in of], segments, grains, strict=True)
        numbers = map(str, map(self._series.__getitem__, cells))
        tails = _tails(ids, currencies, sketches)
        columns = (map(str, places), numbers, periods, map(str, values), _texts(texts), tails)
        return list(map("\t".join, zip(*columns, strict=False)))

    async def _copy(self, table: str, lines: Sequence[str], **options: Any) -> None:
        if lines:
            whole = _once("\n".join([*lines, ""]).encode())
            await self._driver.copy_to_table(table, source=whole, format="text", **options)


async def open_stage(write: Write) -> Staged:
    """Make the tables in which rows wait."""
    driver = await write.driver()
    await driver.execute(statement("staged"))
    return Staged(driver)


async def _once(whole: bytes) -> AsyncIterator[bytes]:
    yield whole


def _tails(ids: Sequence[Any], currencies: Sequence[Any], sketches: Sequence[Any]) -> Iterable[str]:
    """Currencies, sketches and ids of the sender's own, which few values have."""
    if not any(currencies) and not any(sketches):
        nothing = f"{_NOTHING}\t" * 3
        return [nothing + one for one in _written(ids)] if any(ids) else repeat(nothing + _NOTHING)
    places = [sketch and array_text(sketch.places) for sketch in sketches]
    amounts = [sketch and array_text(sketch.amounts) for sketch in sketches]
    return map("\t".join, zip(*map(_written, (currencies, places, amounts, ids)), strict=True))


def _texts(texts: Sequence[str]) -> Sequence[str]:
    return [_escaped(text) for text in texts] if _SPECIAL.search("".join(texts)) else texts


def _written(column: Sequence[str | None]) -> Sequence[str]:
    """Texts as COPY reads them, and what it takes for nothing."""
    return [_NOTHING if text is None else _escaped(text) for text in column]


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


async def take_repetitions(write: Write, told: int) -> Taken:
    """Take out rows whose cell an earlier row has."""
    driver = await write.driver()
    await driver.execute("analyze staged; analyze staged_series; analyze staged_periods")
    return taken(await driver.fetch(statement("staged_repetitions").format(cells=statement("staged_cells")), told))


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
        statement("record_observations").format(sent=statement("sent_in_file"), order="place"),
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
