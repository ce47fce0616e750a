"""What the demo says when it is ready: what it did, who may ask, what to ask, and how to stop it."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kpi_server.domain.access import Role
from kpi_server.services.catalog.loading import Receipt
from kpi_server.services.catalog.report import OrganizationReport, Report

QUERIES: Final = (
    (
        "one KPI by one of its names, with the line it is printed on",
        '{ organization(slug: "ai-marketing-platform") { kpi(key: "LTV") '
        "{ key name current { text source { document line } } target { text } status owner { title } } } }",
    ),
    (
        "what was missed in the quarter",
        '{ organization(slug: "snapshot-co") { kpis(filter: {status: {in: [MISSED]}}) '
        "{ totalCount nodes { name current { text } target { text } attainment } } } }",
    ),
    (
        "who you are and what you may open",
        "{ viewer { name grants { role organization { slug name } } } }",
    ),
)
FOLLOW: Final = (
    'subscription { changes(organization: "snapshot-co") '
    "{ events { kind key period newExact oldStatus newStatus } cursor } }"
)
RECORD: Final = (
    'mutation { recordObservations(input: {organization: "snapshot-co", source: "pager", '
    'observations: [{kpi: "MTTR", period: "2024-04", value: "2100"}]}) '
    "{ observations { period value } errors { message } } }"
)


@dataclass(frozen=True)
class Loaded:
    """The companies that are there; no receipts when nothing had to be loaded."""

    receipts: Sequence[Receipt]
    report: Report


@dataclass(frozen=True)
class Ready:
    """A demo that answers."""

    url: str
    tokens: Mapping[str, str]
    data: str
    pid: int
    loaded: Loaded


def welcome(ready: Ready) -> str:
    """Everything a newcomer needs next, as text."""
    companies = ready.loaded.report.organizations
    return "\n".join(
        [
            f"kpi-server is ready on {ready.url}",
            "",
            f"{_outcome(ready.loaded.receipts)} {len(companies)} companies:",
            *(f"  {c.slug:<24} {c.counts['kpis']:>3} KPIs in {_rows(c):>5,} rows" for c in companies),
            "What their KPIs are computed from is generated history of two years, marked GENERATED.",
            f"The data lies in {ready.data}.",
            "",
            "Tokens (new at each start; each opens every sample company in its role):",
            *(f"  {role:<11} {token}" for role, token in ready.tokens.items()),
            "",
            f"In a browser: {ready.url}/graphql",
            "",
            "Or try:",
            *(f"  # {words}\n  {curl(ready, query)}" for words, query in QUERIES),
            "",
            "Or watch it change:",
            f"  # what changes in a company, until you stop it\n  {curl(ready, FOLLOW, streams=True)}",
            f"  # meanwhile, elsewhere: recovery took 35 minutes in April\n  {curl(ready, RECORD, Role.SERVICE)}",
            "",
            "Ctrl-C stops it and keeps the data; `--reset` starts over.",
        ]
    )


def curl(ready: Ready, query: str, role: Role = Role.EXECUTIVE, *, streams: bool = False) -> str:
    """The command that asks this in a role, for a shell."""
    headers = [f"Authorization: Bearer {ready.tokens[role]}", "Content-Type: application/json"]
    headers += ["Accept: text/event-stream"] if streams else []
    words = ["curl", "-sN" if streams else "-s", f"{ready.url}/graphql"]
    words += [word for header in headers for word in ("-H", header)]
    return shlex.join([*words, "-d", json.dumps({"query": query})])


def _outcome(receipts: Sequence[Receipt]) -> str:
    """What loading did.

    >>> _outcome([Receipt("a", created=1_200, updated=3, deleted=0, sequence=1, problems=(), loaded=True)])
    'Loaded (1,200 rows created, 3 updated, 0 deleted),'
    >>> _outcome([])
    'Loaded earlier and unchanged,'
    """
    created, updated, deleted = (sum(getattr(r, kind) for r in receipts) for kind in ("created", "updated", "deleted"))
    if created + updated + deleted == 0:
        return "Loaded earlier and unchanged,"
    return f"Loaded ({created:,} rows created, {updated:,} updated, {deleted:,} deleted),"


def _rows(company: OrganizationReport) -> int:
    """The stored rows; the filled cohort cells are cells as well."""
    return sum(count for kind, count in company.counts.items() if kind != "cohort_cells_filled")
