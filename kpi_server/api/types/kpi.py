"""A KPI: what it is, where it stands, what documents say of it, and what it touches."""

from typing import Annotated, Final, LiteralString, Self, TypeAlias

import strawberry

from kpi_server.api.arguments import checked, segment_text
from kpi_server.api.execution.obtaining import OBTAINED, Bound, Column, Many, One, Part, Rule
from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.standing import Measure, Standing
from kpi_server.api.types.alert import Alert, AlertRule
from kpi_server.api.types.calculated_kpi import CalculatedKpi, ComputedPeriodArgument, SegmentArgument
from kpi_server.api.types.calculation import Calculation
from kpi_server.api.types.catalog import (
    Category,
    Classification,
    Department,
    KpiRow,
    Owner,
)
from kpi_server.api.types.decision import Decision, Risk, TargetRevision
from kpi_server.api.types.document_view import Annotation, DocumentView, annotations, document_views
from kpi_server.api.types.explanation import Explanation, explanation
from kpi_server.api.types.family import Family, family_named
from kpi_server.api.types.finding import Reconciliation
from kpi_server.api.types.governance import DataSource
from kpi_server.api.types.initiative import ActionItem, Initiative
from kpi_server.api.types.period_value import KpiPlace, calculation_in
from kpi_server.api.types.source import SOURCE_COLUMNS, Source, source_of
from kpi_server.api.types.target import Target, standing_in
from kpi_server.api.types.value import (
    ReportedFigure,
    Trend,
    Unit,
    Value,
    current_value,
    derived_trend,
    number,
    previous_value,
    printed_trend,
    unit_of,
)
from kpi_server.domain.direction import Direction
from kpi_server.domain.selection import ValueBasis
from kpi_server.domain.status import Colour, Status, colour
from kpi_server.domain.target import AttainmentFlag
from kpi_server.store.reads import Record

DocumentArgument: TypeAlias = Annotated[
    str | None, strawberry.argument(description='Only what this document says: its key, such as "003".')
]


IN_SEGMENT: Final = Bound("standing", "segment", segment_text)

_FIGURE: Final = {
    **{name: f"standing.figure.{name}" for name in ("low", "high", "at_least")},
    "figure_id": "standing.figure_id",
    "figure_absence": "standing.figure.absence",
    "figure": "standing.figure",
}
_KEPT: Final = ("text", "period", *SOURCE_COLUMNS, "batch", "paper")
CURRENT: Final = Part(
    {**_FIGURE, **{name: f"standing.{name}" for name in _KEPT}, "exact": "standing.value", "segment": "$standing"},
    bound=IN_SEGMENT,
)
PREVIOUS: Final = Part(
    {
        **{name: path.replace("figure", "previous_figure", 1) for name, path in _FIGURE.items()},
        **{name: f"standing.previous_{name}" for name in _KEPT},
        "exact": "standing.previous_value",
        "segment": "$standing",
    },
    present=("figure_id", "exact"),
    bound=IN_SEGMENT,
)
TARGET: Final = One(
    "standing.target",
    {"id": "standing.target_id", "bound": "standing.target_value", "text": "standing.target_text"},
    IN_SEGMENT,
)


_COLOURS: Final = {status.value: colour(status) for status in Status}


def colour_of(status: str) -> Colour:
    """The light of a status by its name."""
    return _COLOURS[status]


def _notes_of(kind: LiteralString) -> Many:
    return Many("kpi_notes", "kpi_id", ("kind", kind))


@strawberry.type(description="A line about a KPI.")
class KpiNote:
    label: str | None = strawberry.field(description="What it is called.")
    text: str = strawberry.field(description="The words as printed.")
    points: int | None = strawberry.field(description="Its weight, where printed.")
    source: Source = strawberry.field(description="Where it is printed.", metadata={OBTAINED: Part()})


@strawberry.type(description="A metric that an organization manages.")
class Kpi(CalculatedKpi):
    key: str = strawberry.field(description='Its key: "financial.arr".')
    name: str = strawberry.field(description="Its name in the organization.")
    north_star: bool = strawberry.field(description="Whether it is the one that counts most.")
    board: strawberry.Private[Record]
    measure: strawberry.Private[Measure]

    @classmethod
    def of(cls, record: Record) -> Self:
        """Of a row of `kpis`, with the standing, figures, target and owner read with it."""
        row = record["kpi"]
        return cls(
            record=row,
            board=record,
            measure=Measure.of(row),
            key=row["key"],
            name=row["name"],
            north_star=row["north_star"],
        )

    @computed("Every other name by which it is found: the organization's, then its family's.")
    async def aliases(self, info: Info) -> list[str]:
        rows = await info.context.loaders.children("kpi_aliases", "kpi_id").load(self.row_key)
        metric = info.context.registry.metric(self.key)
        known = [row["name"] for row in rows] + ([] if metric is None else [metric.name, *metric.aliases])
        return [name for name in dict.fromkeys(known) if name != self.name]

    @computed("The family that defines it.")
    def family(self, info: Info) -> Family:
        return family_named(info.context.registry, self.record["family"])

    @computed("What its numbers are in.", obtained=Rule(unit_of, ("unit",)))
    def unit(self) -> Unit:
        return Unit.shown(self.measure.unit)

    @computed(
        "Whether its current value is the reported or recorded one, or the computed one: its organization decides.",
        obtained=Column("basis"),
    )
    def basis(self) -> ValueBasis:
        return ValueBasis(self.record["basis"] or ValueBasis.REPORTED)

    @computed("Which way is better.", obtained=Column("direction"))
    def direction(self) -> Direction:
        return self.measure.direction

    @computed("What it is: in a document's words, else in its family's.")
    def definition(self, info: Info) -> str | None:
        metric = info.context.registry.metric(self.key)
        definition: str | None = self.record["definition"]
        return definition or (None if metric is None else metric.description)

    @computed("How it is calculated, as printed first.")
    async def formula(self, info: Info) -> str | None:
        return next((note.text for note in await self._notes(info, "FORMULA")), None)

    @computed("How it is calculated, in every document's words.", obtained=_notes_of("FORMULA"))
    async def formulas(self, info: Info) -> list[KpiNote]:
        return await self._notes(info, "FORMULA")

    @computed("What it is, in every document's words.", obtained=_notes_of("DEFINITION"))
    async def definitions(self, info: Info) -> list[KpiNote]:
        return await self._notes(info, "DEFINITION")

    @computed("The parts it is made of.", obtained=_notes_of("COMPONENT"))
    async def components(self, info: Info) -> list[KpiNote]:
        return await self._notes(info, "COMPONENT")

    @computed("What it is used for.", obtained=_notes_of("USAGE"))
    async def usages(self, info: Info) -> list[KpiNote]:
        return await self._notes(info, "USAGE")

    @computed("What others reach.", obtained=_notes_of("BENCHMARK"))
    async def benchmarks(self, info: Info) -> list[KpiNote]:
        return await self._notes(info, "BENCHMARK")

    @computed("Why it is measured, or aimed at as it is.", obtained=_notes_of("RATIONALE"))
    async def rationales(self, info: Info) -> list[KpiNote]:
        return await self._notes(info, "RATIONALE")

    @computed("How confidential it is.", obtained=One("classification"))
    def classification(self) -> Classification | None:
        row = self.board["classification"]
        return None if row is None else Classification.of(row)

    @computed("Who owns it now; the rows say who owned it in each document.", obtained=One("owner"))
    def owner(self) -> Owner | None:
        row = self.board["owner"]
        return None if row is None else Owner.of(row)

    @computed("The department it belongs to.", obtained=One("department"))
    def department(self) -> Department | None:
        row = self.board["department"]
        return None if row is None else Department.of(row)

    @computed("The group it belongs to.", obtained=One("category"))
    def category(self) -> Category | None:
        row = self.board["category"]
        return None if row is None else Category.of(row)

    @computed("The rows in which documents list it.", obtained=Many("kpi_rows", "kpi_id"))
    async def rows(self, info: Info) -> list[KpiRow]:
        rows = await info.context.loaders.children("kpi_rows", "kpi_id").load(self.row_key)
        return [KpiRow.of(row) for row in rows]

    @computed("The value that counts now: the latest that is reported or recorded.", obtained=CURRENT)
    async def current(self, info: Info, segment: SegmentArgument = None) -> Value:
        return current_value(await self._standing(info, segment), self.measure)

    @computed("The value that counted before; null where there is none.", obtained=PREVIOUS)
    async def previous(self, info: Info, segment: SegmentArgument = None) -> Value | None:
        return previous_value(await self._standing(info, segment), self.measure)

    @computed("How it moves: as printed beside the current figure, else derived from two values.")
    async def trend(self, info: Info, segment: SegmentArgument = None) -> Trend | None:
        standing = await self._standing(info, segment)
        printed = None if standing.figure is None else printed_trend(standing.figure, self.measure)
        return printed or derived_trend(standing.column("value"), standing.column("previous_value"), self.measure)

    @computed("The target that judges the current value; null where none is active.", obtained=TARGET)
    async def target(self, info: Info, segment: SegmentArgument = None) -> Target | None:
        standing = await self._standing(info, segment)
        return None if standing.target is None else Target.of(standing.target)

    @computed("All its targets: every segment, window and document.", obtained=Many("targets", "kpi_id"))
    async def targets(self, info: Info) -> list[Target]:
        rows = await info.context.loaders.children("targets", "kpi_id").load(self.row_key)
        return [Target.of(row) for row in rows]

    @computed(
        "What the current value is worth against the target, on the organization's own day.",
        obtained=Column("standing.status_today", IN_SEGMENT),
    )
    async def status(self, info: Info, segment: SegmentArgument = None) -> Status:
        return (await self._standing(info, segment)).status

    @computed("The light of that status.", obtained=Rule(colour_of, ("standing.status_today",), IN_SEGMENT))
    async def colour(self, info: Info, segment: SegmentArgument = None) -> Colour:
        return colour((await self._standing(info, segment)).status)

    @computed(
        "How far the target is attained, 1 = 100 %, uncapped; "
        "on the bound of a strict target it is 1 and not yet reached.",
        obtained=Column("standing.attainment", IN_SEGMENT),
    )
    async def attainment(self, info: Info, segment: SegmentArgument = None) -> float | None:
        return number((await self._standing(info, segment)).column("attainment"))

    @computed("Why the attainment is no plain ratio.", obtained=Column("standing.attainment_flag", IN_SEGMENT))
    async def attainment_flag(self, info: Info, segment: SegmentArgument = None) -> AttainmentFlag | None:
        flag: AttainmentFlag | None = (await self._standing(info, segment)).column("attainment_flag")
        return flag

    @computed(
        'The value divided by the target, as documents print it ("73 % of target").',
        obtained=Column("standing.share_of_target", IN_SEGMENT),
    )
    async def share_of_target(self, info: Info, segment: SegmentArgument = None) -> float | None:
        return number((await self._standing(info, segment)).column("share_of_target"))

    @computed("What documents and people state, word for word.", obtained=Many("reported_figures", "kpi_id"))
    async def reported(
        self, info: Info, document: DocumentArgument = None, segment: SegmentArgument = None
    ) -> list[ReportedFigure]:
        rows = await info.context.loaders.children("reported_figures", "kpi_id").load(self.row_key)
        wanted_document = None if document is None else checked(document, "document")
        wanted_segment = None if segment is None else segment_text(segment)
        return [
            ReportedFigure.of(row)
            for row in rows
            if wanted_document in (None, row["document"]) and wanted_segment in (None, row["segment"])
        ]

    @computed("What each document says of it, the oldest document first, and the change from one to the next.")
    async def documents(self, info: Info, segment: SegmentArgument = None) -> list[DocumentView]:
        return await document_views(info, self.row_key, self.measure, segment=segment_text(segment))

    @computed(
        "Why it stands where it stands: the figure, the target and the rule, with their lines; and how its value is "
        "computed in a period, down to the observations."
    )
    async def explain(
        self, info: Info, period: ComputedPeriodArgument = None, segment: SegmentArgument = None
    ) -> Explanation:
        standing = await self._standing(info, segment)

        async def made() -> Calculation | None:
            text = period or standing.column("period")
            if text is None or self.key not in info.context.registry.calculators:
                return None
            place = KpiPlace.of(await self.place(info))
            return await calculation_in(info.context, place, text, standing.segment)

        return await explanation(info, self.row_key, standing, self.measure, made)

    @computed("What documents note about it, the oldest document first.")
    async def annotations(self, info: Info) -> list[Annotation]:
        return await annotations(info, self.row_key)

    @computed("How its targets were changed, and why.", obtained=Many("target_revisions", "kpi_id"))
    async def target_revisions(self, info: Info) -> list[TargetRevision]:
        rows = await info.context.loaders.children("target_revisions", "kpi_id").load(self.row_key)
        return [TargetRevision.of(row) for row in rows]

    @computed(
        "How what is reported compares with its formula: document by document on the inputs printed there, then, of "
        "each period and segment, on recorded measures."
    )
    async def reconciliation(self, info: Info) -> list[Reconciliation]:
        comparisons = await info.context.loaders.reconciliations.load(self.organization_id)
        return [Reconciliation.shown(found, self.organization_id) for found in comparisons if found.kpi == self.key]

    @computed("The initiatives with a key result measured by it.")
    async def initiatives(self, info: Info) -> list[Initiative]:
        return [Initiative.of(row) for row in await info.context.loaders.initiatives_of_kpis.load(self.row_key)]

    @computed("The risks that endanger it.")
    async def risks(self, info: Info) -> list[Risk]:
        return [Risk.assessed(row) for row in await info.context.loaders.risks_of_kpis.load(self.row_key)]

    @computed("The decisions about it.")
    async def decisions(self, info: Info) -> list[Decision]:
        return [Decision.of(row) for row in await info.context.loaders.decisions_of_kpis.load(self.row_key)]

    @computed("What is to be done about it.", obtained=Many("action_items", "kpi_id"))
    async def action_items(self, info: Info) -> list[ActionItem]:
        rows = await info.context.loaders.children("action_items", "kpi_id").load(self.row_key)
        return [ActionItem.of(row) for row in rows]

    @computed("The alerts about it that stand open in documents.", obtained=Many("alerts", "kpi_id"))
    async def alerts(self, info: Info) -> list[Alert]:
        rows = await info.context.loaders.children("alerts", "kpi_id").load(self.row_key)
        return [Alert.of(row) for row in rows]

    @computed("The rules that watch it.", obtained=Many("alert_rules", "kpi_id"))
    async def alert_rules(self, info: Info) -> list[AlertRule]:
        rows = await info.context.loaders.children("alert_rules", "kpi_id").load(self.row_key)
        return [AlertRule.of(row) for row in rows]

    @computed("The systems that its figures come from.")
    async def data_sources(self, info: Info) -> list[DataSource]:
        links = await info.context.loaders.children("data_source_kpis", "kpi_id").load(self.row_key)
        keys = [(self.organization_id, link["data_source_id"]) for link in links]
        rows = await info.context.loaders.row("data_sources").load_many(keys)
        return [DataSource.of(row) for row in rows if row is not None]

    @computed("Where it is printed first.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _standing(self, info: Info, segment: str | None) -> Standing:
        wanted = segment_text(segment)
        read = self.board["standing"]
        if wanted == ("" if read is None else read["segment"]):
            return Standing.of(self.board, segment=wanted)
        return await standing_in(info, self.organization_id, self.record["id"], segment=wanted)

    async def _notes(self, info: Info, kind: str) -> list[KpiNote]:
        rows = await info.context.loaders.children("kpi_notes", "kpi_id").load(self.row_key)
        return [
            KpiNote(label=row["label"], text=row["text"], points=row["points"], source=source_of(row))
            for row in rows
            if row["kind"] == kind
        ]
