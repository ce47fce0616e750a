"""A token opens its organizations until it expires or is revoked, and what is wrong with a bad one stays unsaid."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from kpi_server.domain.access import Grant, Opening, Role, Scope
from kpi_server.errors import BadInput, NotFound, Unauthenticated
from kpi_server.services import access
from kpi_server.services.access import (
    Authenticator,
    create_token,
    hash_of,
    list_tokens,
    open_to_demo,
    revoke_token,
    rotate_demo_tokens,
)
from kpi_server.store.organizations import claim, id_of, organization_id
from kpi_server.store.principals import scope_of_token
from kpi_server.store.tables.tenancy import Organization

ACME = Opening("acme", Role.EXECUTIVE)
REFUSAL = "The token opens nothing here: it is unknown, expired or revoked."


async def test_token_opens_its_organizations_with_their_roles(database, organizations):
    openings = [ACME, Opening("globex", Role.DEPARTMENT, "sales")]
    created = await create_token(database, "board", openings)
    scope = await Authenticator(database).authenticate(created.token)
    assert isinstance(scope, Scope)
    assert scope.principal == "board"
    assert set(scope.grants) == {
        Grant(id_of("acme"), "acme", Role.EXECUTIVE, None),
        Grant(id_of("globex"), "globex", Role.DEPARTMENT, "sales"),
    }


async def test_token_is_random_and_stored_only_as_its_hash(database, addresses, organizations):
    first, second = [await create_token(database, name, [ACME]) for name in ("one", "two")]
    assert first.token != second.token
    assert first.token.startswith("kpi_")
    assert len(first.token) == 47  # the prefix, and 256 bits at 6 bits a character
    connection = await asyncpg.connect(addresses.owner)
    rows = await connection.fetch("select * from api_tokens order by id")
    await connection.close()
    assert [(row["hash"], row["hint"]) for row in rows] == [
        (hash_of(token.token), token.token[-4:]) for token in (first, second)
    ]
    assert not any(first.token[4:] in str(value) for value in rows[0].values())


async def test_bad_tokens_cannot_be_told_apart(database, organizations):
    past = datetime.now(UTC) - timedelta(seconds=1)
    expired = (await create_token(database, "late", [ACME], expires_at=past)).token
    revoked = await create_token(database, "gone", [ACME])
    await revoke_token(database, revoked.id)
    unknown = revoked.token[:-1] + ("A" if revoked.token[-1] != "A" else "B")
    authenticator = Authenticator(database)
    for token in (expired, revoked.token, unknown, "", "kpi_", "x" * 47, "kpi_" + "é" * 43, "kpi_" + "\0" * 43):
        with pytest.raises(Unauthenticated) as raised:
            await authenticator.authenticate(token)
        assert raised.value.message == REFUSAL


async def test_expiry_holds_on_both_sides(database, organizations):
    soon = datetime.now(UTC) + timedelta(minutes=5)
    created = await create_token(database, "board", [ACME], expires_at=soon)
    assert (await Authenticator(database).authenticate(created.token)).principal == "board"


async def test_a_token_is_looked_up_once_for_all_who_ask_at_once(database, organizations, monkeypatch):
    lookups = []

    async def counted(*asked):
        lookups.append(asked)
        return await scope_of_token(*asked)

    monkeypatch.setattr(access, "scope_of_token", counted)
    created = await create_token(database, "board", [ACME])
    authenticator = Authenticator(database)
    asking = [asyncio.create_task(authenticator.authenticate(created.token)) for _ in range(100)]
    await asyncio.sleep(0)
    asking[0].cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert {scope.principal for scope in answers[1:]} == {"board"}
    assert len(lookups) == 1


async def test_revocation_is_noticed_within_half_a_minute(database, organizations):
    created = await create_token(database, "board", [ACME])
    moments = [100.0]
    authenticator = Authenticator(database, clock=lambda: moments[-1])
    await authenticator.authenticate(created.token)
    await revoke_token(database, created.id)
    moments.append(129.9)
    await authenticator.authenticate(created.token)
    moments.append(130.0)
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(created.token)


async def test_remembered_scope_needs_no_database(database, organizations):
    created = await create_token(database, "board", [ACME])
    authenticator = Authenticator(database)
    before = await authenticator.authenticate(created.token)
    await database.connections.close()
    assert await authenticator.authenticate(created.token) == before


async def test_revoking_twice_or_what_does_not_exist_is_said(database, organizations):
    created = await create_token(database, "board", [ACME])
    await revoke_token(database, created.id)
    for token_id in (created.id, 1):
        with pytest.raises(NotFound, match=f"no open token with the id {token_id}"):
            await revoke_token(database, token_id)


async def test_tokens_are_listed_with_what_they_open_and_without_themselves(database, organizations):
    first = await create_token(database, "board", [ACME, Opening("globex", Role.SERVICE)])
    second = await create_token(database, "robot", [Opening("globex", Role.INTEGRATOR, "it")])
    await revoke_token(database, second.id)
    listed = await list_tokens(database)
    assert [(row.id, row.principal, row.hint, row.revoked_at is None) for row in listed] == [
        (first.id, "board", first.hint, True),
        (second.id, "robot", second.hint, False),
    ]
    assert [{(grant.slug, grant.role, grant.department) for grant in row.grants} for row in listed] == [
        {("acme", Role.EXECUTIVE, None), ("globex", Role.SERVICE, None)},
        {("globex", Role.INTEGRATOR, "it")},
    ]


@pytest.mark.parametrize(
    ("openings", "error", "message"),
    [
        ([], BadInput, "opens at least one organization"),
        ([ACME, ACME], BadInput, "each once"),
        (
            [ACME, Opening("nowhere", Role.ADMIN), Opening("void", Role.SERVICE)],
            NotFound,
            "no organization nowhere, void",
        ),
    ],
)
async def test_token_that_opens_the_wrong_things_is_not_made(database, organizations, openings, error, message):
    with pytest.raises(error, match=message):
        await create_token(database, "board", openings)
    assert await list_tokens(database) == []


async def test_demo_tokens_are_one_for_each_role_and_replace_the_earlier_ones(database, organizations):
    mine = await create_token(database, "mine", [ACME])
    earlier = await rotate_demo_tokens(database)
    later = await rotate_demo_tokens(database)
    assert set(later) == {"EXECUTIVE", "DEPARTMENT", "SUPPORT", "EXTERNAL", "ADMIN", "INTEGRATOR", "SERVICE"}
    authenticator = Authenticator(database)
    for role, token in later.items():
        scope = await authenticator.authenticate(token)
        assert {(grant.slug, grant.role) for grant in scope.grants} == {("acme", Role(role)), ("globex", Role(role))}
        with pytest.raises(Unauthenticated):
            await authenticator.authenticate(earlier[role])
    assert (await authenticator.authenticate(mine.token)).organization_ids == {id_of("acme")}


def _organization(first_slug, slug):
    return Organization(
        id=id_of(first_slug), slug=slug, name=slug, currency="EUR", time_zone="UTC", undated_first=False
    )


async def test_organization_loaded_while_a_demo_runs_opens_to_its_tokens_and_to_no_others(database, organizations):
    mine = await create_token(database, "mine", [ACME])
    demo = await rotate_demo_tokens(database)
    row = _organization("initech", "initech")
    async with database.write(row.id, action="seed", actor="test") as write:
        await claim(write, row)
    await open_to_demo(database)
    scope = await Authenticator(database).authenticate(demo["SUPPORT"])
    assert {(grant.slug, grant.role) for grant in scope.grants} == {
        ("acme", Role.SUPPORT),
        ("globex", Role.SUPPORT),
        ("initech", Role.SUPPORT),
    }
    assert [grant.slug for grant in (await Authenticator(database).authenticate(mine.token)).grants] == ["acme"]


async def test_renamed_organization_keeps_its_id_and_its_tokens(database, organizations):
    mine = await create_token(database, "mine", [ACME])
    row = _organization("acme", "acme-international")
    async with database.write(row.id, action="rename", actor="test") as write:
        await claim(write, row)
    assert await organization_id(database, "acme-international") == id_of("acme")
    scope = await Authenticator(database).authenticate(mine.token)
    assert [grant.slug for grant in scope.grants] == ["acme-international"]


@pytest.mark.parametrize("name", ["", " board", "bo\nard", "b" * 101, "demo-executive"])
async def test_principal_without_a_proper_name_gets_no_token(database, organizations, name):
    with pytest.raises(BadInput, match=r"^(A principal's name has 1 to 100|Names that begin with demo-)"):
        await create_token(database, name, [ACME])
    assert await list_tokens(database) == []


async def test_principal_with_the_longest_name_gets_one(database, organizations):
    await create_token(database, "b" * 100, [ACME])
    assert [row.principal for row in await list_tokens(database)] == ["b" * 100]


async def test_token_for_trusted_documents_only_is_listed_and_holds_no_other_token_of_its_principal(
    database, organizations
):
    held = await create_token(database, "board", [ACME], trusted_only=True)
    free = await create_token(database, "board", [ACME])
    authenticator = Authenticator(database)
    scopes = [await authenticator.authenticate(made.token) for made in (held, free)]
    assert [scope.trusted_only for scope in scopes] == [True, False]
    assert scopes[0].digest == scopes[1].digest
    assert [(row.id, row.trusted_only) for row in await list_tokens(database)] == [(held.id, True), (free.id, False)]


async def test_a_lookup_that_never_comes_back_is_given_up_and_the_next_begins_anew(
    database, organizations, monkeypatch
):
    created = await create_token(database, "board", [ACME])
    monkeypatch.setattr(access, "LOOKED_UP_WITHIN_S", 0.01)
    authenticator = Authenticator(database)
    held = [await database.connections.borrow() for _ in range(database.connections.size)]
    with pytest.raises(TimeoutError):
        await authenticator.authenticate(created.token)
    for connection in held:
        database.connections.give_back(connection, intact=True)
    monkeypatch.undo()
    assert (await authenticator.authenticate(created.token)).principal == "board"
