"""Waiting for what resolvers gave: for all objects of a level at once."""

from asyncio import gather
from collections.abc import Awaitable, Sequence
from inspect import isawaitable
from typing import Any

from kpi_server.api.execution.asking import Raised


async def together(work: Sequence[Awaitable[Any]]) -> Sequence[Any]:
    """The results; what stands alone needs no task of its own, and nothing is waited for where there is nothing."""
    return await gather(*work) if len(work) > 1 else [await alone for alone in work]


async def settled(values: Sequence[Any]) -> list[Any]:
    """The values with what can be awaited awaited, all at once."""
    # Whether it can be awaited is a matter of its type, and asking takes long.
    if not any(map(isawaitable, {type(value): value for value in values}.values())):
        return list(values)
    waiting = [position for position, value in enumerate(values) if isawaitable(value)]
    done = list(values)
    results = await gather(*(_caught(values[position]) for position in waiting))
    for position, result in zip(waiting, results, strict=True):
        done[position] = result
    return done


async def _caught(value: Awaitable[Any]) -> Any:
    try:
        return await value
    except Exception as error:  # a resolver's error is its field's
        return Raised(error)
