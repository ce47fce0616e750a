"""Beginning a subscription: its first page is read at once, so that whatever is wrong is said before it streams."""

from collections.abc import Callable, Hashable
from datetime import datetime

from kpi_server.api.following import Following
from kpi_server.api.live.pages import Page, Pages
from kpi_server.api.live.streams import Asked, EventStream, Shared, StateStream, Stream
from kpi_server.api.sharing import Sharing


class Live:
    """The subscriptions of one process."""

    def __init__(self, most_bytes: int, clock: Callable[[], datetime]) -> None:
        self._shared = Shared(Pages(most_bytes), clock)
        self._first: Sharing[Page] = Sharing()

    async def begun(self, asked: Asked, *, question: Hashable) -> Stream | Page:
        """The stream that begins with the first page, or that page where there is nothing to go on from.

        `question` is the whole question, where the subscription begins included: who asks the same at once begins with
        the same page, read after all of them have come.
        """
        scope = await asked.authorize()
        page = await self._first.answer(
            (question, scope.digest),
            lambda: asked.reader.read(scope, Following()),
        )
        if page.failure is not None:
            return page
        kind = StateStream if page.following.cursor is None else EventStream
        return kind(self._shared, asked, scope, page)
