"""`kpi-server plugins verify`: whether families keep what they promise."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import orjson
from strawberry import Schema

from kpi_server.api.schema import build_schema
from kpi_server.api.statement_budget import budget_checks
from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import show_json
from kpi_server.cli.databases import Addresses, addresses_of, opened, prepare, scratch
from kpi_server.cli.options import data_option, json_option
from kpi_server.cli.tables import show
from kpi_server.domain.conformance.check import Check, Rule
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.conformance import agreement, conformance, names
from kpi_server.store.database import Database

Found = Mapping[str, Sequence[Check]]


@click.command()
@click.argument("family", required=False)
@json_option
@data_option
def command(family: str | None, as_json: bool, data: Path) -> int:
    """Check what FAMILY promises, or all families.

    Golden vectors, missing and zero inputs, roll-ups, agreement with PostgreSQL, statements that fields take, and that
    families answer the same twice. Ends with 1 when anything fails.
    """
    settings = settings_of_environment()
    registry = discover(Policy.QUARANTINE)
    found = {name: conformance(registry, name) for name in ([family] if family else names(registry))}
    with addresses_of(settings, data) as addresses:
        agreed = asyncio.run(_agreements(addresses, registry, [*found]))
    schema = _schema_check(registry)
    whole = {name: [*checks, *agreed[name], schema] for name, checks in found.items()}
    if as_json:
        show_json({name: _as_json(checks) for name, checks in whole.items()})
    else:
        _print(whole)
    return 1 if any(check.problem for checks in whole.values() for check in checks) else 0


async def _agreements(addresses: Addresses, registry: Registry, families: Sequence[str]) -> Found:
    if addresses.embedded is not None:
        await prepare(addresses)
    async with opened(addresses) as database:
        agreed = {name: await agreement(registry, name, database) for name in families}
    async with scratch(addresses) as database_of_its_own:
        if database_of_its_own is None:
            return agreed
        schema = build_schema(registry)
        return {
            name: [*checks, *await _budgets(schema, registry, name, database_of_its_own)]
            for name, checks in agreed.items()
        }


async def _budgets(schema: Schema, registry: Registry, family: str, database: Database) -> Sequence[Check]:
    loaded = registry.family(family)
    return [] if loaded is None else await budget_checks(schema, registry, loaded, database)


def _schema_check(registry: Registry) -> Check:
    """Hooks that go through a set, or ask a clock, answer something else in the next process."""
    if _digest_elsewhere() != registry.digest:
        return Check(Rule.SCHEMA, "registry", "in another process the families' hooks answer something else")
    again = build_schema(discover(Policy.QUARANTINE)).as_str()
    same = build_schema(registry).as_str() == again
    return Check(Rule.SCHEMA, "schema", "" if same else "the same families make another schema the second time")


def _digest_elsewhere() -> str:
    """The registry's digest in a process that orders sets in another way."""
    words = [sys.executable, "-m", "kpi_server", "plugins", "--json"]
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    listed = subprocess.run(words, env=environment, capture_output=True, check=False)  # noqa: S603 - this program
    try:
        return str(orjson.loads(listed.stdout)["digest"])
    except (orjson.JSONDecodeError, KeyError):
        return ""


def _print(found: Found) -> None:
    rules = [rule.replace("_", " ").capitalize() for rule in Rule]
    show(("Family", *rules), [(name, *_row(checks)) for name, checks in found.items()])
    for check in _failed([check for checks in found.values() for check in checks]):
        click.echo(f"{check.subject}: {check.rule}: {check.problem}")


def _row(checks: Sequence[Check]) -> list[str]:
    """For each rule how many checks there were, and how many of them failed if any did."""
    counts, failed = Counter(check.rule for check in checks), Counter(check.rule for check in checks if check.problem)
    return [f"{failed[rule]} of {counts[rule]} fail" if failed[rule] else str(counts[rule] or "") for rule in Rule]


def _failed(checks: Sequence[Check]) -> list[Check]:
    return [*dict.fromkeys(check for check in checks if check.problem)]


def _as_json(checks: Sequence[Check]) -> dict[str, object]:
    return {
        "checked": Counter(check.rule.value for check in checks),
        "failed": [
            {"rule": check.rule.value, "subject": check.subject, "problem": check.problem} for check in _failed(checks)
        ],
    }
