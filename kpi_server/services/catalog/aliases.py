"""The names by which an organization's KPIs are found: those it declares, and those its documents print."""

from collections import defaultdict
from collections.abc import Mapping

from kpi_server.registry import Registry, fold_name
from kpi_server.services.catalog.draft import Draft
from kpi_server.services.catalog.reading import Placed
from kpi_server.store.catalog import Ref


def build_aliases(draft: Draft, registry: Registry) -> None:
    """Declared aliases, each of one KPI; then printed names, where they can mean no other KPI."""
    taken = _declared(draft)
    meanings = _meanings(draft, registry)
    for placed in sorted(draft.reading.rows["kpi_rows"], key=lambda placed: placed.row.source):
        kpi, folded = placed.row.kpi, fold_name(placed.row.name)
        if folded and meanings[folded] <= {kpi} and folded not in taken:
            taken[folded] = kpi
            _add(draft, placed, placed.row.name, kpi)


def _declared(draft: Draft) -> dict[str, str]:
    """Add the declared aliases; the KPI of every name and alias that is declared."""
    owners: dict[str, tuple[str, Placed]] = {}
    for placed in draft.reading.rows["kpis"]:
        owners.setdefault(fold_name(placed.row.name), (placed.row.key, placed))
    for placed in draft.reading.rows["kpis"]:
        for alias in placed.row.aliases:
            if _claim(draft, placed, alias, owners):
                _add(draft, placed, alias, placed.row.key)
    return {folded: kpi for folded, (kpi, _) in owners.items()}


def _claim(draft: Draft, placed: Placed, name: str, owners: dict[str, tuple[str, Placed]]) -> bool:
    """Whether a name is new; one that another KPI bears is reported."""
    folded, kpi = fold_name(name), placed.row.key
    if not folded:
        draft.reading.report(placed.at("aliases"), "aliases", f'"{name}" has neither letters nor digits')
        return False
    if folded not in owners:
        owners[folded] = (kpi, placed)
        return True
    owner, where = owners[folded]
    if owner != kpi:
        draft.reading.report(placed.at("aliases"), "aliases", f'"{name}" already means {owner}: it is at {where.place}')
    return False


def _meanings(draft: Draft, registry: Registry) -> Mapping[str, set[str]]:
    """Every KPI of the organization that a printed name may mean: by its rows, or by its family's names."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for placed in draft.reading.rows["kpi_rows"]:
        found[fold_name(placed.row.name)].add(placed.row.kpi)
    for key in {placed.row.key for placed in draft.reading.rows["kpis"]}:
        metric = registry.metric(key)
        for name in (metric.name, *metric.aliases) if metric else ():
            found[fold_name(name)].add(key)
    return found


def _add(draft: Draft, placed: Placed, name: str, kpi: str) -> None:
    folded = fold_name(name)
    draft.add(
        "kpi_aliases", f"{kpi} {folded}", placed.row, {"kpi_id": Ref("kpis", kpi), "name": name, "folded": folded}
    )
