"""What one operation reads, gathered by kind: each loader asks once for all keys that one level of the answer needs."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, LiteralString

from strawberry.dataloader import DataLoader

from kpi_server.domain.calculation import Calculated, Wanted
from kpi_server.domain.lint.finding import Finding
from kpi_server.domain.reconciliation.comparing import Reconciliation
from kpi_server.registry import Registry, fold_name
from kpi_server.services.calculation.calculating import Books, calculate
from kpi_server.services.calculation.reading import read_values
from kpi_server.services.lint import findings, reconciliations
from kpi_server.services.series import read_series
from kpi_server.store.reads import Fetch, Key, Record, TextKey, keyset, rows, summaries
from kpi_server.store.reads import imports as import_reads
from kpi_server.store.reads import kpis as kpi_reads
from kpi_server.store.reads import risks as risk_reads
from kpi_server.store.reads.facts import facts_of_kpis
from kpi_server.store.reads.rollup import MeasureCell, observations_of_cells
from kpi_server.store.reads.series import series_of_measures

Table = Literal[
    "access_levels",
    "action_items",
    "alert_classes",
    "alert_rules",
    "alerts",
    "analytics_models",
    "approvals",
    "categories",
    "classifications",
    "cohort_cells",
    "cohort_rows",
    "cohort_tables",
    "cohort_targets",
    "contacts",
    "dashboards",
    "data_source_kpis",
    "data_sources",
    "decision_items",
    "decision_kpis",
    "decisions",
    "departments",
    "documents",
    "exchange_rates",
    "initiatives",
    "insights",
    "key_results",
    "kpi_aliases",
    "kpi_notes",
    "kpi_rows",
    "mitigations",
    "model_parameters",
    "owners",
    "people",
    "quality_controls",
    "report_schedules",
    "report_topics",
    "reported_figures",
    "responsibilities",
    "review_steps",
    "reviews",
    "risk_assessments",
    "risks",
    "scores",
    "segments",
    "stage_criteria",
    "stages",
    "statements",
    "target_revisions",
    "targets",
    "trend_rows",
    "widgets",
]
"""The tables that are read row by row."""

MOST_OBSERVATIONS: Final = 100
"""How many observations of an input an explanation shows."""

Loading = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]
Reading = Callable[[Fetch, Registry, Books, Sequence[Wanted]], Awaitable[list[Calculated]]]


class Loaders:
    """The loaders of one operation; they remember what they have read, which is right within one snapshot."""

    def __init__(self, fetch: Fetch, registry: Registry, now: datetime) -> None:
        self._fetch = fetch
        self._registry = registry
        self._now = now
        self._by_id: dict[str, DataLoader[Key, Record | None]] = {}
        self._children: dict[tuple[str, str], DataLoader[Key, list[Record]]] = {}
        self.organizations = _loader(partial(rows.organizations, fetch))
        self.aggregates = _loader(self._aggregates)
        self.reasons_of_imports = _loader(partial(import_reads.reasons, fetch))
        self.waiting = _loader(partial(import_reads.waiting, fetch))
        self.closed_periods = _loader(partial(rows.closed_periods, fetch))
        self.batches = _loader(partial(rows.batches, fetch))
        self.documents = _loader(partial(rows.by_text, fetch, "documents", "key"))
        self.statements_of_documents = _loader(partial(rows.by_text, fetch, "statements", "document"))
        self.findings = _loader(self._findings)
        self.reconciliations = _loader(self._reconciliations)
        self.kpis = _loader(partial(kpi_reads.kpis_by_id, fetch, now))
        self.kpis_by_key = _loader(partial(kpi_reads.kpis_by_key, fetch, now))
        self.series = _loader(partial(read_series, fetch))
        self.recorded_series = _loader(partial(series_of_measures, fetch))
        self.calculated = _loader(partial(self._values, calculate))
        self.values = _loader(partial(self._values, read_values))
        self.observed = _loader(self._observed)
        self.standings = _loader(partial(kpi_reads.standings, fetch, now))
        self.meanings = _loader(self._meanings)
        self.facts_of_kpis = _loader(partial(facts_of_kpis, fetch))
        self.annotations_of_kpis = _loader(partial(rows.annotations, fetch))
        self.decisions_of_kpis = _loader(partial(rows.related, fetch, "decisions_of_kpis", "decision"))
        self.initiatives_of_kpis = _loader(partial(rows.related, fetch, "initiatives_of_kpis", "initiative"))
        self.risks = _loader(partial(risk_reads.risks_by, fetch, "id"))
        self.risks_of_kpis = _loader(partial(risk_reads.risks_by, fetch, "kpi_id"))
        self.standings_today = _loader(partial(summaries.standings_today, fetch, now))
        self.deadlines = _loader(partial(summaries.deadlines, fetch))
        self.pages = DataLoader(load_fn=partial(keyset.read_pages, fetch), cache=False)
        self.counts = DataLoader(load_fn=partial(keyset.counts, fetch), cache=False)
        self.segments_of = _loader(partial(summaries.segments_of, fetch))
        self.alert_counts = _loader(partial(summaries.alert_counts, fetch))

    async def _aggregates(self, ids: Sequence[int]) -> list[list[Record]]:
        kinds = {key: one.kind for key, one in self._registry.aggregates.items()}
        return await import_reads.aggregates(self._fetch, kinds, ids)

    def row(self, table: Table) -> DataLoader[Key, Record | None]:
        """Rows of a table by id."""
        if table not in self._by_id:
            self._by_id[table] = _loader(partial(rows.by_id, self._fetch, table))
        return self._by_id[table]

    def children(self, table: Table, column: LiteralString) -> DataLoader[Key, list[Record]]:
        """Rows of a table by the row they belong to, in document order."""
        if (table, column) not in self._children:
            self._children[table, column] = _loader(partial(rows.children, self._fetch, table, column))
        return self._children[table, column]

    async def _findings(self, organizations: Sequence[int]) -> list[Sequence[Finding]]:
        known = await self.organizations.load_many(organizations)
        return [await findings(self._fetch, self._registry, one, self._now) for one in known]

    async def _reconciliations(self, organizations: Sequence[int]) -> list[Sequence[Reconciliation]]:
        known = await self.organizations.load_many(organizations)
        return [await reconciliations(self._fetch, self._registry, one, self._now) for one in known]

    async def _values(self, read: Reading, cells: Sequence[tuple[Books, Wanted]]) -> list[Calculated]:
        found: dict[tuple[Books, Wanted], Calculated] = {}
        for books in dict.fromkeys(books for books, _ in cells):
            wanted = [one for place, one in cells if place == books]
            values = await read(self._fetch, self._registry, books, wanted)
            found |= {(books, one): value for one, value in zip(wanted, values, strict=True)}
        return [found[cell] for cell in cells]

    async def _observed(self, cells: Sequence[tuple[Books, MeasureCell]]) -> list[list[Record]]:
        found: dict[tuple[Books, MeasureCell], list[Record]] = {}
        for books in dict.fromkeys(books for books, _ in cells):
            wanted = [one for place, one in cells if place == books]
            rows = await observations_of_cells(
                self._fetch, books.organization_id, wanted, most=MOST_OBSERVATIONS, generated=books.generated
            )
            found |= {(books, one): values for one, values in zip(wanted, rows, strict=True)}
        return [found[cell] for cell in cells]

    async def _meanings(self, asked: Sequence[TextKey]) -> list[list[kpi_reads.Meaning]]:
        return await kpi_reads.meanings(
            self._fetch,
            [(organization, text, fold_name(text), self._registry.resolve(text)) for organization, text in asked],
        )


def _loader(load: Loading) -> DataLoader[Any, Any]:
    return DataLoader(load_fn=load)
