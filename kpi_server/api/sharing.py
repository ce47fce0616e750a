"""One answer for all who ask the same at once, though never one that was on its way before they asked."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Sharing(Generic[T]):
    """Asks once for all who wait for the same question.

    While one is being answered others gather for the next, which is asked when they all have come: what it finds is
    as new as if each had asked alone. Under load there are many to a question, and alone nobody waits.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[asyncio.Future[T]]] = {}
        self._answering: set[asyncio.Task[None]] = set()

    async def answer(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` finds, begun after this was called; whoever shares it has an `ask` that does the same."""
        turn: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(question)
        if waiting is None:
            self._waiting[question] = [turn]
            task = asyncio.create_task(self._answer_all(question, ask))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        else:
            waiting.append(turn)
        return await turn

    async def _answer_all(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> None:
        while turns := self._waiting[question]:
            self._waiting[question] = []
            await self._answer(turns, ask)
        del self._waiting[question]

    async def _answer(self, turns: list["asyncio.Future[T]"], ask: Callable[[], Awaitable[T]]) -> None:
        try:
            found = await ask()
        except Exception as error:  # whatever it is, it is everybody's who waits
            for turn in turns:
                if not turn.done():
                    turn.set_exception(error)
        else:
            for turn in turns:
                if not turn.done():
                    turn.set_result(found)
