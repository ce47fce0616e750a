"""The plain server's mutation, the obvious way: entities are read, added and changed, and the session does the rest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NewType

import strawberry
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry.types.scalar import ScalarDefinition

from kpi_server.store.tables.catalog import Kpi
from kpi_server.store.tables.figures import KpiCurrent, Observation, Target
from kpi_server.store.tables.tenancy import ENTITY_IDS, Batch, Organization

NEAR: Final = Decimal("0.95")
Period = NewType("Period", str)
SCALARS: Final[Mapping[object, ScalarDefinition]] = MappingProxyType({Period: strawberry.scalar(name="Period")})


@strawberry.input
class ObservationInput:
    kpi: str
    period: Period
    value: Decimal
    text: str


@strawberry.input
class RecordObservationsInput:
    organization: str
    source: str
    observations: list[ObservationInput]


@strawberry.type
class RecordObservationsPayload:
    recorded: int
    corrected: int
    unchanged: int


@dataclass(frozen=True)
class _Recording:
    """One call: the organization, its KPIs by key, and the batch that says who wrote when."""

    session: AsyncSession
    organization_id: int
    kpis: Mapping[str, Kpi]
    batch_id: int
    source: str

    async def known(self, given: Sequence[ObservationInput]) -> Mapping[tuple[int, str], Observation]:
        """What stands of the KPIs and days."""
        days = [date.fromisoformat(one.period) for one in given]
        wanted = select(Observation).where(
            Observation.organization_id == self.organization_id,
            col(Observation.measure_id).in_([kpi.id for kpi in self.kpis.values()]),
            Observation.segment == "",
            Observation.grain == "DAY",
            Observation.period_start >= min(days),
            Observation.period_start <= max(days),
            col(Observation.ended_in).is_(None),
        )
        return {(row.measure_id, row.period): row for row in (await self.session.exec(wanted)).all()}

    def observation(self, one: ObservationInput, new_id: int, position: int) -> Observation:
        day = date.fromisoformat(one.period)
        return Observation(
            organization_id=self.organization_id,
            period_start=day,
            id=new_id,
            measure_id=self.kpis[one.kpi].id,
            segment="",
            grain="DAY",
            period=one.period,
            period_end=day + timedelta(days=1),
            value=one.value,
            text=one.text,
            position=position,
            origin="API",
            batch_id=self.batch_id,
            source=self.source,
        )


async def record(session: AsyncSession, given: RecordObservationsInput) -> RecordObservationsPayload:
    """Add what is new or other than what was stated before, and bring where the KPIs stand up to date."""
    recording = await _begun(session, given)
    known = await recording.known(given.observations)
    stated = [known.get((recording.kpis[one.kpi].id, one.period)) for one in given.observations]
    new = [
        (position, one)
        for position, (one, before) in enumerate(zip(given.observations, stated, strict=True))
        if before is None or (before.source, before.value, before.text) != (given.source, one.value, one.text)
    ]
    for before in (stated[position] for position, _ in new):
        if before is not None:
            before.ended_in = recording.batch_id
    await session.flush()  # one value stands at any time
    ids = await _ids(session, len(new))
    added = [recording.observation(one, ids[index], position) for index, (position, one) in enumerate(new)]
    session.add_all(added)
    await session.flush()
    await _stand(recording, added)
    recorded = sum(stated[position] is None for position, _ in new)
    return RecordObservationsPayload(
        recorded=recorded, corrected=len(new) - recorded, unchanged=len(given.observations) - len(new)
    )


async def _begun(session: AsyncSession, given: RecordObservationsInput) -> _Recording:
    organization = (await session.exec(select(Organization).where(Organization.slug == given.organization))).one()
    keys = {one.kpi for one in given.observations}
    wanted = select(Kpi).where(Kpi.organization_id == organization.id, col(Kpi.key).in_(keys))
    kpis = {kpi.key: kpi for kpi in (await session.exec(wanted)).all()}
    if len(kpis) < len(keys):
        raise ValueError(f"unknown KPIs: {', '.join(sorted(keys - kpis.keys()))}")
    (batch_id,) = await _ids(session, 1)
    batch = Batch(
        organization_id=organization.id,
        id=batch_id,
        recorded_at=datetime.now(UTC),
        action="record",
        actor="plain",
    )
    session.add(batch)
    await session.flush()
    return _Recording(session, organization.id, kpis, batch_id, given.source)


async def _ids(session: AsyncSession, count: int) -> Sequence[int]:
    fresh: Any = select(func.nextval(ENTITY_IDS)).select_from(func.generate_series(1, count))
    return list((await session.exec(fresh)).all())


async def _stand(recording: _Recording, added: Sequence[Observation]) -> None:
    """The newest of what was added and of what stood before is current, the one before it previous."""
    newest: defaultdict[int, list[Observation]] = defaultdict(list)
    for row in sorted(added, key=lambda row: row.period, reverse=True):
        newest[row.measure_id].append(row)
    own = KpiCurrent.organization_id == recording.organization_id
    wanted = select(KpiCurrent).where(own, KpiCurrent.segment == "", col(KpiCurrent.kpi_id).in_(newest))
    standings = (await recording.session.exec(wanted.order_by(col(KpiCurrent.kpi_id)).with_for_update())).all()
    aims = select(Target).where(Target.organization_id == recording.organization_id, Target.segment == "")
    targets = {target.kpi_id: target for target in (await recording.session.exec(aims)).all()}
    for standing in standings:
        _renew(standing, newest[standing.kpi_id], targets.get(standing.kpi_id), recording)


_FIELDS: Final = ("figure_id", "value", "text", "period", "document", "line", "origin", "batch_id")


def _renew(standing: KpiCurrent, rows: Sequence[Observation], target: Target | None, recording: _Recording) -> None:
    stood = [_current(standing), _previous(standing)]
    brought = [_brought(row, recording) for row in rows]
    periods = {one["period"] for one in brought}
    candidates = [*brought, *(one for one in stood if one["period"] and one["period"] not in periods)]
    candidates.sort(key=lambda one: str(one["period"]), reverse=True)
    latest, earlier = candidates[0], candidates[1] if len(candidates) > 1 else dict.fromkeys(_FIELDS)
    for name in _FIELDS:
        setattr(standing, name, latest[name])
        setattr(standing, f"previous_{name}", earlier[name])
    if target is not None and target.value and latest["value"]:
        value, aim = latest["value"], target.value
        ratio = value / aim if target.operator == "AT_LEAST" else aim / value
        standing.attainment = ratio
        standing.share_of_target = value / aim
        standing.status = "MET" if ratio >= 1 else "NEAR_MISS" if ratio >= NEAR else "MISSED"


def _current(standing: KpiCurrent) -> dict[str, Any]:
    return {name: getattr(standing, name) for name in _FIELDS}


def _previous(standing: KpiCurrent) -> dict[str, Any]:
    return {name: getattr(standing, f"previous_{name}") for name in _FIELDS}


def _brought(row: Observation, recording: _Recording) -> dict[str, Any]:
    stated = {"value": row.value, "text": row.text, "period": row.period}
    unprinted = {"figure_id": None, "document": None, "line": None}
    return {**stated, **unprinted, "origin": recording.source, "batch_id": recording.batch_id}
