"""Whatever is killed, dropped, slow or said twice: every follower ends with what the database has, each thing once.

The rounds are drawn from a seed, which is printed: CHAOS_SEED=… plays them again.
"""

import asyncio
import os
import secrets
import signal
from random import Random

import asyncpg
import pytest

from kpi_server.store.announcing import CHANNEL, said
from tests.acceptance.following import Connected, Listening, Polling
from tests.shop import HERE, Serving, eventually, new_shop

SEED = "CHAOS_SEED"
WRITES = 4
"""Of each of two writers, a round."""


@pytest.fixture
def chance():
    seed = int(os.environ.get(SEED) or secrets.randbelow(10**6))
    print(f"{SEED}={seed}")  # noqa: T201 - shown with the failure
    return drawn(seed)


def drawn(seed):
    return Random(seed)  # noqa: S311 - it plays, and plays the same again


@pytest.fixture
async def shop(tmp_path):
    with new_shop(tmp_path) as opened:
        await opened.furnish(tmp_path)
        yield opened


@pytest.fixture
def serving(shop, tmp_path):
    served = Serving(shop, tmp_path / "log", workers=2)
    served.start()
    yield served
    served.stop()


def write_some(serving, chance, name):
    """Values of a few cells that two writers correct and take back, so that they meet."""
    for number in range(WRITES):
        period, segment = f"2026-0{chance.randint(1, 4)}", chance.choice(("", "plan=pro"))
        measure = chance.choice(("opening_customers", "customers_lost"))
        if chance.random() < 0.2:
            serving.retract(measure, segment, period)
        else:
            stated = (measure, segment, period, chance.randint(1, 50)), ("opening_customers", "", "2026-05", number + 1)
            serving.record(*stated, call=f"{name}-{number}")


def kill_a_worker(serving, chance):
    eventually(lambda: len(serving.workers_alive()) == 2, "a worker does not come back")
    os.kill(chance.choice(serving.workers_alive()), signal.SIGKILL)


def kill_postgres(serving, chance):
    serving.shop.kill_postgres()


def repeat_news(serving, chance):
    """Notifications that come again, late, and of nobody."""

    async def repeating():
        connection = await asyncpg.connect(serving.shop.address)
        try:
            for _ in range(50):
                payload = chance.choice([said(HERE, chance.randint(0, 20)), said(1, 1), "nothing"])
                await connection.execute("select pg_notify($1, $2)", CHANNEL, payload)
        finally:
            await connection.close()

    asyncio.run(repeating())


def leave_alone(serving, chance):
    pass


MISCHIEF = [kill_a_worker, kill_a_worker, kill_postgres, kill_postgres, repeat_news, repeat_news, leave_alone]


async def test_every_follower_has_what_the_database_has(shop, serving, chance):
    followers = [
        Connected(serving, drawn(chance.random()), drops=0.3),
        Connected(serving, drawn(chance.random()), lags_s=0.3),
        Listening(serving, drawn(chance.random()), drops=0.2),
        Polling(serving, drawn(chance.random())),
    ]
    first = await anext(Polling(serving, chance).batches())
    for follower in followers:
        follower.cursor = first["cursor"]
    following = [asyncio.create_task(follower.run()) for follower in followers]
    try:
        for number, mischief in enumerate(chance.sample(MISCHIEF, len(MISCHIEF))):
            writers = [(drawn(chance.random()), f"{name}-{number}") for name in ("till", "desk")]
            await asyncio.gather(
                asyncio.to_thread(mischief, serving, chance),
                *(asyncio.to_thread(write_some, serving, *writer) for writer in writers),
            )
        told = await _settled(shop)
        await asyncio.to_thread(eventually, lambda: _have_all(followers, told), "a follower stays behind", within_s=30)
        assert [task for task in following if task.done()] == []
    finally:
        for task in following:
            task.cancel()
        await asyncio.wait(following)
    standing = await shop.standing()
    assert len(told) > WRITES * len(MISCHIEF)
    for follower in followers:
        assert follower.copy == told
        assert follower.standing() == standing
        assert follower.revisions == sorted(follower.revisions)
        assert follower.repeated == 0
    assert followers[0].hung_up > 0


async def _settled(shop):
    """All that there is to tell, once nothing is left to be calculated."""
    await asyncio.to_thread(eventually, lambda: asyncio.run(shop.is_calculated()), "it is not calculated")
    return await shop.told()


def _have_all(followers, told):
    return all(len(follower.copy) >= len(told) for follower in followers)


SLOW_WORKER = """\
import sys, time
if "spawn_main" in " ".join(sys.orig_argv):
    time.sleep(7)
"""


async def test_workers_that_take_long_to_begin_are_waited_for(shop, tmp_path):
    """On a busy machine they take longer than the five seconds after which uvicorn kills whoever does not answer."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_WORKER, encoding="utf-8")
    served = Serving(shop, tmp_path / "log", workers=2, environment={"PYTHONPATH": str(tmp_path)})
    try:
        served.start()
        assert len(served.workers_alive()) == 2
    finally:
        served.stop()
