"""`kpi-server plugins`: which families are loaded, from where, and what is wrong with the others."""

import click

from kpi_server.cli.console import show, show_json
from kpi_server.cli.options import json_option
from kpi_server.registry import Policy, Registry, discover


@click.command()
@json_option
def command(as_json: bool) -> int:
    """List the families that are loaded, and from where.

    Ends with 1 when a family has a problem, for which a server with the policy "strict" would not start.
    """
    registry = discover(Policy.QUARANTINE)
    if as_json:
        show_json(_as_json(registry))
    else:
        show(("Family", "Title", "Metrics", "Distribution", "Version", "Location"), _rows(registry))
        for left_out in registry.quarantined:
            click.echo(f"{left_out.name}: {left_out.reason}", err=True)
    return 1 if registry.quarantined else 0


def _as_json(registry: Registry) -> dict[str, object]:
    return {
        "digest": registry.digest,
        "families": [
            {
                "name": loaded.family.name,
                "title": loaded.family.title,
                "metrics": len(loaded.metrics),
                "distribution": loaded.distribution,
                "version": loaded.version,
                "location": loaded.location,
            }
            for loaded in registry.families
        ],
        "quarantined": [
            {"name": q.name, "distribution": q.distribution, "version": q.version, "reason": q.reason}
            for q in registry.quarantined
        ],
    }


def _rows(registry: Registry) -> list[tuple[str, ...]]:
    served = [
        (f.family.name, f.family.title, str(len(f.metrics)), f.distribution, f.version, f.location)
        for f in registry.families
    ]
    return [*served, *((q.name, "(quarantined)", "", q.distribution, q.version, "") for q in registry.quarantined)]
