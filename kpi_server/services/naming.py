"""Which KPI or measure a key, name or alias means."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from kpi_server.domain.recording import Measured, Name, unfit
from kpi_server.domain.spelling import MOST_SUGGESTED, closest, did_you_mean
from kpi_server.domain.unit import UnitKind, fix, parse_unit
from kpi_server.errors import Ambiguous, BadInput, NotFound, UserError
from kpi_server.plugin import Measure, Metric
from kpi_server.registry import Registry, fold_name
from kpi_server.store.reads import Fetch
from kpi_server.store.reads.kpis import Meaning, are_kpis, meanings, measure_ids, spellings, units

_NO_KPI: Final = "the organization has no KPI"
_NO_MEASURE: Final = "no family has a measure"


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


async def check_kpis(fetch: Fetch, registry: Registry, organization_id: int, keys: Sequence[str]) -> None:
    """Nothing, where the organization has a KPI of each of these keys.

    Raises:
        NotFound: it has not; the message names all that are unknown. One that is out of sight is as unknown as any.
    """
    if await are_kpis(fetch, organization_id, sorted(set(keys))):
        return
    spelled = await kpi_spellings(fetch, registry, organization_id)
    known = {*spelled.values()}
    if unknown := [key for key in dict.fromkeys(keys) if key not in known]:
        raise NotFound(_nothing(_NO_KPI, unknown, spelled))


async def kpi_spellings(fetch: Fetch, registry: Registry, organization_id: int) -> Mapping[str, str]:
    """The keys of the KPIs of an organization, by everything that it and the families call them."""
    rows = await spellings(fetch, organization_id)
    own = {text: row["key"] for row in rows for text in (*row["aliases"], fold_name(row["name"]), row["key"])}
    return {**declared_spellings(registry.metrics, [row["key"] for row in rows]), **own}


def declared_spellings(declared: Mapping[str, Metric] | Mapping[str, Measure], keys: Iterable[str]) -> dict[str, str]:
    """Those of these keys that are declared, by everything that the families call them."""
    known = [(key, one) for key in keys if (one := declared.get(key)) is not None]
    return {fold_name(text): key for key, one in known for text in (one.key, *one.aliases, one.name, key)}


def suggestion(texts: Sequence[str], spelled: Mapping[str, str]) -> str:
    """What may have been meant by texts that nothing is called, as it follows the message that says so."""
    found = [closest(fold_name(text), spelled) for text in texts[:MOST_SUGGESTED]]
    return did_you_mean(spelled[name] for names in found for name in names)


async def measured(
    fetch: Fetch,
    registry: Registry,
    organization_id: int,
    names: Collection[Name],
    *,
    currency: str,
    suggests: bool = True,
) -> Mapping[Name, Measured | UserError]:
    """For each name the KPI or measure that it means, or why it means none; `currency` is the organization's.

    One statement for keys of KPIs, two more for other names of them, one for what may have been meant by the first
    that nothing is called (where it `suggests` anything), one for measures.
    """
    told: dict[Name, Measured | UserError] = {
        name: BadInput(f"there is nothing of that name: {fault}" if name[1] else "name the KPI or measure it is of")
        for name in names
        if (fault := unfit(name[1], is_needed=True))
    }
    kpis = [text for field, text in names if field == "kpi" and (field, text) not in told]
    measures = [text for field, text in names if field == "measure" and (field, text) not in told]
    found = await _kpis(fetch, registry, organization_id, kpis, suggests=suggests)
    told |= {("kpi", text): kpi for text, kpi in found.items()}
    of_families = _measures(registry, measures, suggests=suggests)
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
    fetch: Fetch, registry: Registry, organization_id: int, texts: Sequence[str], *, suggests: bool
) -> Mapping[str, Measured | UserError]:
    told: dict[str, str | UserError] = {}
    known = await units(fetch, organization_id, sorted(texts)) if texts else {}
    told |= {key: key for key in known}
    asked = [text for text in texts if text not in told]
    if asked:
        wanted = [(organization_id, text, fold_name(text), registry.resolve(text)) for text in asked]
        named = zip(asked, await meanings(fetch, wanted), strict=True)
        found = {text: _told(text, kpis) for text, kpis in named}
        is_helpful = suggests and None in found.values()
        spelled = await kpi_spellings(fetch, registry, organization_id) if is_helpful else {}
        told |= _or_unknown(found, _NO_KPI, spelled)
        others = {key for key in told.values() if isinstance(key, str)} - set(known)
        known |= await units(fetch, organization_id, sorted(others)) if others else {}
    measures = {key: Measured(number, key, parse_unit(unit)) for key, (number, unit) in known.items()}
    return {text: found if isinstance(found, UserError) else measures[found] for text, found in told.items()}


def _measures(registry: Registry, texts: Sequence[str], *, suggests: bool) -> Mapping[str, str | UserError]:
    found = {text: _measure(registry, text) for text in texts}
    is_helpful = suggests and None in found.values()
    spelled = declared_spellings(registry.measures, registry.measures) if is_helpful else {}
    return _or_unknown(found, _NO_MEASURE, spelled)


def _measure(registry: Registry, text: str) -> str | UserError | None:
    try:
        return measure_meant(registry, text)
    except Ambiguous as error:
        return error


def _or_unknown(
    found: Mapping[str, str | UserError | None], words: str, spelled: Mapping[str, str]
) -> dict[str, str | UserError]:
    """What was found, and for each text that means nothing an error; the first of them say what may have been meant."""
    unknown = [text for text, one in found.items() if one is None]
    suggested = {*unknown[:MOST_SUGGESTED]}
    errors = {text: NotFound(_nothing(words, [text], spelled if text in suggested else {})) for text in unknown}
    return {text: errors[text] if one is None else one for text, one in found.items()}


def _nothing(words: str, texts: Sequence[str], spelled: Mapping[str, str]) -> str:
    named = ", ".join(f'"{text}"' for text in texts)
    return f"{words} {named}{suggestion(texts, spelled)}"


def _of_family(measure: Measure, key: str, number: int | None, currency: str) -> Measured:
    is_money = measure.unit.kind is UnitKind.MONEY
    return Measured(number, key, fix(measure.unit, currency=currency), measure.sketch, takes_currencies=is_money)


def _told(text: str, found: Sequence[Meaning]) -> str | UserError | None:
    try:
        kpi = meant(text, found)
    except Ambiguous as error:
        return error
    return None if kpi is None else kpi.key
