"""What a resolver may use, as the types see it; `context.py` supplies it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol, TypeAlias

import strawberry

from kpi_server.api.following import Following
from kpi_server.api.loaders import Loaders
from kpi_server.domain.access import Scope
from kpi_server.registry import Registry
from kpi_server.services.closing import ClosingReceipt
from kpi_server.services.events import EventCall, EventReceipt
from kpi_server.services.past import Past
from kpi_server.services.recording import Call, Receipt, Sender
from kpi_server.services.retracting import RetractionCall, RetractionReceipt
from kpi_server.store.reads import Record


class Kpi(Protocol):
    """A KPI as other types refer to it; the type of the schema stands above them all, in types/kpi.py."""

    key: str


class Request(Protocol):
    """One operation: who asks, one snapshot of the data, the families, and the clock."""

    scope: Scope
    registry: Registry
    now: datetime
    past: Past | None
    feed_kept: timedelta
    following: Following | None

    @property
    def loaders(self) -> Loaders:
        """What resolvers read with."""

    async def fetch(self, statement: str, *parameters: Any) -> Sequence[Record]:
        """The rows of a statement."""

    async def record(self, sender: Sender, call: Call) -> Receipt:
        """Record observations; what is read afterwards sees them."""

    async def retract(self, sender: Sender, call: RetractionCall) -> RetractionReceipt:
        """Retract observations; what is read afterwards sees that."""

    async def change_closing(self, organization_id: int, periods: Sequence[str], action: str) -> ClosingReceipt:
        """Close periods or open them again; what is read afterwards sees that."""

    async def record_events(self, sender: Sender, call: EventCall) -> EventReceipt:
        """Record events and make measures of them; what is read afterwards sees both."""

    def kpi(self, record: Record) -> Any:
        """A KPI as the schema shows it: what other types refer to, so they need not know how it is made."""


Info: TypeAlias = strawberry.Info[Request, None]
KpiReference: TypeAlias = Annotated["Kpi", strawberry.lazy("kpi_server.api.types.kpi")]


async def kpi_by_id(info: Info, organization_id: int, kpi_id: int | None) -> Kpi | None:
    """The KPI that a row names, or None when it names none."""
    if kpi_id is None:
        return None
    record = await info.context.loaders.kpis.load((organization_id, kpi_id))
    kpi: Kpi | None = None if record is None else info.context.kpi(record)
    return kpi
