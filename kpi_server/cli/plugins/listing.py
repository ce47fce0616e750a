"""Which families are loaded, from where, and what is wrong with the others."""

import click

from kpi_server.cli.console import show_json
from kpi_server.cli.tables import show
from kpi_server.registry import LoadedFamily, Policy, Registry, discover


def list_families(*, as_json: bool) -> int:
    """Show them; 1 when one has a problem, for which a server with the policy "strict" would not start."""
    registry = discover(Policy.QUARANTINE)
    if as_json:
        show_json(_as_json(registry))
    else:
        show(("Family", "Title", "Metrics", "Measures", "Distribution", "Version", "Location"), _rows(registry))
        for left_out in registry.quarantined:
            for problem in left_out.problems:
                click.echo(f"{left_out.name}: {problem}", err=True)
    return 1 if registry.quarantined else 0


def _as_json(registry: Registry) -> dict[str, object]:
    return {
        "digest": registry.digest,
        "families": [
            {
                "name": loaded.family.name,
                "title": loaded.family.title,
                "metrics": len(loaded.metrics),
                "measures": len(loaded.measures),
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
        (f.family.name, f.family.title, *_counts(f), f.distribution, f.version, f.location) for f in registry.families
    ]
    return [*served, *((q.name, "(quarantined)", "", "", q.distribution, q.version, "") for q in registry.quarantined)]


def _counts(loaded: LoadedFamily) -> tuple[str, str]:
    return str(len(loaded.metrics)), str(len(loaded.measures))
