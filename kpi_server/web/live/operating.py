"""What the open connections want of whoever executes operations."""

from collections.abc import Mapping
from typing import Any, Protocol

from kpi_server.api.executor import Answer
from kpi_server.api.live.streams import Authorize, Stream
from kpi_server.domain.access import Scope


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
