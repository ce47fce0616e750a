"""Reading what an organization's documents state, and checking it against itself."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kpi_server.domain.calculation import lines_of
from kpi_server.domain.calendar import parse_calendar
from kpi_server.domain.direction import Direction
from kpi_server.domain.lint.facts import Framework, ListedRow, StandingAlert, StatedRule, StatedScore
from kpi_server.domain.lint.finding import Finding
from kpi_server.domain.lint.linting import lint
from kpi_server.domain.reconciliation.comparing import Reconciliation, reconcile
from kpi_server.domain.reconciliation.recorded import compared, wanted_values
from kpi_server.domain.reconciliation.statements import Place, StatedFigure, StatedKpi, StatedTarget
from kpi_server.domain.selection import Placement
from kpi_server.domain.status import Colour, Near, NearKind
from kpi_server.domain.target import Operator, Target
from kpi_server.domain.unit import parse_unit
from kpi_server.errors import NotFound
from kpi_server.registry import Registry
from kpi_server.services.calculation.calculating import Books, calculate_all
from kpi_server.store.catalog import CATALOG
from kpi_server.store.database import Database
from kpi_server.store.organizations import directory
from kpi_server.store.reads import Fetch, Record, rows
from kpi_server.store.sql import statement

OVERALL: Final = "ORGANIZATION"
DEPARTMENT: Final = "DEPARTMENT"


async def findings(fetch: Fetch, registry: Registry, organization: Record, now: datetime) -> list[Finding]:
    """What does not fit together in an organization's documents and records."""
    organization_id = organization["id"]
    kpis, figures, targets = await _statements(fetch, organization_id, None)
    said = await fetch(statement("lint_alerts"), organization_id)
    scores = await fetch(statement("lint_scores"), organization_id)
    framework = Framework(
        kpis=kpis,
        figures=figures,
        targets=targets,
        rows=tuple(_row(record) for record in said if record["kind"] == "ROW"),
        alerts=tuple(_alert(record) for record in said if record["kind"] == "ALERT"),
        rules=tuple(_rule(record) for record in said if record["kind"] == "RULE"),
        scores=tuple(map(_score, scores)),
        computed=tuple(await _computed(fetch, registry, organization, now, kpis, figures)),
        formulas=registry.formulas,
    )
    # Years of documents take seconds to check; a thread lets other requests be answered meanwhile.
    return await asyncio.to_thread(lint, framework)


async def findings_by_organization(
    database: Database, registry: Registry, now: datetime, slugs: Sequence[str] = ()
) -> Mapping[str, Sequence[Finding]]:
    """The findings of these organizations, or of all, by slug.

    Raises:
        NotFound: there is no organization of one of the names.
    """
    known = await directory(database)
    missing = [slug for slug in slugs if slug not in known]
    if missing:
        raise NotFound(f"there is no organization {missing[0]}")
    chosen = {slug: known[slug] for slug in slugs or known}
    async with database.read(chosen.values()) as connection:
        found = await rows.organizations(connection.fetch, list(chosen.values()))
        return {
            slug: await findings(connection.fetch, registry, organization, now)
            for slug, organization in zip(chosen, found, strict=True)
            if organization is not None
        }


async def reconciliations(
    fetch: Fetch, registry: Registry, organization: Record, now: datetime
) -> Sequence[Reconciliation]:
    """Every reported figure and target of an organization that can be compared with its formula.

    Those with what is printed beside them come first, those with recorded measures then.
    """
    kpis, figures, targets = await _statements(fetch, organization["id"], sorted(registry.calculators))
    printed = reconcile(kpis, figures, targets, formulas=registry.formulas)
    return [*printed, *await _computed(fetch, registry, organization, now, kpis, figures)]


async def _computed(
    fetch: Fetch,
    registry: Registry,
    organization: Record,
    now: datetime,
    kpis: Mapping[str, StatedKpi],
    printed: Iterable[StatedFigure],
) -> list[Reconciliation]:
    """What is printed, and what systems record as KPIs' own values, beside what recorded measures give."""
    calendar = parse_calendar(organization["calendar"], organization["time_zone"])
    sql = statement("lint_recorded").format(latest=statement("latest_recorded"))
    recorded = await fetch(sql, organization["id"], sorted(registry.calculators))
    cells = wanted_values(
        kpis,
        [*printed, *map(_recorded, recorded)],
        registry.calculators,
        calendar=calendar,
        currency=organization["currency"],
    )
    books = Books(organization["id"], calendar.day(now))
    lines = lines_of(wanted for _, wanted in cells)
    values = [value async for some in calculate_all(fetch, registry, books, lines) for value in some]
    units = {key: kpi.unit for key, kpi in kpis.items()}
    found = (
        compared(
            kpis[figure.kpi],
            figure,
            registry.calculators[figure.kpi],
            value,
            lambda key: units.get(key) or registry.unit_of(key),
        )
        for (figure, _), value in zip(cells, values, strict=True)
    )
    return [comparison for comparison in found if comparison is not None]


async def _statements(
    fetch: Fetch, organization_id: int, keys: Sequence[str] | None
) -> tuple[Mapping[str, StatedKpi], tuple[StatedFigure, ...], tuple[StatedTarget, ...]]:
    """KPIs with their figures and targets: of these keys, or all."""
    kpis = [_kpi(record) for record in await fetch(statement("lint_kpis"), organization_id, keys)]
    figures = await fetch(statement("lint_figures"), organization_id, keys)
    targets = await fetch(statement("lint_targets"), organization_id, keys)
    return {kpi.key: kpi for kpi in kpis}, tuple(map(_figure, figures)), tuple(map(_target, targets))


def _place(record: Record) -> Place:
    return Place(record["document"], record["line"], None if record["origin"] == CATALOG else record["origin"])


def _colour(record: Record) -> Colour | None:
    return None if record["colour"] is None else Colour(record["colour"])


def _kpi(record: Record) -> StatedKpi:
    near = record["near"]
    return StatedKpi(
        key=record["key"],
        name=record["name"],
        unit=parse_unit(record["unit"]),
        direction=Direction(record["direction"]),
        place=_place(record),
        has_owner=record["has_owner"],
        near=None if near is None else Near(NearKind.SHARE, near),
        acceptable=record["acceptable"],
    )


def _figure(record: Record) -> StatedFigure:
    return StatedFigure(
        kpi=record["kpi"],
        text=record["text"],
        value=record["value"],
        place=_place(record),
        placement=Placement(record["placement"]),
        segment=record["segment"],
        period=record["period"],
        row=record["kpi_row_id"],
        status=record["status"],
        colour=_colour(record),
        is_exact=not record["at_least"],
    )


def _recorded(record: Record) -> StatedFigure:
    return StatedFigure(
        kpi=record["kpi"],
        text=record["text"],
        value=record["value"],
        place=_place(record),
        segment=record["segment"],
        period=record["period"],
    )


def _target(record: Record) -> StatedTarget:
    numbers: dict[str, Any] = {name: record[name] for name in ("value", "low", "high", "multiple")}
    return StatedTarget(
        kpi=record["kpi"],
        target=Target(text=record["text"], operator=Operator(record["operator"]), **numbers),
        place=_place(record),
        placement=Placement(record["placement"]),
        segment=record["segment"],
        period=record["period"],
        step=record["step"],
        row=record["kpi_row_id"],
        of_kpi=record["of_kpi"],
        is_aside=record["is_aside"],
    )


def _row(record: Record) -> ListedRow:
    return ListedRow(record["kpi"], record["name"], record["text"], _place(record))


def _alert(record: Record) -> StandingAlert:
    return StandingAlert(record["kpi"], record["name"], record["text"], _colour(record), _place(record))


def _rule(record: Record) -> StatedRule:
    return StatedRule(
        kpi=record["kpi"],
        name=record["name"],
        condition=record["text"],
        place=_place(record),
        transform=record["transform"],
        operator=None if record["operator"] is None else Operator(record["operator"]),
        threshold=record["threshold"],
        threshold_text=record["threshold_text"],
    )


def _score(record: Record) -> StatedScore:
    return StatedScore(
        name=record["name"],
        text=record["text"],
        value=record["value"],
        place=_place(record),
        is_overall=record["subject"] == OVERALL,
        is_department=record["subject"] == DEPARTMENT,
    )
