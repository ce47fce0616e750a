"""Generated history: two years of measures for an organization, apart from its facts, marked and removable."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from kpi_server.domain.calendar import Calendar
from kpi_server.domain.figure import format_value
from kpi_server.domain.history.bridge import bridges, course_of_bridge
from kpi_server.domain.history.course import Generated, course, course_of_spread
from kpi_server.domain.history.endings import Anchor, endings
from kpi_server.domain.history.spread import percentiles
from kpi_server.domain.measure import Sketch
from kpi_server.domain.period import Grain, Period, parse_period, period_of
from kpi_server.domain.reconciliation.comparing import rounding
from kpi_server.domain.recording import Measured, Recordable
from kpi_server.domain.unit import parse_unit
from kpi_server.registry import Registry
from kpi_server.services.marking import mark
from kpi_server.services.naming import measures_of
from kpi_server.store import recording as store
from kpi_server.store.database import Database, Write
from kpi_server.store.history import GENERATED, Standing, read_recorded, read_standings, withdraw_generated
from kpi_server.store.organizations import organization_id

ACTION: Final = "generate"
ACTOR: Final = "demo history"
SEED: Final = "kpi-server"
OF_A_MONTH: Final = Decimal("0.3")
"""Which part of a month's different subjects come on its last day."""
UNDATED: Final = "2025-06"
"""Where history ends for an organization whose documents say of no number when it was so."""


@dataclass(frozen=True)
class History:
    """What was generated of an organization: how many values of how many measures, and what was said twice."""

    slug: str
    measures: int
    values: int
    corrected: int


async def generate(database: Database, registry: Registry, slugs: Iterable[str], now: datetime) -> list[History]:
    """Record two years of every measure that the organizations' KPIs stand on, ending in what is printed of them.

    A measure of which anything is recorded is left alone: a second time nothing is generated. No KPI's reported or
    current value is touched. What is late or corrected comes under a number of its own, as it does in life.
    """
    return [await _generate(database, registry, slug, now) for slug in slugs]


async def withdraw(database: Database, registry: Registry, slugs: Iterable[str], now: datetime) -> dict[str, int]:
    """Let nothing generated stand any longer; how many values that were, by organization."""
    withdrawn = {}
    for slug in slugs:
        number = await organization_id(database, slug)
        async with database.write(number, action=ACTION, actor=ACTOR) as write:
            taken_back = await withdraw_generated(write)
            await mark(write, registry, now, {row["key"] for row in taken_back}, taken_back)
        withdrawn[slug] = len(taken_back)
    return withdrawn


async def _generate(database: Database, registry: Registry, slug: str, now: datetime) -> History:
    number = await organization_id(database, slug)
    async with database.write_in_turn(number, action=ACTION, actor=ACTOR) as write:
        footing = await store.read_terms(write)
        standings, recorded = await read_standings(write), await read_recorded(write)
        made = _made(registry, slug, standings, recorded, footing.calendar)
        measures = await _measures(write, registry, made, footing.currency)
        first = [(one, one.first) for one in made if one.first is not None]
        await _append(write, measures, first)
        await mark(write, registry, now, {one.key for one, _ in first})
    async with database.write_in_turn(number, action=ACTION, actor=ACTOR) as write:
        measures = await _measures(write, registry, made, footing.currency)
        second = [(one, one.value) for one in made if one.first != one.value]
        await _append(write, measures, second)
        await mark(write, registry, now, {one.key for one, _ in second})
    corrected = sum(one.first is not None for one, _ in second)
    return History(slug, len({one.key for one in made}), len(first) + len(second) - corrected, corrected)


def _made(
    registry: Registry, slug: str, standings: Sequence[Standing], recorded: Collection[str], calendar: Calendar
) -> list[Generated]:
    """Of the organization as a whole, and of segments what only numbers of segments are printed of."""
    wholes = [one for one in standings if not one.segment]
    month, known = _last_month(wholes, calendar), [one for one in standings if one.key in registry.calculators]
    of_whole = [_anchor(one) for one in known if not one.segment]
    seed = f"{SEED}/{slug}"
    wanted = [one for one in _wanted(registry, of_whole, month, calendar) if one[0] not in recorded]
    made, bridged = _bridged(registry, seed, {key: ending for key, ending, last in wanted if last == month}, month)
    made += _courses(registry, seed, [one for one in wanted if one[0] not in bridged])
    made += _spreads(registry, seed, of_whole, recorded, month)
    taken = {*recorded, *(one.key for one in made)}
    lacking = [one for one in known if one.segment and taken.isdisjoint(registry.calculators[one.key].leaves)]
    for segment in dict.fromkeys(one.segment for one in lacking):
        anchors, own = [_anchor(one) for one in lacking if one.segment == segment], f"{seed}/{segment}"
        made += _courses(registry, own, _wanted(registry, anchors, month, calendar), segment)
        made += _spreads(registry, own, anchors, taken, month, segment)
    return sorted(made, key=lambda one: one.key)


def _courses(
    registry: Registry, seed: str, wanted: Iterable[tuple[str, Decimal, Period]], segment: str = ""
) -> Iterator[Generated]:
    """By month, and by day what only metrics of days stand on."""
    for key, ending, last in wanted:
        yield from course(seed, key, registry.measures[key], ending, last, segment)


def _spreads(
    registry: Registry,
    seed: str,
    anchors: Sequence[Anchor],
    recorded: Collection[str],
    month: Period,
    segment: str = "",
) -> Iterator[Generated]:
    for key, known in percentiles(registry.definitions, anchors).items():
        if key not in recorded:
            yield from course_of_spread(seed, key, known, month, segment)


def _bridged(
    registry: Registry, seed: str, by_month: Mapping[str, Decimal], month: Period
) -> tuple[list[Generated], set[str]]:
    """What is generated of the bridges that are whole, and of which measures it is."""
    made: list[Generated] = []
    bridged: set[str] = set()
    for bridge in bridges(registry.definitions, registry.measures):
        if bridge.opening in by_month and not bridge.keys & bridged:
            made += course_of_bridge(seed, bridge, registry.measures, by_month, month)
            bridged |= bridge.keys
    return made, bridged


def _anchor(one: Standing) -> Anchor:
    unit = parse_unit(one.unit)
    return Anchor(one.key, one.value, rounding(one.text, one.value, unit), unit)


def _wanted(
    registry: Registry, anchors: Sequence[Anchor], month: Period, calendar: Calendar
) -> Iterable[tuple[str, Decimal, Period]]:
    """In which number each measure ends, and in which period; of a month's different subjects some come on a day."""
    day = period_of(month.end - timedelta(days=1), Grain.DAY, calendar)
    by_month, by_day = (endings(registry.definitions, registry.measures, anchors, last) for last in (month, day))
    days = {key for one in registry.calculators.values() if one.grains == (Grain.DAY,) for key in one.leaves}
    of_days = {key: ending for key, ending in by_day.aimed.items() if key in days - {*by_month.aimed}}
    for key, ending in {**by_month.usual, **by_month.aimed, **of_days}.items():
        if key in days and registry.measures[key].sketch is Sketch.DISTINCT:
            whole = ending / OF_A_MONTH if key in of_days else ending
            yield key, whole.to_integral_value(), month
            yield key, (whole * OF_A_MONTH).to_integral_value(), day
        else:
            yield key, ending, day if key in of_days else month


def _last_month(standings: Sequence[Standing], calendar: Calendar) -> Period:
    """The month in which the latest period of a printed number ends."""
    ends = [parse_period(one.period, calendar).end for one in standings if one.period is not None]
    if not ends:
        return parse_period(UNDATED, calendar)
    return period_of(max(ends) - timedelta(days=1), Grain.MONTH, calendar)


async def _measures(
    write: Write, registry: Registry, made: Sequence[Generated], currency: str
) -> Mapping[str, Measured]:
    fetch, keys = (await write.driver()).fetch, {one.key for one in made}
    return await measures_of(fetch, registry, write.organization_id, keys, currency=currency)


async def _append(write: Write, measures: Mapping[str, Measured], values: Sequence[tuple[Generated, Decimal]]) -> None:
    if not values:
        return
    ids = await store.ids_of(write, measures.values())
    stated = [_recordable(place, one, value, measures[one.key]) for place, (one, value) in enumerate(values)]
    await store.append(write, GENERATED, stated, ids, origin=GENERATED)


def _recordable(place: int, one: Generated, value: Decimal, measure: Measured) -> Recordable:
    text = format_value(value, measure.unit)
    return Recordable(place, measure, one.segment, one.period, value, text, sketch=one.sketch)
