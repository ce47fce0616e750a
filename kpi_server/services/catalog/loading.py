"""Loading catalogs: one transaction an organization, all of it or nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kpi_server.domain.calendar import print_calendar
from kpi_server.errors import CatalogError, Problem
from kpi_server.registry import Registry
from kpi_server.services.catalog.building import Content, build, refusal
from kpi_server.services.catalog.draft import calendar_of
from kpi_server.services.catalog.reading import Reading, catalog_files, read_folder
from kpi_server.services.marking import follow, mark, mark_converted
from kpi_server.services.standing import judge
from kpi_server.store.catalog import Outcome, apply, differ, read_stored
from kpi_server.store.database import Database, Write
from kpi_server.store.organizations import claim, keep_families, organization_id
from kpi_server.store.settling import read_contested, settle
from kpi_server.store.tables.tenancy import LoadedFamily, Organization

MANY_ROWS = 50
"""From so many new rows on the planner is told at once: until then it joins a fresh organization row by row."""


@dataclass(frozen=True)
class Receipt:
    """What loading one catalog did; `sequence` is None where nothing changed or nothing was loaded.

    With `loaded`, problems are rows that are gone from the catalog but had to be kept.
    """

    slug: str
    created: int
    updated: int
    deleted: int
    sequence: int | None
    problems: tuple[Problem, ...]
    loaded: bool


@dataclass(frozen=True)
class Step:
    """How far loading has come: `done` of `total` steps, and what is being worked on."""

    slug: str
    words: str
    done: int
    total: int


Progress = Callable[[Step], None]


def silent(_step: Step) -> None:
    """A progress that nobody watches."""


def find_catalogs(paths: Iterable[Path]) -> list[Path]:
    """The catalog folders at these paths: each one itself, or those in it where it holds no catalog file."""
    found: list[Path] = []
    for path in paths:
        inside = [folder for folder in sorted(path.iterdir()) if _holds_catalog(folder)] if path.is_dir() else []
        found += inside if inside and not _holds_catalog(path) else [path]
    return found


def _holds_catalog(folder: Path) -> bool:
    return folder.is_dir() and bool(catalog_files(folder))


async def seed(
    database: Database, registry: Registry, folders: Sequence[Path], *, progress: Progress = silent
) -> list[Receipt]:
    """Load each folder's catalog; what is wrong with one does not keep the others from being loaded.

    A second load of the same content changes nothing. Loads of one organization wait for each other.
    """
    readings = [read_folder(folder) for folder in folders]
    _report_shared_slugs(readings)
    await keep_families(database, _families(registry))
    receipts = []
    for index, reading in enumerate(readings):
        watch = _Watch(progress, reading, index * len(_STEPS), len(readings) * len(_STEPS))
        receipts.append(await _load(database, registry, reading, watch))
    if sum(receipt.created for receipt in receipts) >= MANY_ROWS:
        await database.refresh_statistics()
    return receipts


_STEPS = ("checking", "comparing", "writing", "judging")


@dataclass(frozen=True)
class _Watch:
    progress: Progress
    reading: Reading
    before: int
    total: int

    def reach(self, words: str) -> None:
        self.progress(Step(self.reading.folder, words, self.before + _STEPS.index(words), self.total))

    def finish(self) -> None:
        self.progress(Step(self.reading.folder, "done", self.before + len(_STEPS), self.total))


def _report_shared_slugs(readings: Iterable[Reading]) -> None:
    """Two folders of one organization would each remove what the other brought."""
    places: defaultdict[str, list[tuple[Reading, str]]] = defaultdict(list)
    for reading in readings:
        for placed in reading.organizations[:1]:
            places[placed.row.slug].append((reading, str(placed.at("slug"))))
    for slug, claims in places.items():
        for reading, place in claims if len(claims) > 1 else []:
            others = ", ".join(other for _, other in claims if other != place)
            reading.report(place, "slug", f"{slug!r} is also the organization at {others}".replace("'", '"'))


async def _load(database: Database, registry: Registry, reading: Reading, watch: _Watch) -> Receipt:
    watch.reach("checking")
    try:
        content = build(reading, registry)
        receipt = await _store(database, registry, content, watch)
    except CatalogError as error:
        receipt = Receipt(_slug(reading), 0, 0, 0, None, error.problems, loaded=False)
    watch.finish()
    return receipt


def _slug(reading: Reading) -> str:
    return str(reading.organizations[0].row.slug) if reading.organizations else reading.folder


async def _store(database: Database, registry: Registry, content: Content, watch: _Watch) -> Receipt:
    slug = content.organization.slug
    async with database.write(await organization_id(database, slug), action="seed", actor="catalog") as write:
        watch.reach("comparing")
        outcome = await _store_organization(write, content)
        if outcome.updated:
            await _settle_anew(write, registry)
        stored = await read_stored(write)
        _refuse_foreign(content, stored.foreign, watch.reading)
        watch.reach("writing")
        difference = differ(stored.rows, content.tables)
        outcome += await apply(write, database, stored, difference)
        if difference.touches("exchange_rates"):
            await mark_converted(write, registry, datetime.now(UTC))
        await follow(write, registry, datetime.now(UTC))
        watch.reach("judging")
        await judge(write)
    problems = tuple(Problem(slug, "", words) for words in outcome.kept)
    return Receipt(slug, outcome.created, outcome.updated, outcome.deleted, write.sequence, problems, loaded=True)


async def _settle_anew(write: Write, registry: Registry) -> None:
    """Let stand what the organization's precedence says now."""
    contested = await read_contested(write)
    await settle(write, contested)
    await mark(write, registry, datetime.now(UTC), {row["key"] for row in contested}, contested)


async def _store_organization(write: Write, content: Content) -> Outcome:
    row = content.organization
    document, _, line = row.source.rpartition(":")
    created, updated = await claim(
        write,
        Organization(
            id=write.organization_id,
            slug=row.slug,
            name=row.name,
            description=row.description,
            currency=row.currency,
            time_zone=row.time_zone,
            calendar=print_calendar(calendar_of(row)),
            undated_first=row.undated_first,
            source_precedence=list(row.source_precedence),
            source_document=document,
            source_line=int(line),
        ),
    )
    return Outcome(created=created, updated=updated)


def _refuse_foreign(content: Content, foreign: Mapping[str, Mapping[str, str]], reading: Reading) -> None:
    """A row that someone wrote through the API is not taken over by a catalog row of its key."""
    for table, origins in foreign.items():
        for key, columns in content.tables.get(table, {}).items():
            if key in origins:
                place = f"{columns['document']}:{columns['line']}"
                words = f"{table} {key} is there already and not from a catalog ({origins[key]})"
                reading.report(reading.folder, "key", f"{words}: give the row of {place} another key")
    if reading.problems:
        raise refusal(reading)


def _families(registry: Registry) -> list[LoadedFamily]:
    return [
        LoadedFamily(
            name=loaded.family.name,
            title=loaded.family.title,
            description=loaded.family.description,
            distribution=loaded.distribution,
            version=loaded.version,
        )
        for loaded in registry.families
    ]
