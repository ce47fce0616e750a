"""The feed: what each write of an organization changed, one event after the other, and where in it a reader is.

Nothing is written for it. An event is the difference that a write made to what stands, read from the rows that carry
the write: what it touched beside values, then recorded values, then calculated ones.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from kpi_server.domain.opaque import pack, unpack
from kpi_server.errors import BadInput

_CURSOR: Final = re.compile(r"feed:([0-9a-f]{16}):([1-9][0-9]{0,18}):(0|[1-9][0-9]{0,18}):([0-9]):(0|[1-9][0-9]{0,18})")
_LARGEST: Final = 2**63 - 1


class ChangeKind(StrEnum):
    """What an event is about."""

    RECORDED = "RECORDED"
    CORRECTED = "CORRECTED"
    RETRACTED = "RETRACTED"
    RESTATED = "RESTATED"
    RECOMPUTED = "RECOMPUTED"
    STATUS = "STATUS"
    TARGET = "TARGET"
    FIGURE = "FIGURE"
    DEFINITION = "DEFINITION"
    OWNER = "OWNER"
    INITIATIVE = "INITIATIVE"
    RISK = "RISK"
    DECISION = "DECISION"
    ALERT = "ALERT"
    DOCUMENT = "DOCUMENT"
    DASHBOARD = "DASHBOARD"
    GOVERNANCE = "GOVERNANCE"


class ChangeOperation(StrEnum):
    """What happened to a thing."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    REMOVED = "REMOVED"


VALUES: Final = "observations"
"""The table whose rows are told as values, and not as rows that were touched."""

RESTATES: Final = "restate"
"""The action of writes into closed periods."""

KINDS: Final[Mapping[str, ChangeKind]] = MappingProxyType(
    {
        table: kind
        for kind, tables in (
            (ChangeKind.STATUS, ("kpi_current",)),
            (ChangeKind.TARGET, ("targets", "target_revisions")),
            (
                ChangeKind.FIGURE,
                (
                    *("reported_figures", "scores", "trend_rows"),
                    *("cohort_tables", "cohort_rows", "cohort_cells", "cohort_targets"),
                ),
            ),
            (
                ChangeKind.DEFINITION,
                (
                    *("organizations", "kpis", "kpi_rows", "kpi_aliases", "kpi_notes", "categories"),
                    *("classifications", "segments", "stages", "stage_criteria", "exchange_rates"),
                ),
            ),
            (ChangeKind.OWNER, ("owners", "people", "responsibilities", "departments")),
            (ChangeKind.INITIATIVE, ("initiatives", "key_results", "action_items")),
            (ChangeKind.RISK, ("risks", "risk_assessments", "mitigations")),
            (ChangeKind.DECISION, ("decisions", "decision_items", "decision_kpis", "approvals")),
            (ChangeKind.ALERT, ("alerts", "alert_rules", "alert_classes")),
            (ChangeKind.DOCUMENT, ("documents", "statements", "insights")),
            (ChangeKind.DASHBOARD, ("dashboards", "widgets", "report_schedules", "report_topics")),
            (
                ChangeKind.GOVERNANCE,
                (
                    *("access_levels", "contacts", "data_sources", "data_source_kpis", "quality_controls"),
                    *("reviews", "review_steps", "analytics_models", "model_parameters", "closed_periods"),
                ),
            ),
        )
        for table in tables
    }
)
"""What a touched row of each table is told as."""


class Part(IntEnum):
    """The parts of a write, in the order in which they are told."""

    ROWS = 0
    VALUES = 1
    CALCULATED = 2
    END = 9


@dataclass(frozen=True, order=True)
class Position:
    """A place in an organization's feed: all is told up to it; within a write, up to this row of this part."""

    sequence: int
    part: int = Part.END
    place: int = 0


@dataclass(frozen=True)
class FeedCursor:
    """A position as a client holds it: it is one of this organization's, and of the epoch in which it was given out."""

    epoch: str
    organization_id: int
    position: Position

    def __str__(self) -> str:
        """The opaque text.

        >>> read_feed_cursor(str(FeedCursor("00c0ffee00c0ffee", 7, Position(12)))).position
        Position(sequence=12, part=<Part.END: 9>, place=0)
        """
        at = self.position
        return pack(f"feed:{self.epoch}:{self.organization_id}:{at.sequence}:{at.part:d}:{at.place}")


def read_feed_cursor(text: str) -> FeedCursor:
    """The cursor of an opaque text.

    Raises:
        BadInput: it is none.
    """
    match = _CURSOR.fullmatch(unpack(text) or "")
    following = 0 if match is None else int(match[3]) + 1
    if match is None or max(following, int(match[2]), int(match[5])) > _LARGEST or int(match[4]) not in set(Part):
        raise BadInput(
            "this is no cursor of the feed: take cursors from `feed { cursor }` or from the batch before, as they are"
        )
    return FeedCursor(match[1], int(match[2]), Position(int(match[3]), Part(int(match[4])), int(match[5])))


@dataclass(frozen=True)
class ChangeFilter:
    """Which events a reader wants: each list narrows, None does not. Owners and departments are those of today.

    An event that is about no KPI or measure, or of no segment, is none of those that are named.
    """

    kinds: Sequence[ChangeKind] | None = None
    kpis: Sequence[str] | None = None
    families: Sequence[str] | None = None
    owners: Sequence[str] | None = None
    departments: Sequence[str] | None = None
    segments: Sequence[str] | None = None

    @property
    def is_empty(self) -> bool:
        return self == ChangeFilter()

    @property
    def tables(self) -> list[str]:
        """The tables whose touched rows are of a wanted kind."""
        return [table for table, kind in KINDS.items() if self.kinds is not None and kind in self.kinds]
