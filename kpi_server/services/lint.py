"""Reading what an organization's documents state, and checking it against itself."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kpi_server.domain.direction import Direction
from kpi_server.domain.lint.facts import Framework, ListedRow, StandingAlert, StatedRule, StatedScore
from kpi_server.domain.lint.finding import Finding
from kpi_server.domain.lint.linting import lint
from kpi_server.domain.reconciliation.comparing import Reconciliation, reconcile
from kpi_server.domain.reconciliation.formulas import Formulas
from kpi_server.domain.reconciliation.statements import Place, StatedFigure, StatedKpi, StatedTarget
from kpi_server.domain.selection import Placement
from kpi_server.domain.status import Colour, Near, NearKind
from kpi_server.domain.target import Operator, Target
from kpi_server.domain.unit import parse_unit
from kpi_server.errors import NotFound
from kpi_server.store.catalog import CATALOG
from kpi_server.store.database import Database
from kpi_server.store.organizations import directory
from kpi_server.store.reads import Fetch, Record
from kpi_server.store.sql import statement

OVERALL: Final = "ORGANIZATION"
DEPARTMENT: Final = "DEPARTMENT"


async def findings(fetch: Fetch, organization_id: int, formulas: Formulas) -> list[Finding]:
    """What does not fit together in an organization's documents."""
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
        formulas=formulas,
    )
    # Years of documents take seconds to check; a thread lets other requests be answered meanwhile.
    return await asyncio.to_thread(lint, framework)


async def findings_by_organization(
    database: Database, formulas: Formulas, slugs: Sequence[str] = ()
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
        return {slug: await findings(connection.fetch, number, formulas) for slug, number in chosen.items()}


async def reconciliations(fetch: Fetch, organization_id: int, formulas: Formulas) -> Sequence[Reconciliation]:
    """Every printed figure and target of an organization that can be compared with its formula."""
    kpis, figures, targets = await _statements(fetch, organization_id, sorted(formulas.involved))
    return reconcile(kpis, figures, targets, formulas=formulas)


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
