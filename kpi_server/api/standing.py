"""Where a KPI stands in one segment: its figures, its target and the status on the organization's own day."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kpi_server.domain.direction import Direction
from kpi_server.domain.status import Near, NearKind, Status
from kpi_server.domain.unit import Unit, parse_unit
from kpi_server.store.reads import Record


@dataclass(frozen=True)
class Measure:
    """How a KPI's values are read and judged."""

    unit: Unit
    direction: Direction
    acceptable: Decimal | None
    near: Near | None

    @classmethod
    def of(cls, kpi: Record) -> "Measure":
        """Of a row of kpis."""
        near = kpi["near"]
        return cls(
            unit=parse_unit(kpi["unit"]),
            direction=Direction(kpi["direction"]),
            acceptable=kpi["acceptable"],
            near=None if near is None else Near(NearKind.SHARE, near),
        )


@dataclass(frozen=True)
class Standing:
    """A row of kpi_current with the rows it names; without it there is neither figure nor target."""

    segment: str
    row: Record | None
    figure: Record | None
    previous: Record | None
    target: Record | None
    status: Status

    @classmethod
    def of(cls, record: Record, *, segment: str) -> "Standing":
        """Of a row of `kpis` or `standings_of`."""
        return cls(
            segment=segment,
            row=record["standing"],
            figure=record["figure"],
            previous=record["previous"],
            target=record["target"],
            status=Status(record["status"]),
        )

    @classmethod
    def nowhere(cls, segment: str) -> "Standing":
        """Of a segment about which nothing is known."""
        return cls(segment, None, None, None, None, Status.NO_TARGET)

    def column(self, name: str) -> Any:
        """A column of kpi_current, or None."""
        return None if self.row is None else self.row[name]
