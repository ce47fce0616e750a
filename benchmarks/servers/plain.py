"""A GraphQL server written the obvious way: Strawberry, SQLModel, a DataLoader for what each KPI touches."""

import os
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig

from benchmarks.servers.plain_recording import (
    SCALARS,
    Period,
    RecordObservationsInput,
    RecordObservationsPayload,
    record,
)
from kpi_server.store.tables import catalog, tenancy
from kpi_server.store.tables.figures import Observation, ReportedFigure
from kpi_server.store.tables.figures import Target as TargetRow

CONNECTIONS: Final = 10
NEAR: Final = 0.95
_COLOURS: Final = (("MET", "GREEN"), ("NEAR_MISS", "YELLOW"), ("MISSED", "RED"), ("NO_TARGET", "GREY"))


@dataclass
class Context:
    """What the resolvers of one request share; a connection serves one statement at a time."""

    engine: AsyncEngine
    figures: DataLoader[int, list[ReportedFigure]]
    targets: DataLoader[int, TargetRow | None]
    owners: DataLoader[int, catalog.Owner | None]

    async def all(self, statement: Any) -> Sequence[Any]:
        """The rows of a statement."""
        return await _all(self.engine, statement)


Info = strawberry.Info[Context, None]


@strawberry.enum
class Grain(Enum):
    DAY = "DAY"


async def _all(engine: AsyncEngine, statement: Any) -> Sequence[Any]:
    async with AsyncSession(engine) as session:
        rows: Sequence[Any] = (await session.exec(statement)).all()
        return rows


def _newest_first() -> tuple[Any, Any]:
    return col(ReportedFigure.period_end).desc(), col(ReportedFigure.id).desc()


def context_of(engine: AsyncEngine) -> Context:
    """The loaders of one request."""

    async def load_figures(ids: list[int]) -> list[list[ReportedFigure]]:
        wanted = select(ReportedFigure).where(col(ReportedFigure.kpi_id).in_(ids), ReportedFigure.segment == "")
        found: defaultdict[int, list[ReportedFigure]] = defaultdict(list)
        for row in await _all(engine, wanted.order_by(*_newest_first())):
            found[row.kpi_id].append(row)
        return [found[kpi_id] for kpi_id in ids]

    async def load_targets(ids: list[int]) -> list[TargetRow | None]:
        wanted = select(TargetRow).where(col(TargetRow.kpi_id).in_(ids), TargetRow.segment == "")
        found = {row.kpi_id: row for row in await _all(engine, wanted.order_by(col(TargetRow.id)))}
        return [found.get(kpi_id) for kpi_id in ids]

    async def load_owners(ids: list[int]) -> list[catalog.Owner | None]:
        rows = await _all(engine, select(catalog.Owner).where(col(catalog.Owner.id).in_(ids)))
        found = {row.id: row for row in rows}
        return [found.get(owner_id) for owner_id in ids]

    return Context(engine, DataLoader(load_figures), DataLoader(load_targets), DataLoader(load_owners))


@strawberry.type
class Value:
    text: str
    value: float | None
    period: str | None


@strawberry.type
class Series:
    periods: list[Period]
    values: list[float | None]


@strawberry.type
class Target:
    text: str
    value: float | None


@strawberry.type
class Owner:
    title: str


def _number(exact: Any) -> float | None:
    return None if exact is None else float(exact)


@strawberry.type
class Kpi:
    row: strawberry.Private[catalog.Kpi]

    @strawberry.field
    def key(self) -> str:
        return self.row.key

    @strawberry.field
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    async def current(self, info: Info) -> Value | None:
        return await self._figure(info, 0)

    @strawberry.field
    async def previous(self, info: Info) -> Value | None:
        return await self._figure(info, 1)

    @strawberry.field
    async def target(self, info: Info) -> Target | None:
        row = await info.context.targets.load(self.row.id)
        return None if row is None else Target(text=row.text, value=_number(row.value))

    @strawberry.field
    async def owner(self, info: Info) -> Owner | None:
        row = None if self.row.owner_id is None else await info.context.owners.load(self.row.owner_id)
        return None if row is None else Owner(title=row.title)

    @strawberry.field
    async def status(self, info: Info) -> str:
        return await self._status(info)

    @strawberry.field
    async def colour(self, info: Info) -> str:
        return dict(_COLOURS).get(await self._status(info), "GREY")

    @strawberry.field
    async def attainment(self, info: Info) -> float | None:
        return await self._attainment(info)

    @strawberry.field
    async def series(
        self,
        info: Info,
        since: Annotated[Period, strawberry.argument(name="from")],
        until: Annotated[Period, strawberry.argument(name="to")],
        grain: Grain,
    ) -> "Series":
        wanted = select(Observation).where(
            Observation.organization_id == self.row.organization_id,
            Observation.measure_id == self.row.id,
            Observation.segment == "",
            Observation.grain == grain.value,
            Observation.period_start >= date.fromisoformat(since),
            Observation.period_start <= date.fromisoformat(until),
            col(Observation.ended_in).is_(None),
        )
        rows = await info.context.all(wanted.order_by(col(Observation.period_start)))
        return Series(periods=[Period(row.period) for row in rows], values=[float(row.value) for row in rows])

    async def _figure(self, info: Info, age: int) -> Value | None:
        rows = await info.context.figures.load(self.row.id)
        if len(rows) <= age:
            return None
        return Value(text=rows[age].text, value=_number(rows[age].value), period=rows[age].period)

    async def _attainment(self, info: Info) -> float | None:
        target = await info.context.targets.load(self.row.id)
        current = await self._figure(info, 0)
        aim = None if target is None else _number(target.value)
        if target is None or current is None or not current.value or not aim:
            return None
        return current.value / aim if target.operator == "AT_LEAST" else aim / current.value

    async def _status(self, info: Info) -> str:
        if await info.context.targets.load(self.row.id) is None:
            return "NO_TARGET"
        ratio = await self._attainment(info)
        if ratio is None:
            return "NO_DATA"
        return "MET" if ratio >= 1 else "NEAR_MISS" if ratio >= NEAR else "MISSED"


@strawberry.type
class KpiConnection:
    nodes: list[Kpi]


@strawberry.enum
class KpiOrderField(Enum):
    KEY = "KEY"


@strawberry.input
class KpiOrder:
    field: KpiOrderField


@strawberry.type
class Organization:
    row: strawberry.Private[tenancy.Organization]

    @strawberry.field
    def slug(self) -> str:
        return self.row.slug

    @strawberry.field
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    async def kpis(self, info: Info, first: int, order_by: list[KpiOrder]) -> KpiConnection:
        del order_by  # by key is the only order there is
        wanted = select(catalog.Kpi).where(catalog.Kpi.organization_id == self.row.id)
        rows = await info.context.all(wanted.order_by(col(catalog.Kpi.key)).limit(first))
        return KpiConnection(nodes=[Kpi(row=row) for row in rows])

    @strawberry.field
    async def kpi(self, info: Info, key: str) -> Kpi | None:
        wanted = select(catalog.Kpi).where(catalog.Kpi.organization_id == self.row.id, catalog.Kpi.key == key)
        rows = await info.context.all(wanted)
        return Kpi(row=rows[0]) if rows else None


@strawberry.type
class Query:
    @strawberry.field
    async def organization(self, info: Info, slug: str) -> Organization | None:
        rows = await info.context.all(select(tenancy.Organization).where(tenancy.Organization.slug == slug))
        return Organization(row=rows[0]) if rows else None


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def record_observations(
        self, info: Info, given: Annotated[RecordObservationsInput, strawberry.argument(name="input")]
    ) -> RecordObservationsPayload:
        async with AsyncSession(info.context.engine) as session:
            receipt = await record(session, given)
            await session.commit()
        return receipt


class _Endpoint(GraphQL[Context, None]):
    async def get_context(self, request: Request | Any, response: Response | Any) -> Context:
        del response
        return context_of(request.state.engine)


def app() -> Starlette:
    """The server as an ASGI application."""
    endpoint = _Endpoint(strawberry.Schema(Query, Mutation, config=StrawberryConfig(scalar_map=dict(SCALARS))))
    return Starlette(routes=[Mount("/graphql", endpoint)], lifespan=_lifespan)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    del app
    address = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(address, pool_size=CONNECTIONS, max_overflow=0)
    try:
        yield {"engine": engine}
    finally:
        await engine.dispose()
