"""What one would write by hand: a route, one statement, the answer; over both sets of tables, shaped in both places."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
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


def app() -> Starlette:
    """The routes `/{tables}/{shape}/…`: tables normalised or current, rows shaped here or JSON made by Postgres."""
    routes = []
    for tables in ("normalised", "current"):
        board_rows, board_json = _BOARD_ROWS.format(tables=tables), _BOARD_JSON.format(tables=tables)
        tiny_rows, tiny_json = _TINY_ROWS.format(tables=tables), _TINY_JSON.format(tables=tables)
        routes += [
            Route(f"/{tables}/rows/board/{{slug}}", _BoardRows(board_rows)),
            Route(f"/{tables}/json/board/{{slug}}", _BoardJson(board_json)),
            Route(f"/{tables}/rows/tiny/{{slug}}/{{key}}", _TinyRows(tiny_rows)),
            Route(f"/{tables}/json/tiny/{{slug}}/{{key}}", _TinyJson(tiny_json)),
        ]
    return Starlette(routes=routes, lifespan=_lifespan)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    del app
    address = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(address, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        yield {"pool": pool}


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
