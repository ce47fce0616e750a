"""What the open connections want of whoever executes operations."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

from kpi_server.api.executor import Answer
from kpi_server.domain.access import Scope

Authorize: TypeAlias = Callable[[], Awaitable[Scope]]


class Stream(Protocol):
    """The answers of a subscription, each a whole GraphQL response as it goes on the wire."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None: ...


class Operating(Protocol):
    """Executes queries and mutations, and begins subscriptions."""

    def is_subscription(self, document: str, operation_name: str | None) -> bool:
        """Whether the operation is one to subscribe to; False for what `execute` refuses."""

    async def execute(
        self,
        scope: Scope,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        request_id: str | None = None,
    ) -> Answer: ...

    async def subscribe(
        self,
        authorize: Authorize,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        request_id: str | None = None,
    ) -> Answer | Stream:
        """The stream of a subscription, or why there is none."""
