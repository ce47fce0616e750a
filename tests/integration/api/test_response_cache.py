"""Kept answers are right: whoever asks after a commit sees it, and nobody sees what is another's."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_server.api.answer import Caching, Outcome
from kpi_server.api.executor import Executor
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import NOW, scope_over

pytestmark = pytest.mark.families

SLUG, OTHER = "datainsight-pro", "snapshot-co"
NAME = "query Name($slug: String!) { organization(slug: $slug) { name version } }"
BOTH = "{ organizations(first: 10) { nodes { slug name } } }"


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def executor(schema, registry, seeded_database, clock):
    """An executor on a database of the test's own."""
    return Executor(schema, registry, seeded_database, Settings(_env_file=None), clock)


@pytest.fixture
def ask(executor):
    """The data of an answer, and whether it was kept from before."""

    async def asked(document, *, scope=None, **variables):
        answer = await executor.execute(scope or scope_over(SLUG, OTHER), document, variables)
        assert answer.outcome is Outcome.EXECUTED
        return orjson.loads(answer.body)["data"], answer.payload == {}

    return asked


async def rename(database, slug, name):
    """Give an organization another name, in a write of its own."""
    async with database.write(id_of(slug), action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql("update organizations set name = $1 where slug = $2", (name, slug))
        write.record("organizations", id_of(slug), "UPDATE")


async def warm(ask, document, **options):
    """Ask until the answer is kept."""
    for _ in range(2):
        await ask(document, **options)
    data, was_kept = await ask(document, **options)
    assert was_kept
    return data


async def test_an_answer_is_kept_from_the_second_time_on(ask):
    kept = [(await ask(NAME, slug=SLUG))[1] for _ in range(4)]
    assert kept == [False, False, True, True]


async def test_a_question_after_a_commit_sees_it(ask, seeded_database):
    before = await warm(ask, NAME, slug=SLUG)
    await rename(seeded_database, SLUG, "Renamed")
    after, was_kept = await ask(NAME, slug=SLUG)
    assert not was_kept
    version = before["organization"]["version"]
    assert after == {"organization": {"name": "Renamed", "version": version + 1}}
    assert await ask(NAME, slug=SLUG) == (after, True)


async def test_a_write_that_recorded_no_change_leaves_answers_as_they_are(ask, seeded_database):
    before = await warm(ask, NAME, slug=SLUG)
    async with seeded_database.write(id_of(SLUG), action="test", actor="test") as write:
        connection = write.connection
        await connection.exec_driver_sql("update organizations set name = 'Lost' where slug = $1", (SLUG,))
    assert await ask(NAME, slug=SLUG) == (before, True)


async def test_a_write_changes_only_answers_that_touch_its_organization(ask, seeded_database):
    await warm(ask, NAME, slug=SLUG)
    other = await warm(ask, NAME, slug=OTHER)
    await warm(ask, BOTH)
    await rename(seeded_database, SLUG, "Renamed")
    assert await ask(NAME, slug=OTHER) == (other, True)
    data, was_kept = await ask(BOTH)
    assert not was_kept
    assert {node["name"] for node in data["organizations"]["nodes"] if node["slug"] == SLUG} == {"Renamed"}


async def test_other_variables_are_another_question(ask):
    await warm(ask, NAME, slug=SLUG)
    data, was_kept = await ask(NAME, slug=OTHER)
    assert not was_kept
    assert data["organization"]["name"] != (await ask(NAME, slug=SLUG))[0]["organization"]["name"]


async def test_another_document_is_another_question(ask):
    await warm(ask, NAME, slug=SLUG)
    assert await ask(NAME.replace("name version", "slug"), slug=SLUG) == ({"organization": {"slug": SLUG}}, False)


async def test_other_rights_are_another_question(ask):
    await warm(ask, NAME, slug=SLUG)
    stranger = scope_over(OTHER)
    assert await ask(NAME, slug=SLUG, scope=stranger) == ({"organization": None}, False)
    narrowed = Scope(1, "sales", (Grant(id_of(SLUG), SLUG, Role.DEPARTMENT, "sales"),))
    assert (await ask(NAME, slug=SLUG, scope=narrowed))[1] is False


async def test_equal_rights_share_what_names_nobody(ask):
    kept = await warm(ask, NAME, slug=SLUG)
    double = Scope(2, "chair", scope_over(SLUG, OTHER).grants)
    assert await ask(NAME, slug=SLUG, scope=double) == (kept, True)


async def test_who_is_asking_is_never_kept(ask):
    for principal in ("board", "chair", "board"):
        scope = Scope(1, principal, scope_over(SLUG).grants)
        for _ in range(3):
            assert await ask("{ viewer { name } }", scope=scope) == ({"viewer": {"name": principal}}, False)


async def test_answers_with_errors_are_never_kept(executor):
    document = f'{{ organization(slug: "{SLUG}") {{ kpis(first: 0) {{ totalCount }} }} }}'
    for caching in (None, None, None, Caching(), Caching(frozenset({"*"}))):
        answer = await executor.execute(scope_over(SLUG), document, caching=caching)
        assert (answer.kept, answer.tag, len(answer.payload["errors"])) == (None, None, 1)


async def test_a_day_ends_in_the_organizations_own_zone(ask, clock, seeded_database):
    """Its day is that of Auckland, 13 hours ahead in March: 11:00 UTC there is midnight, and what was due is missed."""
    async with seeded_database.write(id_of(OTHER), action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql(
            "update organizations set time_zone = 'Pacific/Auckland' where slug = $1", (OTHER,)
        )
        await connection.exec_driver_sql(
            "update kpi_current set due_on = $1, status = 'MISSED'", (datetime(2026, 3, 31, tzinfo=UTC).date(),)
        )
        write.record("kpi_current", 1, "UPDATE")
    document = f'{{ organization(slug: "{OTHER}") {{ kpis(first: 1) {{ nodes {{ status }} }} }} }}'
    clock.now = datetime(2026, 3, 31, 10, 59, 59, tzinfo=UTC)
    early = await warm(ask, document)
    assert early["organization"]["kpis"]["nodes"] == [{"status": "NOT_YET_DUE"}]
    clock.now += timedelta(seconds=1)
    late, was_kept = await ask(document)
    assert (late["organization"]["kpis"]["nodes"], was_kept) == ([{"status": "MISSED"}], False)


async def test_a_tag_stands_for_one_answer(executor, seeded_database):
    async def tagged(*known):
        scope = scope_over(SLUG)
        return await executor.execute(scope, NAME, {"slug": SLUG}, caching=Caching(frozenset(known)))

    first = await tagged()
    assert (await tagged(first.tag, '"another"')).outcome is Outcome.NOT_MODIFIED
    assert (await tagged('"another"')).outcome is Outcome.EXECUTED
    assert (await tagged("*")).outcome is Outcome.NOT_MODIFIED
    await rename(seeded_database, SLUG, "Renamed")
    changed = await tagged(first.tag)
    assert changed.outcome is Outcome.EXECUTED
    assert changed.tag != first.tag


@settings(
    max_examples=5,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pauses=st.lists(st.integers(0, 3), min_size=12, max_size=12))
async def test_every_answer_was_true_while_it_was_made(ask, seeded_database, pauses):
    """A counter is the organization's name; each answer must lie between what was committed before it and after it."""
    committed = 0
    await rename(seeded_database, SLUG, "0")
    over = asyncio.Event()

    async def write():
        nonlocal committed
        for number in range(1, 7):
            await rename(seeded_database, SLUG, str(number))
            committed = number
        over.set()

    async def read(pause):
        seen = []
        while not over.is_set():
            for _ in range(pause):
                await asyncio.sleep(0)
            before = committed
            data, _ = await ask(NAME, slug=SLUG)
            # A write is visible a little before its task says so: one more than said may be seen.
            seen.append((before, int(data["organization"]["name"]), committed + 1))
        return seen

    _, *readers = await asyncio.gather(write(), *map(read, pauses))
    assert [one for seen in readers for one in seen if not one[0] <= one[1] <= one[2]] == []
    assert (await ask(NAME, slug=SLUG))[0]["organization"]["name"] == "6"
