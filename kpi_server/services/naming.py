"""Which KPI or measure a key, name or alias means."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from kpi_server.domain.recording import Measured, Name, unfit
from kpi_server.domain.unit import UnitKind, fix, parse_unit
from kpi_server.errors import Ambiguous, BadInput, NotFound, UserError
from kpi_server.plugin import Measure
from kpi_server.registry import Registry, fold_name
from kpi_server.store.reads import Fetch
from kpi_server.store.reads.kpis import Meaning, meanings, measure_ids, units


def meant(asked: str, found: Sequence[Meaning]) -> Meaning | None:
    """The closest of the KPIs that a text may mean, or None where it means none.

    Raises:
        Ambiguous: several are equally close; the message lists them.
    """
    if not found:
        return None
    rank = min(meaning.rank for meaning in found)
    closest = [meaning for meaning in found if meaning.rank == rank]
    if len(closest) > 1:
        choices = ", ".join(f"{meaning.key} ({meaning.name})" for meaning in closest)
        raise Ambiguous(f'"{asked}" may mean {choices}: ask by key')
    return closest[0]


def measure_meant(registry: Registry, asked: str) -> str | None:
    """The key of the families' measure that a text means, by key, name or alias, or None where it means none.

    Raises:
        Ambiguous: it may mean several; the message lists them.
    """
    return _only(asked, registry.resolve_measure(asked))


def defined_meant(registry: Registry, asked: str) -> str | None:
    """The key of the families' calculated metric that a text means, else of their measure, or None.

    Raises:
        Ambiguous: it may mean several metrics or several measures; the message lists them.
    """
    calculated = [key for key in registry.resolve(asked) if key in registry.calculators]
    return _only(asked, calculated) or measure_meant(registry, asked)


def _only(asked: str, found: Sequence[str]) -> str | None:
    if len(found) > 1:
        raise Ambiguous(f'"{asked}" may mean {", ".join(sorted(found))}: ask by key')
    return found[0] if found else None


async def measured(
    fetch: Fetch, registry: Registry, organization_id: int, names: Collection[Name], *, currency: str
) -> Mapping[Name, Measured | UserError]:
    """For each name the KPI or measure that it means, or why it means none; `currency` is the organization's.

    One statement for keys of KPIs, two more for other names of them, one for measures.
    """
    told: dict[Name, Measured | UserError] = {
        name: BadInput(f"there is nothing of that name: {fault}" if name[1] else "name the KPI or measure it is of")
        for name in names
        if (fault := unfit(name[1]))
    }
    kpis = [text for field, text in names if field == "kpi" and (field, text) not in told]
    measures = [text for field, text in names if field == "measure" and (field, text) not in told]
    told |= {("kpi", text): found for text, found in (await _kpis(fetch, registry, organization_id, kpis)).items()}
    of_families = {text: _measure(registry, text) for text in measures}
    keys = sorted({key for key in of_families.values() if isinstance(key, str)})
    known = await measures_of(fetch, registry, organization_id, keys, currency=currency)
    return told | {
        ("measure", text): key if isinstance(key, UserError) else known[key] for text, key in of_families.items()
    }


async def measures_of(
    fetch: Fetch, registry: Registry, organization_id: int, keys: Collection[str], *, currency: str
) -> Mapping[str, Measured]:
    """The families' measures of these keys, as the organization, whose currency it is, records them."""
    ids = await measure_ids(fetch, organization_id, sorted(keys)) if keys else {}
    return {key: _of_family(registry.measures[key], key, ids.get(key), currency) for key in keys}


async def _kpis(
    fetch: Fetch, registry: Registry, organization_id: int, texts: Sequence[str]
) -> Mapping[str, Measured | UserError]:
    told: dict[str, str | UserError] = {}
    known = await units(fetch, organization_id, sorted(texts)) if texts else {}
    told |= {key: key for key in known}
    asked = [text for text in texts if text not in told]
    if asked:
        wanted = [(organization_id, text, fold_name(text), registry.resolve(text)) for text in asked]
        told |= {text: _told(text, found) for text, found in zip(asked, await meanings(fetch, wanted), strict=True)}
        meant_keys = {key for key in told.values() if isinstance(key, str)}
        known |= await units(fetch, organization_id, sorted(meant_keys - set(known)))
    measures = {key: Measured(number, key, parse_unit(unit)) for key, (number, unit) in known.items()}
    return {text: found if isinstance(found, UserError) else measures[found] for text, found in told.items()}


def _measure(registry: Registry, text: str) -> str | UserError:
    try:
        found = measure_meant(registry, text)
    except Ambiguous as error:
        return error
    return found or NotFound(f'no family has a measure "{text}"{_closest(registry, fold_name(text))}')


def _closest(registry: Registry, folded: str) -> str:
    known = registry.measures.items()
    spelled = {fold_name(name): key for key, m in known for name in (key, m.key, m.name, *m.aliases)}
    keys = dict.fromkeys(spelled[name] for name in get_close_matches(folded, spelled, n=5))
    return f"; did you mean {' or '.join(keys)}?" if keys else ""


def _of_family(measure: Measure, key: str, number: int | None, currency: str) -> Measured:
    is_money = measure.unit.kind is UnitKind.MONEY
    return Measured(number, key, fix(measure.unit, currency=currency), measure.sketch, takes_currencies=is_money)


def _told(text: str, found: Sequence[Meaning]) -> str | UserError:
    try:
        closest = meant(text, found)
    except Ambiguous as error:
        return error
    return NotFound(f'the organization has no KPI "{text}"') if closest is None else closest.key
