"""Beginning a subscription: its first page is read at once, so that whatever is wrong is said before it streams."""

from collections.abc import Callable
from datetime import datetime

from kpi_server.api.following import Following
from kpi_server.api.live.pages import Page, Pages
from kpi_server.api.live.streams import Asked, EventStream, Shared, StateStream, Stream
from kpi_server.store.heads import Heads


class Live:
    """The subscriptions of one process."""

    def __init__(self, heads: Heads, most_bytes: int, clock: Callable[[], datetime]) -> None:
        self._shared = Shared(Pages(most_bytes), heads, clock)

    async def begun(self, asked: Asked, *, question: object) -> Stream | Page:
        """The stream that begins with the first page, or that page where there is nothing to go on from.

        `question` is the whole question, where the subscription begins included.
        """
        scope = await asked.authorize()
        page = await self._shared.pages.fresh((question, scope.digest), lambda: asked.read(scope, Following()))
        if page.failure is not None:
            return page
        kind = StateStream if page.following.cursor is None else EventStream
        return kind(self._shared, asked, page)
