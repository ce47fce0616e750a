"""A server with a small schema whose fields go wrong in every way, on a database with two organizations."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from kpi_server.app import assemble
from kpi_server.domain.access import Opening, Role
from kpi_server.errors import BadInput, Forbidden, NotFound
from kpi_server.registry import build
from kpi_server.services.access import create_token
from kpi_server.settings import Settings
from kpi_server.store.database import open_database
from kpi_server.store.migrations import NEWEST
from kpi_server.store.organizations import claim, id_of
from kpi_server.store.tables.tenancy import Organization
from kpi_server.testing import client

SECRET = "password=hunter2"


class Ambiguous(BadInput):
    code = "AMBIGUOUS"


class Unlisted(BadInput):
    code = "NO_SUCH_CODE"


def _picky(value):
    if value == "friendly":
        raise BadInput("Friendly values are not accepted.")
    if value == "bad":
        raise ValueError(SECRET)
    return value


PickyValue = type("PickyValue", (), {})


@strawberry.type
class Thing:
    name: str = "thing"

    @strawberry.field
    def broken(self) -> str:
        raise RuntimeError(SECRET)

    @strawberry.field
    def thing(self) -> "Thing":
        return Thing()


RAISED = {
    "bad_input": BadInput("The period 2026-Q5 does not exist."),
    "forbidden": Forbidden("Not for you."),
    "not_found": NotFound("No such KPI."),
    "ambiguous": Ambiguous("NPS or CSAT?"),
    "unlisted": Unlisted(SECRET),
    "bug": RuntimeError(SECRET),
    "os": ConnectionRefusedError(SECRET),
}


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def thing(self) -> Thing | None:
        return Thing()

    @strawberry.field
    def things(self, first: int | None = None) -> list[Thing]:
        return [Thing()] * (first or 1)

    @strawberry.field
    def fails(self, how: str) -> str | None:
        raise RAISED[how]

    @strawberry.field
    def surely(self) -> str:
        return None

    @strawberry.field
    def large(self) -> int | None:
        return 2**40

    @strawberry.field
    def echo(self, text: str) -> str:
        return text

    @strawberry.field
    def picky(self, value: PickyValue) -> str:
        return str(value)

    @strawberry.field
    async def organizations(self, info: strawberry.Info) -> list[str]:
        rows = await info.context.connection.fetch("select slug from organizations order by slug")
        return [row["slug"] for row in rows]

    @strawberry.field
    async def long_statement(self, info: strawberry.Info) -> str | None:
        return str(await info.context.connection.fetchval("select pg_sleep(60)"))

    @strawberry.field
    async def forever(self) -> str:
        await asyncio.Event().wait()
        return "never"

    @strawberry.field
    async def backend(self, info: strawberry.Info) -> int:
        return await info.context.connection.fetchval("select pg_backend_pid()")


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self, to: int = 0) -> str:
        return f"changed to {to}"


SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    config=StrawberryConfig(scalar_map={PickyValue: strawberry.scalar(name="Picky", parse_value=_picky)}),
)


async def add_organization(database, slug):
    number = id_of(slug)
    async with database.write(number, action="seed", actor="test") as write:
        row = Organization(id=number, slug=slug, name=slug, currency="EUR", time_zone="UTC", undated_first=False)
        await claim(write, row)


@pytest.fixture
async def organizations(database):
    """Two organizations in the test's own database: acme and globex."""
    for slug in ("acme", "globex"):
        await add_organization(database, slug)


@dataclass(frozen=True)
class Premises:
    """A database that tests only read, as the server reaches it, and tokens that open acme alone."""

    address: str
    token: str
    trusted_only_token: str


async def _furnish(address):
    database = await open_database(address, revision=NEWEST, connections=2)
    for slug in ("acme", "globex"):
        await add_organization(database, slug)
    created = await create_token(database, "board", [Opening("acme", Role.EXECUTIVE)])
    kiosk = await create_token(database, "kiosk", [Opening("acme", Role.EXECUTIVE)], trusted_only=True)
    await database.close()
    return Premises(address, created.token, kiosk.token)


@pytest.fixture(scope="session")
def premises(clone, template):
    """Made once: most tests of the web ask and change nothing."""
    return asyncio.run(_furnish(asyncio.run(clone(template, "web_premises")).server))


@pytest.fixture
def token(premises):
    """A token that opens acme alone."""
    return premises.token


@pytest.fixture
def serve(premises):
    """Run a server with the small schema for as long as a block lasts."""

    @asynccontextmanager
    async def served(*, demo_token=None, checked=False, **settings):
        chosen = Settings(_env_file=None, **{"database_url": premises.address, "database_connections": 2, **settings})
        async with client(assemble(chosen, build([]), SCHEMA, demo_token=demo_token, checked=checked)) as opened:
            yield opened

    return served


@pytest.fixture
async def web(serve):
    """A client of that server without credentials."""
    async with serve() as opened:
        yield opened


@pytest.fixture
def ask(web, token):
    """Post a document with the token; the response."""

    async def asked(query, variables=None, **headers):
        sent = {"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json", **headers}
        return await web.post("/graphql", json={"query": query, "variables": variables}, headers=sent)

    return asked
