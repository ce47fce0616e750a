"""What is wrong between the rows of a catalog: organizations, duplicates, names of nothing."""

from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import available_timezones

from kpi_server.domain.currency import is_currency
from kpi_server.errors import BadInput
from kpi_server.services.catalog.draft import calendar_of
from kpi_server.services.catalog.faults import unknown
from kpi_server.services.catalog.reading import Placed, Reading
from kpi_server.services.catalog.shapes import NOUNS, named, references, source

_SHARED_KEYS: Final = frozenset({"risks"})  # the same risk in two documents is one risk, assessed twice


def check(reading: Reading) -> None:
    """Report everything that can be seen without reading a figure."""
    _check_organization(reading)
    for kind, rows in reading.rows.items():
        _check_repetitions(reading, kind, rows)
        for placed in rows if not reading.is_partial else []:
            _check_sources(reading, placed)
            _check_references(reading, kind, placed)
            _check_segment(reading, placed)
    _check_categories(reading)


def _check_organization(reading: Reading) -> None:
    if reading.holds_files and not reading.declares_organization and not reading.is_partial:
        reading.report(reading.folder, "organization", "is required: one file says which organization this is")
    if not reading.organizations:
        return
    first, *others = reading.organizations
    for placed in others:
        reading.report(placed.place, "organization", f"a folder is one organization: another is at {first.place}")
    if not reading.is_partial:
        _check_sources(reading, first)
    if not is_currency(first.row.currency):
        reading.report(first.at("currency"), "currency", f'"{first.row.currency}" is no ISO 4217 currency')
    if first.row.time_zone not in available_timezones():
        reading.report(first.at("time_zone"), "time_zone", f'"{first.row.time_zone}" is no IANA time zone')
    try:
        calendar_of(first.row)
    except BadInput as error:
        reading.report(first.at("calendar"), "calendar", error.message)


def _check_repetitions(reading: Reading, kind: str, rows: list[Placed]) -> None:
    """Each key, each KPI's row on a line, and each row as a whole may stand once."""
    seen: dict[tuple[str, ...], Placed] = {}
    for placed in rows:
        repeated = next((name for name in _names(kind, placed.row) if name in seen), None)
        if repeated is None:
            seen |= dict.fromkeys(_names(kind, placed.row), placed)
            continue
        field, value = repeated[0], repeated[1]
        words = f'duplicate "{value}"' if field else "the same row again"
        reading.report(placed.at(field), field, f"{words}: it is at {seen[repeated].place} already")


def _names(kind: str, row: Any) -> Iterator[tuple[str, str]]:
    """What must not repeat in a row, as the field to blame and its value."""
    if hasattr(row, "key") and kind not in _SHARED_KEYS:
        yield "key", row.key
    if hasattr(row, "dimension"):
        yield "value", f"{row.dimension}={row.value}"
    if kind == "exchange_rates":
        yield "day", f"{row.base}/{row.quote} {row.day}"
    if kind == "kpi_rows":
        yield "kpi", f"{row.kpi} at {row.source}"
    if kind == "observations":
        segment = "".join(f" {name}={value}" for name, value in sorted(row.segment.items()))
        yield "period", f"{row.kpi} {row.period}{segment} of {source(row)[0]}"
    yield "", row.model_dump_json()


def _check_sources(reading: Reading, placed: Placed) -> None:
    cells = {"source": placed.row, **{name: getattr(placed.row, name, None) for name in ("current", "target")}}
    for name, cell in cells.items():
        if getattr(cell, "source", None) is not None:
            document, _ = source(cell)
            if document not in reading.declared["documents"]:
                field = name if name == "source" else f"{name}.source"
                reading.report(placed.at(field), field, unknown("document", document, reading.declared["documents"]))


def _check_references(reading: Reading, kind: str, placed: Placed) -> None:
    for field, reference in references(kind).items():
        declared = reading.declared[reference.kind]
        for key in named(placed.row, field):
            if key not in declared:
                reading.report(placed.at(field), field, unknown(NOUNS[reference.kind], key, declared))


def _check_segment(reading: Reading, placed: Placed) -> None:
    for dimension, value in getattr(placed.row, "segment", {}).items():
        if f"{dimension}={value}" not in reading.declared["segments"]:
            declared = reading.declared["segments"]
            reading.report(placed.at("segment"), "segment", unknown("segment", f"{dimension}={value}", declared))


def _check_categories(reading: Reading) -> None:
    """No category may lie inside itself."""
    parents = {placed.row.key: placed.row.parent for placed in reading.rows["categories"]}
    for placed in reading.rows["categories"]:
        passed: set[str] = set()
        above = placed.row.parent
        while above in parents and above not in passed and above != placed.row.key:
            passed.add(above)
            above = parents[above]
        if above == placed.row.key:
            reading.report(placed.at("parent"), "parent", f'category "{placed.row.key}" would lie inside itself')
