"""From rows of a catalog to rows of the database: one builder a kind that needs more than its fields copied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from kpi_server.domain.currency import is_currency
from kpi_server.domain.figure import Figure, parse_figure
from kpi_server.domain.unit import Unit, UnitKind, parse_unit
from kpi_server.errors import CatalogError, Problem
from kpi_server.registry import Registry
from kpi_server.services.catalog.aliases import build_aliases
from kpi_server.services.catalog.boards import build_alert, build_alert_rule, build_widget
from kpi_server.services.catalog.checking import check
from kpi_server.services.catalog.cohorts import build_cohort_row, build_cohort_table, build_cohort_target
from kpi_server.services.catalog.draft import Draft, plain_columns
from kpi_server.services.catalog.figures import (
    build_figure,
    build_kpi_row,
    build_observation,
    build_revision,
    build_target,
)
from kpi_server.services.catalog.kpis import build_kpis
from kpi_server.services.catalog.meanings import meanings
from kpi_server.services.catalog.reading import Placed, Reading
from kpi_server.services.catalog.rows import Organization
from kpi_server.services.catalog.shapes import TABLES
from kpi_server.store.catalog import Desired, Ref, complete

Builder = Callable[[Draft, Placed], None]


@dataclass(frozen=True)
class Content:
    """An organization and the rows it is to have, by table and natural key."""

    organization: Organization
    tables: Desired


def build(reading: Reading, registry: Registry) -> Content:
    """What a catalog holds, ready to be compared with the database.

    Raises:
        CatalogError: something is wrong with it; the message holds everything that is.
    """
    check(reading)
    first = reading.organizations[0].row if reading.organizations else None
    currency = first.currency if first and is_currency(first.currency) else None
    draft = Draft(reading, currency, meanings(reading, registry, currency=currency))
    for kind in _ORDER:
        builder = _BUILDERS.get(kind, _copier(kind))
        for placed in reading.rows[kind]:
            builder(draft, placed)
    build_kpis(draft)
    build_aliases(draft, registry)
    if reading.problems or first is None:
        raise refusal(reading)
    return Content(first, complete(draft.tables))


def refusal(reading: Reading) -> CatalogError:
    """Everything that is wrong with a folder, in the order of its files and lines."""
    problems = sorted(set(reading.problems), key=_in_file)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return CatalogError(f"{reading.folder} is not loaded, {count}:", problems)


def _in_file(problem: Problem) -> tuple[str, int, str, str]:
    file, _, line = problem.place.rpartition(":")
    if file and line.isdecimal():
        return file, int(line), problem.field, problem.message
    return problem.place, 0, problem.field, problem.message


def _copier(kind: str) -> Builder:
    def copy(draft: Draft, placed: Placed) -> None:
        draft.add(TABLES[kind], natural_key(kind, placed.row), placed.row, plain_columns(kind, placed.row))

    return copy


_PARENTS: Final[Mapping[str, str]] = {
    "responsibilities": "owner",
    "key_results": "initiative",
    "decision_items": "decision",
    "approvals": "owner",
    "insights": "table",
    "stage_criteria": "stage",
    "report_topics": "schedule",
    "review_steps": "review",
    "model_parameters": "model",
}


def natural_key(kind: str, row: Any) -> str:
    """The declared key, or else what the row belongs to and the line it is printed on."""
    if hasattr(row, "key"):
        return str(row.key)
    if hasattr(row, "quote"):
        return f"{row.base}/{row.quote} {row.day}"
    if hasattr(row, "dimension"):
        return f"{row.dimension}={row.value}"
    parent = getattr(row, _PARENTS[kind]) if kind in _PARENTS else ""
    return f"{parent}@{row.source}"


def _build_document(draft: Draft, placed: Placed) -> None:
    row = placed.row
    period = draft.period(placed, "period", row.period)
    dated = draft.period(placed, "dated", row.dated)
    draft.remember_period(row.key, period or dated)
    draft.period(placed, "next_review", row.next_review)
    spans = {"period_start": period and period.start, "period_end": period and period.end}
    draft.add("documents", row.key, row, {**plain_columns("documents", row), **spans})


def _build_note(kind: str) -> Builder:
    def build_note(draft: Draft, placed: Placed) -> None:
        row = placed.row
        columns = {
            "kpi_id": Ref("kpis", row.kpi),
            "kind": kind,
            "label": getattr(row, "label", None),
            "text": row.text,
            "points": getattr(row, "points", None),
        }
        draft.add("kpi_notes", f"{row.kpi}@{row.source} {kind}", row, columns)

    return build_note


def _build_risk(draft: Draft, placed: Placed) -> None:
    row = placed.row
    risk = {"name": row.name, **_references(plain_columns("risks", row), "kpi_id", "decision_id")}
    known = draft.tables["risks"].get(row.key)
    if known is None:
        draft.add("risks", row.key, row, risk)
    else:
        known |= {name: value for name, value in risk.items() if known[name] is None}
    printed = plain_columns("risks", row, without={"name", "kpi", "decision", "probability"})
    columns = {
        **printed,
        "risk_id": Ref("risks", row.key),
        "probability_text": row.probability,
        "probability": _share(draft, placed, "probability"),
    }
    draft.add("risk_assessments", f"{row.key}@{row.source}", row, columns)


def _references(columns: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: columns[name] for name in names}


def _share(draft: Draft, placed: Placed, field: str) -> Any:
    words = getattr(placed.row, field)
    if words is None:
        return None
    read = draft.attempt(placed, field, lambda: parse_figure(words, Unit(UnitKind.RATIO)))
    return read and read.value


def _build_mitigation(draft: Draft, placed: Placed) -> None:
    row = placed.row
    columns = {
        **plain_columns("mitigations", row, without={"progress"}),
        "progress_text": row.progress,
        "progress": _share(draft, placed, "progress"),
    }
    draft.add("mitigations", row.key, row, columns)


def _build_initiative(draft: Draft, placed: Placed) -> None:
    draft.period(placed, "period", placed.row.period)
    _copier("initiatives")(draft, placed)


def _build_key_result(draft: Draft, placed: Placed) -> None:
    row = placed.row
    unit = draft.attempt(placed, "unit", lambda: draft.fixed(row.unit))
    if unit is None:
        return

    def number(field: str) -> Figure | None:
        return draft.attempt(placed, field, lambda: parse_figure(getattr(row, field), unit, names=(row.name,)))

    current, target = number("current"), number("target")
    columns = {
        **plain_columns("key_results", row, without={"current", "target"}),
        "unit": str(unit),
        "current_text": row.current,
        "current": current and current.value,
        "target_text": row.target,
        "target": target and target.value,
    }
    draft.add("key_results", natural_key("key_results", row), row, columns)


def _build_decision(draft: Draft, placed: Placed) -> None:
    row = placed.row
    decision = draft.add("decisions", row.key, row, plain_columns("decisions", row, without={"kpis"}))
    for kpi in dict.fromkeys(row.kpis):
        draft.add("decision_kpis", f"{row.key} {kpi}", row, {"decision_id": decision, "kpi_id": Ref("kpis", kpi)})


def _build_decision_item(draft: Draft, placed: Placed) -> None:
    row = placed.row
    amount = None
    if row.amount is not None and draft.currency is not None:
        money = Unit(UnitKind.MONEY, currency=draft.currency)
        amount = draft.attempt(placed, "amount", lambda: parse_figure(row.amount, money))
    columns = {
        **plain_columns("decision_items", row, without={"amount"}),
        "amount_text": row.amount,
        "amount": amount and amount.value,
    }
    draft.add("decision_items", natural_key("decision_items", row), row, columns)


def _build_stage(draft: Draft, placed: Placed) -> None:
    row = placed.row
    if row.first_month > row.last_month:
        draft.reading.report(placed.at("last_month"), "last_month", f"is before first_month {row.first_month}")
    _copier("stages")(draft, placed)


def _build_data_source(draft: Draft, placed: Placed) -> None:
    row = placed.row
    system = draft.add("data_sources", row.key, row, plain_columns("data_sources", row, without={"kpis"}))
    for kpi in dict.fromkeys(row.kpis):
        columns = {"data_source_id": system, "kpi_id": Ref("kpis", kpi)}
        draft.add("data_source_kpis", f"{row.key} {kpi}", row, columns)


def _build_score(draft: Draft, placed: Placed) -> None:
    """A score says its scale itself ("85/100"); a bare one is out of 100."""
    row = placed.row
    _, _, most = row.text.partition("/")
    unit = draft.attempt(placed, "text", lambda: parse_unit(f"SCORE(0,{most.strip() or 100})"))
    read = draft.attempt(placed, "text", lambda: parse_figure(row.text, unit)) if unit else None
    columns = {**plain_columns("scores", row), "value": read and read.value}
    draft.add("scores", natural_key("scores", row), row, columns)


def _build_exchange_rate(draft: Draft, placed: Placed) -> None:
    row = placed.row
    for field in ("base", "quote"):
        if not is_currency(getattr(row, field)):
            draft.reading.report(placed.at(field), field, f'"{getattr(row, field)}" is no ISO 4217 currency')
    if row.base == row.quote:
        draft.reading.report(placed.at("quote"), "quote", f"a rate is of two currencies, not from {row.base} to it")
    rate = Decimal(row.rate)
    if not rate:
        draft.reading.report(placed.at("rate"), "rate", "a rate is above zero")
    columns = {**plain_columns("exchange_rates", row), "rate": rate}
    draft.add("exchange_rates", natural_key("exchange_rates", row), row, columns)


_BUILDERS: Final[Mapping[str, Builder]] = {
    "documents": _build_document,
    "exchange_rates": _build_exchange_rate,
    **{kind: _build_note(kind.upper().removesuffix("S")) for kind, table in TABLES.items() if table == "kpi_notes"},
    "kpi_rows": build_kpi_row,
    "figures": build_figure,
    "targets": build_target,
    "target_revisions": build_revision,
    "observations": build_observation,
    "risks": _build_risk,
    "mitigations": _build_mitigation,
    "initiatives": _build_initiative,
    "key_results": _build_key_result,
    "decisions": _build_decision,
    "decision_items": _build_decision_item,
    "alert_rules": build_alert_rule,
    "alerts": build_alert,
    "cohort_tables": build_cohort_table,
    "cohort_rows": build_cohort_row,
    "cohort_targets": build_cohort_target,
    "stages": _build_stage,
    "widgets": build_widget,
    "data_sources": _build_data_source,
    "scores": _build_score,
}
_ORDER: Final = tuple(kind for kind in TABLES if kind != "kpis")
