"""What has been loaded, counted: every kind of every organization, and what each document printed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kpi_server.store.catalog import TENANT_TABLES
from kpi_server.store.counting import Count, Counted, count_rows
from kpi_server.store.database import Database
from kpi_server.store.organizations import directory

_CALLED: Final[Mapping[str, str]] = {"reported_figures": "figures"}
KINDS: Final = tuple(sorted(_CALLED.get(table.name, str(table.name)) for table in TENANT_TABLES))
"""Every kind that is counted, also where there is none."""

_DETAILS: Final = (
    "cohort_cells_filled", "definitions", "formulas", "components", "usages", "benchmarks", "rationales",
)  # fmt: skip
"""Parts of a kind that are counted besides it."""

_PRINTED: Final = tuple(kind for kind in KINDS if kind not in {"kpis", "kpi_aliases", "documents"})


@dataclass(frozen=True)
class OrganizationReport:
    """The counts of one organization.

    In `documents`, `kpis` are the distinct KPIs of a document's rows, `target_lines` the lines on which its KPI rows
    print targets.
    """

    slug: str
    name: str
    sequence: int
    counts: Mapping[str, int]
    documents: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Report:
    """The counts of some organizations, in the order of their slugs."""

    organizations: tuple[OrganizationReport, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as JSON, the same for the same content."""
        return {
            "organizations": {
                found.slug: {
                    "name": found.name,
                    "sequence": found.sequence,
                    "counts": dict(found.counts),
                    "documents": {key: dict(counts) for key, counts in found.documents.items()},
                }
                for found in self.organizations
            }
        }

    def as_table(self) -> list[tuple[str, ...]]:
        """A heading and a row for each kind that any organization has, one column an organization."""
        heading = ("kind", *(found.slug for found in self.organizations))
        kinds = sorted({kind for found in self.organizations for kind, count in found.counts.items() if count})
        rows = ((kind, *(f"{found.counts[kind]:,}" for found in self.organizations)) for kind in kinds)
        return [heading, *rows]

    def as_document_table(self) -> list[tuple[str, ...]]:
        """A heading and a row for each document: what it is mostly made of."""
        shown = ("kpi_rows", "kpis", "figures", "targets", "target_lines", "alert_rules", "alerts", "cohort_cells")
        rows = (
            (found.slug, document, *(f"{counts[kind]:,}" for kind in shown))
            for found in self.organizations
            for document, counts in found.documents.items()
        )
        return [("organization", "document", *shown), *rows]


async def report(database: Database, slugs: Iterable[str]) -> Report:
    """The counts of the organizations with these slugs; one that is not loaded is left out."""
    known = await directory(database)
    counted = await count_rows(database, [known[slug] for slug in slugs if slug in known])
    return Report(tuple(_report(found) for found in counted))


def _report(found: Counted) -> OrganizationReport:
    documents = {document: _of_document(found, document) for document in found.documents}
    additive = [(count.kind, count.count) for count in found.details if count.kind in _DETAILS]
    counts = _counts(KINDS, _named(found.rows)) | _counts(_DETAILS, additive)
    return OrganizationReport(found.slug, found.name, found.sequence, dict(sorted(counts.items())), documents)


def _of_document(found: Counted, document: str) -> Mapping[str, int]:
    rows = [count for count in found.rows if count.document == document]
    details = dict.fromkeys((*_DETAILS, "kpis", "target_lines"), 0)
    details |= {count.kind: count.count for count in found.details if count.document == document}
    return dict(sorted((_counts(_PRINTED, _named(rows)) | details).items()))


def _named(counts: Sequence[Count]) -> Iterator[tuple[str, int]]:
    return ((_CALLED.get(count.kind, count.kind), count.count) for count in counts)


def _counts(kinds: Iterable[str], found: Iterable[tuple[str, int]]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for kind, count in found:
        totals[kind] += count
    return {kind: totals[kind] for kind in kinds}
