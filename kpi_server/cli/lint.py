"""`kpi-server lint`: what does not fit together in what is loaded, organization by organization."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import show_json
from kpi_server.cli.databases import Addresses, addresses_of, opened, prepare
from kpi_server.cli.options import data_option, json_option
from kpi_server.cli.tables import show
from kpi_server.domain.lint.finding import Finding, FindingSeverity
from kpi_server.domain.precision import plain
from kpi_server.domain.reconciliation.statements import Side
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.lint import findings_by_organization

_HEADING = ("rule", "severity", "KPI", "finding")


@click.command()
@click.argument("organizations", metavar="[ORGANIZATION]…", nargs=-1)
@json_option
@data_option
def command(organizations: tuple[str, ...], as_json: bool, data: Path) -> None:
    """List what does not fit together in what is loaded: of each ORGANIZATION, by its short name, else of all.

    Figures are checked against their formulas and against recorded measures, lights against targets, targets, alert
    rules, alerts and scores against each other. Findings are about what is stated, so the command ends with 0 whatever
    it finds.
    """
    settings = settings_of_environment()
    registry = discover(Policy(settings.plugins))
    with addresses_of(settings, data) as addresses:
        found = asyncio.run(_lint(addresses, registry, organizations))
    if as_json:
        show_json({slug: [_as_json(finding) for finding in findings] for slug, findings in found.items()})
    else:
        _print(found)


async def _lint(addresses: Addresses, registry: Registry, slugs: Sequence[str]) -> Mapping[str, Sequence[Finding]]:
    if addresses.embedded is not None:
        await prepare(addresses)
    async with opened(addresses) as database:
        return await findings_by_organization(database, registry, datetime.now(UTC), slugs)


def _print(found: Mapping[str, Sequence[Finding]]) -> None:
    for slug, findings in found.items():
        click.echo(f"{slug}: {_counted(findings)}")
        if findings:
            show(_HEADING, [(f.rule.value, f.severity.value, f.kpi or "", f.message) for f in findings])


def _counted(findings: Sequence[Finding]) -> str:
    """How many findings there are of each severity, the gravest first."""
    counts = Counter(finding.severity for finding in findings)
    words = [f"{counts[severity]} {severity.value}" for severity in FindingSeverity if counts[severity]]
    return ", ".join(words) or "everything fits together"


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.value,
        "severity": finding.severity.value,
        "message": finding.message,
        "kpi": finding.kpi,
        "left": _side(finding.left),
        "right": _side(finding.right),
        "difference": None if finding.difference is None else plain(finding.difference),
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "text": side.text,
        "value": None if side.value is None else plain(side.value),
        "source": None if side.place is None else str(side.place),
    }
