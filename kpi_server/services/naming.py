"""Which KPI a key, name or alias means."""

from collections.abc import Collection, Mapping, Sequence

from kpi_server.domain.recording import Measured, unfit
from kpi_server.domain.unit import parse_unit
from kpi_server.errors import Ambiguous, BadInput, NotFound, UserError
from kpi_server.registry import Registry, fold_name
from kpi_server.store.reads import Fetch
from kpi_server.store.reads.kpis import Meaning, meanings, units


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


async def measured(
    fetch: Fetch, registry: Registry, organization_id: int, texts: Collection[str]
) -> Mapping[str, Measured | UserError]:
    """For each text the KPI that it means, or why it means none; one statement for keys, two more for other names."""
    told: dict[str, str | UserError] = {
        text: BadInput(f"no KPI is named so: {fault}") for text in texts if (fault := unfit(text))
    }
    known = await units(fetch, organization_id, sorted(set(texts) - set(told)))
    told |= {key: key for key in known}
    asked = [text for text in texts if text not in told]
    if asked:
        wanted = [(organization_id, text, fold_name(text), registry.resolve(text)) for text in asked]
        told |= {text: _told(text, found) for text, found in zip(asked, await meanings(fetch, wanted), strict=True)}
        meant_keys = {key for key in told.values() if isinstance(key, str)}
        known |= await units(fetch, organization_id, sorted(meant_keys - set(known)))
    measures = {key: Measured(number, key, parse_unit(unit)) for key, (number, unit) in known.items()}
    return {text: found if isinstance(found, UserError) else measures[found] for text, found in told.items()}


def _told(text: str, found: Sequence[Meaning]) -> str | UserError:
    try:
        closest = meant(text, found)
    except Ambiguous as error:
        return error
    return NotFound(f'the organization has no KPI "{text}"') if closest is None else closest.key
