"""What changed: the events of an organization's feed, and where the feed is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import strawberry

from kpi_server.api.arguments import checked, segment_text
from kpi_server.api.fields import computed
from kpi_server.api.identity import global_id, read_global_id
from kpi_server.api.nodes import ROW_KINDS, found
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.scalars import Cursor, Period
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, system_of
from kpi_server.api.types.value import number
from kpi_server.domain.absence import Absence
from kpi_server.domain.feed import KINDS, RESTATES, ChangeKind, ChangeOperation, FeedCursor, Part
from kpi_server.domain.feed import ChangeFilter as Wanted
from kpi_server.domain.status import Status
from kpi_server.errors import BadInput
from kpi_server.services.feed import FeedPage
from kpi_server.store.feed import ALL, position_of
from kpi_server.store.reads import Record

describe(
    ChangeKind,
    "What a change is about.",
    {
        "RECORDED": "A value was recorded where none stood.",
        "CORRECTED": "A recorded value took the place of another.",
        "RETRACTED": "A recorded value was taken back, and none stands in its place.",
        "RESTATED": "A value of a closed period was recorded, corrected or taken back.",
        "RECOMPUTED": "A calculated value became another.",
        "STATUS": "A KPI's status became another by a write; what a day brings by itself is told by no event.",
        "TARGET": "A target, or its revision.",
        "FIGURE": "What a document states as a number: figures, scores, rows of trends, cohorts.",
        "DEFINITION": "What is measured and how it is arranged: KPIs, their names, groups, segments, stages.",
        "OWNER": "Who answers for something: owners, people, departments, responsibilities.",
        "INITIATIVE": "An initiative, a key result, something to do.",
        "RISK": "A risk, its assessment, what is done about it.",
        "DECISION": "A decision, what belongs to it, an approval.",
        "ALERT": "An alert, a rule or a class of alerts.",
        "DOCUMENT": "A document, or what it says in words.",
        "DASHBOARD": "A dashboard, a tile, a recurring report.",
        "GOVERNANCE": "How the organization treats its numbers: access, reviews, quality, sources of data, models.",
    },
)
describe(
    ChangeOperation,
    "What happened to a thing or a value.",
    {"CREATED": "It is new.", "UPDATED": "It is another now.", "REMOVED": "It is gone."},
)

MOST_NAMED: Final = 1_000

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {table: name for name, (table, _) in ROW_KINDS.items()}
    | {"kpis": "Kpi", "risks": "Risk", "organizations": "Organization", "kpi_current": "Kpi"}
)
"""The type of the thing that a row of a table is."""

_OPERATIONS: Final = MappingProxyType(
    {"INSERT": ChangeOperation.CREATED, "UPDATE": ChangeOperation.UPDATED, "DELETE": ChangeOperation.REMOVED}
)

_KEYS: Final = "values of others are left out, and what is about none"


@strawberry.input(description="Which changes are wanted: each list narrows.")
class ChangeFilter:
    kinds: list[ChangeKind] | None = strawberry.field(default=None, description="Only of these kinds.")
    kpis: list[str] | None = strawberry.field(
        default=None, description=f"Only about these KPIs and measures, by key; {_KEYS}."
    )
    families: list[str] | None = strawberry.field(
        default=None, description=f"Only about KPIs and measures of these families; {_KEYS}."
    )
    owners: list[str] | None = strawberry.field(
        default=None, description=f"Only about KPIs that these own today, by key; {_KEYS}."
    )
    departments: list[str] | None = strawberry.field(
        default=None, description=f"Only about KPIs that belong to these today, by key; {_KEYS}."
    )
    segments: list[str] | None = strawberry.field(
        default=None, description='Only values and standings of these segments; "" is the whole.'
    )


def wanted_of(asked: ChangeFilter | None) -> Wanted:
    """What is wanted, as it is asked for.

    Raises:
        BadInput: a list is too long, or an entry of it is none.
    """
    if asked is None:
        return ALL
    named = {name: getattr(asked, name) for name in ("kpis", "families", "owners", "departments", "segments")}
    for name, values in named.items():
        if len(values or ()) > MOST_NAMED:
            raise BadInput(f"`{name}` holds at most {MOST_NAMED:,} entries, not {len(values):,}")
        for value in values or ():
            checked(value, name)
    segments = None if asked.segments is None else [segment_text(segment) for segment in asked.segments]
    return Wanted(kinds=asked.kinds, **{**named, "segments": segments})


@strawberry.type(description="One thing that a write changed.")
class Change:
    kind: ChangeKind = strawberry.field(description="What it is about.")
    operation: ChangeOperation = strawberry.field(description="What happened.")
    id: strawberry.ID | None = strawberry.field(
        description="The id of what it happened to: of the KPI, for its values. Known even where the thing is gone; "
        "null where it has no id of its own."
    )
    key: str | None = strawberry.field(description="The KPI or measure, by key: of values, and of what names a KPI.")
    segment: str | None = strawberry.field(description="Of values and standings the segment; empty is the whole.")
    period: Period | None = strawberry.field(description="Of values the period; of a closing which period it is of.")
    revision: int = strawberry.field(description="The number of the write; with the key of a cell it names a value.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    old_value: float | None = strawberry.field(description="Of values the number that stood before, for charts.")
    new_value: float | None = strawberry.field(description="Of values the number that stands since, for charts.")
    old_exact: Decimal | None = strawberry.field(description="The number that stood before, exactly.")
    new_exact: Decimal | None = strawberry.field(description="The number that stands since, exactly.")
    old_text: str | None = strawberry.field(description="The words that stood before.")
    new_text: str | None = strawberry.field(description="The words that stand since.")
    absence: Absence | None = strawberry.field(description="Of a calculated value, why there is no number since.")
    old_status: Status | None = strawberry.field(description="Of a standing the status before; null where none was.")
    new_status: Status | None = strawberry.field(description="Of a standing the status since; null where it is gone.")
    source: Source | None = strawberry.field(description="Who stated a recorded value.")
    cursor: Cursor = strawberry.field(description="The place behind it: for `after`.")

    @computed("What it happened to, as it is now; null where it is gone, or is no thing of its own.")
    async def node(self, info: Info) -> Node | None:
        return None if self.id is None else await found(info, read_global_id(self.id))

    @computed("The KPI that it is about, as it is now; null for what is about none, and for measures.")
    async def kpi(self, info: Info) -> KpiReference | None:
        event: Any = self
        return await kpi_by_id(info, event.ground.organization_id, event.row["measure_id"])


@strawberry.type(description="What comes next in an organization's feed.")
class ChangeBatch:
    events: list[Change] = strawberry.field(description="The changes, in the order of their writes.")
    cursor: Cursor = strawberry.field(description="The place behind them: ask on `after` it, even where they are none.")
    caught_up: bool = strawberry.field(description="Whether nothing lay behind them when they were read.")

    @classmethod
    def of(cls, page: FeedPage) -> "ChangeBatch":
        events: Sequence[Any] = [Event(row, page.cursor) for row in page.events]
        return cls(events=list(events), cursor=Cursor(str(page.cursor)), caught_up=page.caught_up)


@dataclass(slots=True)
class Event:
    """A change as it is read: what is asked of it is made when it is asked. There are many: frozen ones cost more."""

    row: Record
    ground: FeedCursor

    @property
    def kind(self) -> ChangeKind:
        row = self.row
        if row["part"] == Part.CALCULATED:
            return ChangeKind.RECOMPUTED
        kind = KINDS.get(row["entity"])
        if kind is not None:
            return kind
        if row["action"] == RESTATES:
            return ChangeKind.RESTATED
        if row["operation"] == "DELETE":
            return ChangeKind.RETRACTED
        return ChangeKind.CORRECTED if row["is_there"] else ChangeKind.RECORDED

    @property
    def operation(self) -> ChangeOperation:
        return _OPERATIONS["UPDATE" if self.row["is_there"] else self.row["operation"]]

    @property
    def id(self) -> strawberry.ID | None:
        row = self.row
        if row["entity"] not in KINDS:
            return global_id("Kpi", self.ground.organization_id, row["measure_id"])
        kind = _TYPES.get(row["entity"])
        return None if kind is None else global_id(kind, self.ground.organization_id, row["entity_id"])

    @property
    def key(self) -> str | None:
        key: str | None = self.row["key"]
        return key

    @property
    def segment(self) -> str | None:
        segment: str | None = self.row["segment"]
        return segment

    @property
    def period(self) -> str | None:
        period: str | None = self.row["period"]
        return period

    @property
    def revision(self) -> int:
        return int(self.row["sequence"])

    @property
    def recorded_at(self) -> datetime:
        moment: datetime = self.row["recorded_at"]
        return moment

    @property
    def old_exact(self) -> Decimal | None:
        row = self.row
        value: Decimal | None = row["value" if row["operation"] == "DELETE" else "old_value"]
        return value

    @property
    def new_exact(self) -> Decimal | None:
        return None if self.row["operation"] == "DELETE" else self.row["value"]

    @property
    def old_value(self) -> float | None:
        return number(self.old_exact)

    @property
    def new_value(self) -> float | None:
        return number(self.new_exact)

    @property
    def old_text(self) -> str | None:
        row = self.row
        text: str | None = row["text" if row["operation"] == "DELETE" else "old_text"]
        return text

    @property
    def new_text(self) -> str | None:
        return None if self.row["operation"] == "DELETE" else self.row["text"]

    @property
    def absence(self) -> Absence | None:
        absence = self.row["absence"]
        return None if absence is None else Absence(absence)

    @property
    def old_status(self) -> Status | None:
        return self._status("old_status")

    @property
    def new_status(self) -> Status | None:
        return self._status("new_status")

    @property
    def source(self) -> Source | None:
        row = self.row
        if row["sender"] is None:
            return None
        return Source(
            document=row["document"],
            line=row["line"],
            system=system_of(row["sender"]),
            organization_id=self.ground.organization_id,
            batch_id=row["batch_id"],
        )

    @property
    def cursor(self) -> str:
        ground = self.ground
        return str(FeedCursor(ground.epoch, ground.organization_id, position_of(self.row)))

    def _status(self, column: str) -> Status | None:
        status = self.row[column]
        return None if status is None else Status(status)
