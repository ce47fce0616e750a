"""What one would write by hand: a route, one statement, the answer; over both sets of tables, shaped in both places."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any, Final

import asyncpg
import msgspec
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CONNECTIONS: Final = 10

_BOARD_ROWS: Final = """
select * from bench.boards_{tables}
where organization_id = (select id from organizations where slug = $1)
order by key limit $2
"""
_BOARD_JSON: Final = """
select json_build_object('data', json_build_object('organization', json_build_object(
    'slug', min(board.organization_slug), 'name', min(board.organization_name),
    'kpis', json_build_object('nodes', json_agg(json_build_object(
        'key', board.key, 'name', board.name,
        'current', json_build_object(
            'text', board.current_text, 'value', board.current_value, 'period', board.current_period),
        'previous', case when board.previous_text is not null then json_build_object(
            'text', board.previous_text, 'value', board.previous_value, 'period', board.previous_period) end,
        'target', case when board.target_text is not null then json_build_object(
            'text', board.target_text, 'value', board.target_value) end,
        'owner', case when board.owner_title is not null then json_build_object('title', board.owner_title) end,
        'status', board.status, 'colour', board.colour, 'attainment', board.attainment
    ) order by board.key)))))::text
from (
    select * from bench.boards_{tables}
    where organization_id = (select id from organizations where slug = $1)
    order by key limit $2
) as board
"""
_TINY_ROWS: Final = """
select key, name, current_value, status from bench.tiny_{tables}
where organization_id = (select id from organizations where slug = $1) and key = $2
"""
_TINY_JSON: Final = """
select json_build_object('data', json_build_object('organization', json_build_object('kpi', json_build_object(
    'key', key, 'name', name, 'current', json_build_object('value', current_value), 'status', status))))::text
from bench.tiny_{tables}
where organization_id = (select id from organizations where slug = $1) and key = $2
"""


_SERIES_ROWS: Final = """
select kpi.key, points.periods, points.amounts
from kpis as kpi
cross join lateral (
    select array_agg(point.period order by point.day) as periods, array_agg(point.value order by point.day) as amounts
    from bench.daily(kpi.organization_id, kpi.id, $3::date, $4::date) as point
) as points
where kpi.organization_id = (select id from organizations where slug = $1) and kpi.key = $2
"""
_SERIES_JSON: Final = """
select json_build_object('data', json_build_object('organization', json_build_object('kpi', json_build_object(
    'key', kpi.key, 'series', json_build_object('periods', points.periods, 'values', points.amounts)))))::text
from kpis as kpi
cross join lateral (
    select json_agg(point.period order by point.day) as periods, json_agg(point.value order by point.day) as amounts
    from bench.daily(kpi.organization_id, kpi.id, $3::date, $4::date) as point
) as points
where kpi.organization_id = (select id from organizations where slug = $1) and kpi.key = $2
"""
_RECORD: Final = "select recorded, corrected, unchanged from bench.record($1, $2, $3, $4, $5, $6)"


def normalised() -> Starlette:
    """What one would write first: over the normalised tables, with the driver's pool as it comes."""
    routes = [
        *_routes("normalised"),
        Route("/rows/series/{slug}/{key}", _SeriesRows(_SERIES_ROWS)),
        Route("/json/series/{slug}/{key}", _SeriesJson(_SERIES_JSON)),
    ]
    return Starlette(routes=routes, lifespan=_first)


def current() -> Starlette:
    """The best one would write: over kpi_current, with all that is known to make such a route faster."""
    routes = [*_routes("current"), Route("/rows/observations", _Observations(_RECORD), methods=["POST"])]
    return Starlette(routes=routes, lifespan=_best)


def _routes(tables: str) -> list[Route]:
    """The routes `/{shape}/…`: rows shaped here, or JSON made by Postgres."""
    return [
        Route("/rows/board/{slug}", _BoardRows(_BOARD_ROWS.format(tables=tables))),
        Route("/json/board/{slug}", _BoardJson(_BOARD_JSON.format(tables=tables))),
        Route("/rows/tiny/{slug}/{key}", _TinyRows(_TINY_ROWS.format(tables=tables))),
        Route("/json/tiny/{slug}/{key}", _TinyJson(_TINY_JSON.format(tables=tables))),
    ]


@asynccontextmanager
async def _first(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    del app
    address = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(address, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        yield {"pool": pool}


@asynccontextmanager
async def _best(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    """These routes leave nothing on a connection, so resetting it is saved; what start-up made is left alone by gc."""
    del app
    address = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(
        address, min_size=CONNECTIONS, max_size=CONNECTIONS, reset=_nothing_to_reset
    ) as pool:
        gc.collect()
        gc.freeze()
        yield {"pool": pool}


async def _nothing_to_reset(connection: Any) -> None:
    del connection


class _Route:
    """A route that holds its statement; an instance is an ASGI application of its own."""

    def __init__(self, statement: str) -> None:
        self._statement = statement

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = await self.body(Request(scope, receive))
        await Response(body, media_type="application/json")(scope, receive, send)

    async def body(self, request: Request) -> bytes | str:
        raise NotImplementedError


class _BoardRows(_Route):
    async def body(self, request: Request) -> bytes:
        first = int(request.query_params["first"])
        rows = await request.state.pool.fetch(self._statement, request.path_params["slug"], first)
        nodes = [_node(row) for row in rows]
        organization = {"slug": rows[0]["organization_slug"], "name": rows[0]["organization_name"]}
        return orjson.dumps({"data": {"organization": {**organization, "kpis": {"nodes": nodes}}}})


class _BoardJson(_Route):
    async def body(self, request: Request) -> str:
        first = int(request.query_params["first"])
        answer: str = await request.state.pool.fetchval(self._statement, request.path_params["slug"], first)
        return answer


class _TinyRows(_Route):
    async def body(self, request: Request) -> bytes:
        place = request.path_params
        row = await request.state.pool.fetchrow(self._statement, place["slug"], place["key"])
        kpi = {"key": row["key"], "name": row["name"], "current": {"value": row["current_value"]}}
        return orjson.dumps({"data": {"organization": {"kpi": {**kpi, "status": row["status"]}}}})


class _TinyJson(_Route):
    async def body(self, request: Request) -> str:
        place = request.path_params
        answer: str = await request.state.pool.fetchval(self._statement, place["slug"], place["key"])
        return answer


class _SeriesRows(_Route):
    async def body(self, request: Request) -> bytes:
        row = await request.state.pool.fetchrow(self._statement, *_span(request))
        series = {"periods": row["periods"], "values": row["amounts"]}
        return orjson.dumps({"data": {"organization": {"kpi": {"key": row["key"], "series": series}}}})


class _SeriesJson(_Route):
    async def body(self, request: Request) -> str:
        answer: str = await request.state.pool.fetchval(self._statement, *_span(request))
        return answer


def _span(request: Request) -> tuple[str, str, date, date]:
    place, query = request.path_params, request.query_params
    return place["slug"], place["key"], date.fromisoformat(query["from"]), date.fromisoformat(query["to"])


class _Observation(msgspec.Struct):
    kpi: str
    period: date
    value: Decimal
    text: str


class _Call(msgspec.Struct):
    organization: str
    source: str
    observations: list[_Observation]


class _Observations(_Route):
    async def body(self, request: Request) -> bytes:
        call = msgspec.json.decode(await request.body(), type=_Call)
        columns = zip(*((one.kpi, one.period, one.value, one.text) for one in call.observations), strict=True)
        row = await request.state.pool.fetchrow(self._statement, call.organization, call.source, *columns)
        return orjson.dumps({"data": {"recordObservations": dict(row)}})


def _node(row: Any) -> dict[str, Any]:
    return {
        "key": row["key"],
        "name": row["name"],
        "current": {"text": row["current_text"], "value": row["current_value"], "period": row["current_period"]},
        "previous": None
        if row["previous_text"] is None
        else {"text": row["previous_text"], "value": row["previous_value"], "period": row["previous_period"]},
        "target": None if row["target_text"] is None else {"text": row["target_text"], "value": row["target_value"]},
        "owner": None if row["owner_title"] is None else {"title": row["owner_title"]},
        "status": row["status"],
        "colour": row["colour"],
        "attainment": row["attainment"],
    }
