"""Alerts: the classes they fall in, the rules that raise them, and those that stand open in documents."""

import json
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.execution.obtaining import Many, One, Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.standing import Measure
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.target import Target
from kpi_server.api.types.value import ReportedFigure, formatted
from kpi_server.domain.selection import Placement
from kpi_server.domain.status import Colour
from kpi_server.domain.target import Operator
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.store.reads import Record


class Severity(StrEnum):
    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    WARNING = "WARNING"
    INFO = "INFO"


class Transform(StrEnum):
    VALUE = "VALUE"
    CHANGE = "CHANGE"
    SHARE_OF_TARGET = "SHARE_OF_TARGET"
    TREND = "TREND"
    MILESTONE = "MILESTONE"
    EVENT = "EVENT"


describe(
    Severity,
    "How grave an alert is, in the words of the documents: some have four levels, others three.",
    {
        "CRITICAL": "Critical: at once.",
        "HIGH": "High.",
        "MEDIUM": "Medium.",
        "LOW": "Low.",
        "WARNING": "A warning.",
        "INFO": "For information.",
    },
)
describe(
    Transform,
    "What an alert rule compares with its threshold.",
    {
        "VALUE": "The KPI's value.",
        "CHANGE": "How much the value changed.",
        "SHARE_OF_TARGET": "The value divided by the KPI's target.",
        "TREND": "The way the value moves.",
        "MILESTONE": "Each multiple of the threshold that is newly reached.",
        "EVENT": "Nothing: something happened.",
    },
)


@strawberry.type(description="A class of alerts and how soon one must answer.")
class AlertClass(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name as printed.")
    severity: Severity | None = strawberry.field(description="How grave its alerts are.")
    colour: Colour | None = strawberry.field(description="Its light.")
    response: str | None = strawberry.field(description='How soon one must answer, as printed: "24 hours".')
    respond_within_hours: int | None = strawberry.field(
        description="How soon one must answer at the latest, in hours; 0 is at once."
    )

    @computed("The rules that raise its alerts.", obtained=Many("alert_rules", "alert_class_id"))
    async def rules(self, info: Info) -> list["AlertRule"]:
        rows = await info.context.loaders.children("alert_rules", "alert_class_id").load(self.row_key)
        return [AlertRule.of(row) for row in rows]

    @computed("Its alerts that stand open in documents.", obtained=Many("alerts", "alert_class_id"))
    async def alerts(self, info: Info) -> list["Alert"]:
        rows = await info.context.loaders.children("alerts", "alert_class_id").load(self.row_key)
        return [Alert.of(row) for row in rows]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="When an alert is to be raised.")
class AlertRule(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    condition: str = strawberry.field(description='The condition as printed: "monthly_churn_rate > 4%".')
    operator: Operator | None = strawberry.field(description="How the threshold is compared.")
    threshold_text: str | None = strawberry.field(description="The threshold as printed.")
    threshold: Decimal | None = strawberry.field(description="The threshold, exactly; shares are fractions.")
    transform: Transform = strawberry.field(description="What is compared.")
    window: str | None = strawberry.field(description='Over which time, as printed: "2 consecutive days".')
    current_text: str | None = strawberry.field(description="The value printed beside the rule.")

    @computed('The threshold for reading: "4 %".')
    async def threshold_formatted(self, info: Info) -> str | None:
        return formatted(self.threshold, None, None, await self._threshold_unit(info))

    @computed("How grave its alerts are: as printed, else by its class.")
    async def severity(self, info: Info) -> Severity | None:
        return await _severity(info, self)

    @computed("The class of its alerts.", obtained=One("alert_class"))
    async def alert_class(self, info: Info) -> AlertClass | None:
        return await _class(info, self)

    @computed("Who is told, as printed.")
    def recipients(self) -> list[str]:
        return _texts(self.record["recipients"])

    @computed("What is to be done then, as printed.")
    def actions(self) -> list[str]:
        return _texts(self.record["actions"])

    @computed("The KPI it watches; null for an event, or for something that is no KPI here.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("The figure printed beside the rule.")
    async def figure(self, info: Info) -> ReportedFigure | None:
        rows = await _beside(info, self, Placement.SIGNAL)
        return next((ReportedFigure.of(row) for row in rows), None)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _threshold_unit(self, info: Info) -> Unit:
        """Shares and changes are fractions; a value is in the KPI's unit."""
        kpi_id = self.record["kpi_id"]
        if kpi_id is None or self.transform in {Transform.SHARE_OF_TARGET, Transform.CHANGE}:
            return Unit(UnitKind.RATIO)
        kpi = await info.context.loaders.kpis.load((self.organization_id, kpi_id))
        return Unit(UnitKind.RATIO) if kpi is None else Measure.of(kpi["kpi"]).unit


@strawberry.type(description="An alert that a document shows as open.")
class Alert(Node):
    name: str = strawberry.field(description="What it is about, as printed.")
    text: str = strawberry.field(description="The words as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")
    current_text: str | None = strawberry.field(description="The current figure as printed.")
    target_text: str | None = strawberry.field(description="The target as printed.")
    advice: str | None = strawberry.field(description="What the document says is to be done.")

    @computed("How grave it is: as printed, else by its class.")
    async def severity(self, info: Info) -> Severity | None:
        return await _severity(info, self)

    @computed("The class under which it stands.", obtained=One("alert_class"))
    async def alert_class(self, info: Info) -> AlertClass | None:
        return await _class(info, self)

    @computed("The KPI it is about.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("The figure printed in it.")
    async def figure(self, info: Info) -> ReportedFigure | None:
        rows = await _beside(info, self, Placement.ALERT)
        return next((ReportedFigure.of(row) for row in rows), None)

    @computed("The target printed in it.")
    async def target(self, info: Info) -> Target | None:
        key = self.parent_key("kpi_id")
        rows = [] if key is None else await info.context.loaders.children("targets", "kpi_id").load(key)
        return next((Target.of(row) for row in _on_line(self, rows, Placement.ALERT)), None)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="How many alerts stand open.")
class AlertCounts:
    total: int = strawberry.field(description="All together.")
    critical: int = strawberry.field(description="Critical ones.")
    high: int = strawberry.field(description="High ones.")
    medium: int = strawberry.field(description="Medium ones.")
    low: int = strawberry.field(description="Low ones.")
    warning: int = strawberry.field(description="Warnings.")
    info: int = strawberry.field(description="Those for information.")
    unclassified: int = strawberry.field(description="Those without a severity: good news.")


SEVERITY: Final = columns.choice(
    "severity",
    Severity,
    sql=(
        "coalesce(entry.severity, (select class.severity from alert_classes as class"
        " where class.organization_id = entry.organization_id and class.id = entry.alert_class_id))"
    ),
    nullable=True,
)
CLASS: Final = columns.key_of("alert_class", "alert_classes", "The class it falls in, by key.", nullable=True)

ALERT_CLASSES: Final = row_kind(
    AlertClass,
    "alert_classes",
    columns.own_key(),
    columns.text("name"),
    columns.choice("severity", Severity, nullable=True),
    columns.choice("colour", Colour, nullable=True),
    columns.prose("response", nullable=True),
    columns.integer("respond_within_hours", nullable=True),
    DOCUMENT,
)
ALERT_RULES: Final = row_kind(
    AlertRule,
    "alert_rules",
    columns.own_key(),
    columns.text("name"),
    columns.prose("condition"),
    columns.choice("operator", Operator, nullable=True),
    columns.prose("threshold_text", nullable=True),
    columns.decimal("threshold"),
    columns.choice("transform", Transform),
    columns.prose("window", nullable=True),
    SEVERITY,
    columns.texts("recipients"),
    columns.texts("actions"),
    columns.prose("current_text", nullable=True),
    columns.key_of("kpi", "kpis", "The KPI it watches, by key.", nullable=True),
    CLASS,
    DOCUMENT,
)
ALERTS: Final = row_kind(
    Alert,
    "alerts",
    columns.text("name"),
    columns.prose("text"),
    SEVERITY,
    columns.choice("colour", Colour, nullable=True),
    columns.prose("current_text", nullable=True),
    columns.prose("target_text", nullable=True),
    columns.prose("advice", nullable=True),
    columns.key_of("kpi", "kpis", "The KPI it is about, by key.", nullable=True),
    CLASS,
    DOCUMENT,
)


@strawberry.type(description="What an organization is alerted to.")
class AlertLists(Node):
    """The part of an organization that is about alerts."""

    alert_classes = connection_field(ALERT_CLASSES, "The classes of its alerts.")
    alert_rules = connection_field(ALERT_RULES, "When alerts are to be raised.")
    alerts = connection_field(ALERTS, "The alerts that stand open in its documents.")

    @computed("How many alerts stand open in its documents, by severity.")
    async def alert_counts(
        self,
        info: Info,
        document: Annotated[
            str | None, strawberry.argument(description='Only those in this document: its key, such as "002".')
        ] = None,
    ) -> AlertCounts:
        wanted = None if document is None else checked(document, "document")
        rows = await info.context.loaders.alert_counts.load(self.organization_id)
        return _counts(row for row in rows if wanted in (None, row["document"]))


def _counts(rows: Iterable[Record]) -> AlertCounts:
    counted = dict.fromkeys([*Severity, None], 0)
    for row in rows:
        severity = row["severity"]
        counted[None if severity is None else Severity(severity)] += row["count"]
    return AlertCounts(
        total=sum(counted.values()),
        critical=counted[Severity.CRITICAL],
        high=counted[Severity.HIGH],
        medium=counted[Severity.MEDIUM],
        low=counted[Severity.LOW],
        warning=counted[Severity.WARNING],
        info=counted[Severity.INFO],
        unclassified=counted[None],
    )


async def _class(info: Info, node: Node) -> AlertClass | None:
    key = node.parent_key("alert_class_id")
    row = None if key is None else await info.context.loaders.row("alert_classes").load(key)
    return None if row is None else AlertClass.of(row)


async def _severity(info: Info, node: Node) -> Severity | None:
    printed = node.record["severity"]
    if printed is not None:
        return Severity(printed)
    of_class = await _class(info, node)
    return None if of_class is None or of_class.severity is None else Severity(of_class.severity)


async def _beside(info: Info, node: Node, placement: Placement) -> list[Record]:
    """The figures of the node's KPI that stand in the node's own line."""
    key = node.parent_key("kpi_id")
    rows = [] if key is None else await info.context.loaders.children("reported_figures", "kpi_id").load(key)
    return _on_line(node, rows, placement)


def _on_line(node: Node, rows: Iterable[Record], placement: Placement) -> list[Record]:
    own = (node.record["document"], node.record["line"], placement)
    return [row for row in rows if (row["document"], row["line"], row["placement"]) == own]


def _texts(stored: str) -> list[str]:
    """A list of texts as the driver hands it over."""
    texts: list[str] = json.loads(stored)
    return texts
